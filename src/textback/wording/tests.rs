//! What a text must hold.

use super::{Encoding, MAX_CHARS, says_stop, text_back};
use proptest::prelude::*;

#[test]
fn leaves_a_good_line_alone() {
    let line = "Hi Dana, this is Harbor Plumbing. We got your message. Reply STOP to opt out.";
    let text = text_back(line, "Harbor Plumbing");
    assert_eq!((text.body.as_str(), text.encoding, text.segments), (line, Encoding::Gsm7, 1));
}

#[test]
fn adds_what_a_line_lacks() {
    let text = text_back("We missed you,\n please  stop by.", "Harbor Plumbing");
    assert_eq!(text.body, "Harbor Plumbing: We missed you, please stop by. Reply STOP to opt out.");
    let text = text_back("", "Harbor Plumbing");
    assert_eq!(text.body, "Harbor Plumbing missed your call. Reply STOP to opt out.");
}

#[test]
fn counts_segments_as_carriers_bill_them() {
    let gsm = |n: usize| text_back(&format!("Co STOP {}", "a".repeat(n - 8)), "Co");
    let ucs = |n: usize| text_back(&format!("Co STOP 你{}", "a".repeat(n - 9)), "Co");
    for (n, segments) in [(160, 1), (161, 2), (306, 2), (307, 3)] {
        assert_eq!((gsm(n).encoding, gsm(n).segments), (Encoding::Gsm7, segments), "{n}");
    }
    for (n, segments) in [(70, 1), (71, 2), (134, 2), (135, 3)] {
        assert_eq!((ucs(n).encoding, ucs(n).segments), (Encoding::Ucs2, segments), "{n}");
    }
    let euros = text_back(&format!("Co STOP {}", "€".repeat(77)), "Co");
    assert_eq!((euros.encoding, euros.segments), (Encoding::Gsm7, 2), "two septets each");
}

#[test]
fn typographic_marks_do_not_cost_a_segment() {
    let text = text_back("Harbor Plumbing — we’ll call “soon”… STOP ends this", "Harbor Plumbing");
    assert_eq!(text.body, "Harbor Plumbing - we'll call \"soon\"... STOP ends this");
    assert_eq!(text.encoding, Encoding::Gsm7);
}

#[test]
fn cuts_at_a_word_and_keeps_the_way_out() {
    let text = text_back(&format!("Co: {}STOP", "a leak under the sink ".repeat(100)), "Co");
    assert!(text.body.chars().count() <= MAX_CHARS);
    assert!(text.body.ends_with("... Reply STOP to opt out."), "{}", text.body);
}

#[test]
fn a_name_that_is_cut_off_is_put_first() {
    let text = text_back(&format!("{}at Ann Co", "a leak under the sink ".repeat(100)), "Ann Co");
    assert!(text.body.starts_with("Ann Co: a leak"), "{}", text.body);
}

#[test]
fn debug_output_hides_the_words() {
    assert!(!format!("{:?}", text_back("Hi Dana", "Co")).contains("Dana"));
}

proptest! {
    #[test]
    fn every_text_may_be_sent(line in "(?s).{0,2000}", business in "[A-Za-z ]{1,200}") {
        let text = text_back(&line, &business);
        prop_assert!(text.body.chars().count() <= MAX_CHARS);
        prop_assert!(says_stop(&text.body));
        prop_assert!(text.segments >= 1);
        let named: String = business.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
        prop_assert!(text.body.to_lowercase().contains(&named.to_lowercase()));
    }
}
