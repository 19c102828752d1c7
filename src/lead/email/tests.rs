//! Addresses said, spelled and written.

use super::email_from;
use crate::lead::tests::{table, texts};
use proptest::prelude::*;

#[test]
fn addresses_come_in_many_forms() {
    texts(
        &[
            ("mark dot ellis at example dot com", Some("mark.ellis@example.com")),
            ("Yes, please send the estimate to Mark.Ellis at Example.com.", Some("mark.ellis@example.com")),
            ("mark.ellis@example.com", Some("mark.ellis@example.com")),
            ("It's mark.ellis @ example.com, thanks.", Some("mark.ellis@example.com")),
            ("j underscore smith 22 at gmail dot com", Some("j_smith22@gmail.com")),
            ("J underscore Smith twenty-two at gmail.com", Some("j_smith22@gmail.com")),
            ("my email is s m i t h at example dot com", Some("smith@example.com")),
            ("S-M-I-T-H at gmail.com", Some("smith@gmail.com")),
            ("S, M, I, T, H, at example.org", Some("smith@example.org")),
            ("mark dot ellis, that's E L L I S, at example dot com", Some("mark.ellis@example.com")),
            ("Mark dot Ellis, E-L-L-Y-S, at example dot com", Some("mark.ellys@example.com")),
            ("anna hyphen maria at sign example dot co dot uk", Some("anna-maria@example.co.uk")),
            ("anna-maria at example.co.uk", Some("anna-maria@example.co.uk")),
            ("dana dash w at example dot net, all lowercase", Some("dana-w@example.net")),
            ("dana whitfield, all one word, at yahoo dot com", Some("danawhitfield@yahoo.com")),
            ("my e-mail is dana whitfield at yahoo.com", Some("danawhitfield@yahoo.com")),
            ("you can email info at harbor plumbing dot com", Some("info@harborplumbing.com")),
            ("email me at tom dot reed at example dot com", Some("tom.reed@example.com")),
            ("j.r.smith at example.com", Some("j.r.smith@example.com")),
            ("ben nineteen eighty five at hotmail dot com", Some("ben1985@hotmail.com")),
            ("kelly plus home at gmail dotcom", Some("kelly+home@gmail.com")),
            ("l double e at aol dot com", Some("lee@aol.com")),
            ("um, it's, uh, pat at, um, example dot com, my email", Some("pat@example.com")),
            ("no, not mark at example.com, marc at example.com is my email", Some("marc@example.com")),
            ("m as in mary, o, e at icloud dot com", Some("moe@icloud.com")),
            ("r, o, s, a, 7, 7, at g mail dot com", Some("rosa77@gmail.com")),
        ],
        |said| email_from(said, false),
    );
}

#[test]
fn other_talk_is_no_address() {
    table(
        &[
            "",
            "I live at 12 Main St. and the sink leaks",
            "Come at 9 a.m. tomorrow",
            "I found you at example dot com",
            "we met at the store",
            "my email is mark dot ellis at gmail",
            "send it to mark at",
            "at example dot com",
            "I'll be at home. Call me.",
            "I was at work dot dot dot",
            "look at example dot com",
            "at 3.30 please",
        ]
        .map(|said| (said, None)),
        |said| email_from(said, false),
    );
}

#[test]
fn a_bare_word_is_a_mailbox_where_one_was_asked_for() {
    assert_eq!(email_from("pat at example dot com", true).as_deref(), Some("pat@example.com"));
    assert_eq!(email_from("pat at example dot com", false), None);
}

proptest! {
    #[test]
    fn no_text_makes_it_fail_and_what_is_found_is_well_formed(said in "[a-z0-9@._ -]{0,40}|\\PC{0,40}") {
        if let Some(found) = email_from(&said, true) {
            let (mailbox, domain) = found.split_once('@').expect("an at");
            prop_assert!(!mailbox.is_empty() && domain.contains('.') && !found.contains(' '), "{}", found);
        }
    }

    #[test]
    fn what_is_read_back_in_words_is_understood(
        mailbox in "[b-hj-z][a-z]{2,7}([._-][b-hj-z][a-z]{2,6})?[0-9]{0,3}", domain in "[b-hj-z][a-z]{3,8}", top in "com|net|org|co\\.uk"
    ) {
        let address = format!("{mailbox}@{domain}.{top}");
        let spoken = crate::lead::speak_email(&address);
        prop_assert_eq!(email_from(&spoken, true), Some(address), "{}", spoken);
    }
}
