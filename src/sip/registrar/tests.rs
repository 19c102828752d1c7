//! Bindings and the gate in virtual time.

use super::bindings::{Bindings, Origin, Unfulfilled, Wish};
use super::gate::{Accounts, Gate, MAX_FAILURES, Request, Verdict};
use crate::pii::Pii;
use crate::sip::digest::{DigestAlgorithm, Fields, Proof};
use crate::sip::event::Transport;
use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
fn start() -> Instant {
    Instant::now()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// One REGISTER over `transport`, and what is known after it.
fn step(
    bindings: &mut Bindings,
    now: Instant,
    (call_id, cseq, transport): (&str, u32, Transport),
    contacts: &[&str],
    expires: Option<&str>,
) -> Result<String, Unfulfilled> {
    let flow = "127.0.0.1:5062".parse().expect("an address");
    let origin = Origin { user: "ann", call_id, cseq, flow, transport };
    bindings.fulfil(now, origin, Wish::read(contacts, expires)?)?;
    Ok(known(bindings, now))
}

fn known(bindings: &Bindings, now: Instant) -> String {
    let contacts = bindings.contacts(now, "ann");
    let all: Vec<String> = contacts.iter().map(|it| format!("{} {}", it.uri, it.expires_in.as_secs())).collect();
    all.join(", ")
}

#[test]
fn contacts_come_are_refreshed_and_go() {
    let udp = Transport::Udp;
    let (mut bindings, start) = (Bindings::default(), start());
    for (at, origin, contacts, expires, expected) in [
        (0, ("x", 1, udp), &["<sip:a@h>"][..], None, Ok("sip:a@h 3600")),
        (
            10,
            ("y", 1, udp),
            &["\"B, <b\" <sip:b@h;ob>;+sip.instance=\"<urn:y>\";expires=60"],
            Some("900"),
            Ok("sip:b@h;ob 60, sip:a@h 3590"),
        ),
        (
            20,
            ("x", 2, udp),
            &["sip:a@h;+sip.instance=\"<urn:x>\";expires=\"100\""],
            None,
            Ok("sip:a@h 100, sip:b@h;ob 50"),
        ),
        (20, ("x", 2, udp), &["<sip:a@h>"], None, Err(Unfulfilled::OutOfOrder)),
        (20, ("x", 3, udp), &["<sip:a@h>;expires=59"], None, Err(Unfulfilled::TooBrief)),
        (20, ("x", 3, udp), &["<sip:c@h>, <sip:a@h>"], Some("59"), Err(Unfulfilled::TooBrief)),
        (20, ("x", 3, udp), &["*"], Some("60"), Err(Unfulfilled::Malformed)),
        (20, ("x", 3, udp), &["*", "<sip:a@h>"], Some("0"), Err(Unfulfilled::Malformed)),
        (20, ("x", 3, udp), &["<tel:+15550123>"], None, Err(Unfulfilled::Malformed)),
        (20, ("x", 3, udp), &["<sip:a@h"], None, Err(Unfulfilled::Malformed)),
        (20, ("x", 3, udp), &["<sip:>"], None, Err(Unfulfilled::Malformed)),
        (20, ("z", 1, udp), &[], None, Ok("sip:a@h 100, sip:b@h;ob 50")),
        (70, ("z", 2, udp), &[], None, Ok("sip:a@h 50")),
        (
            70,
            ("z", 3, udp),
            &["<sip:d@h>,<sip:e@h>;expires=99999"],
            Some("soon"),
            Ok("sip:e@h 3600, sip:d@h 3600, sip:a@h 50"),
        ),
        (80, ("x", 3, udp), &["<sip:a@h>"], Some("0"), Ok("sip:e@h 3590, sip:d@h 3590")),
        (80, ("w", 1, Transport::Tcp), &["<sip:f@h>"], None, Ok("sip:f@h 240, sip:e@h 3590, sip:d@h 3590")),
        (90, ("v", 1, udp), &["*"], Some("0"), Ok("")),
    ] {
        let given = step(&mut bindings, start + seconds(at), origin, contacts, expires);
        assert_eq!(given.as_deref().map_err(|it| *it), expected, "{at} s: {contacts:?}");
    }
}

#[test]
fn a_closed_stream_takes_its_contacts_along() {
    let (mut bindings, now) = (Bindings::default(), start());
    step(&mut bindings, now, ("x", 1, Transport::Tcp), &["<sip:a@h>"], None).expect("registered");
    step(&mut bindings, now, ("y", 1, Transport::Udp), &["<sip:b@h>"], None).expect("registered");
    let flow = "127.0.0.1:5062".parse().expect("an address");
    assert!(bindings.knows(now, flow, Transport::Tcp) && bindings.knows(now, flow, Transport::Udp));
    bindings.forget_stream(flow);
    assert_eq!(known(&bindings, now), "sip:b@h 3600");
    assert!(!bindings.knows(now, flow, Transport::Tcp) && bindings.knows(now, flow, Transport::Udp));
    assert!(!bindings.knows(now + seconds(3600), flow, Transport::Udp));
}

#[test]
fn a_user_has_so_many_phones() {
    let (mut bindings, now) = (Bindings::default(), start());
    for count in 1..=11 {
        let contact = format!("<sip:a@10.0.0.{count}>");
        let given = step(&mut bindings, now, (&contact, 1, Transport::Udp), &[&contact], None);
        assert_eq!(given.err(), (count > 10).then_some(Unfulfilled::TooMany), "{count}");
    }
    assert_eq!(bindings.contacts(now, "ann").len(), 10);
}

/// A phone, as far as the gate sees it.
struct Phone<'a> {
    source: &'a str,
    user: &'a str,
    password: &'a str,
    algorithm: DigestAlgorithm,
}

const ANN: Phone<'_> = Phone { source: "192.0.2.1", user: "ann", password: "s3cret", algorithm: DigestAlgorithm::Md5 };

impl Phone<'_> {
    fn ask(&self, gate: &mut Gate, now: Instant, authorization: Option<&str>) -> Verdict {
        let source = self.source.parse().expect("an address");
        gate.judge(now, Request { source, user: self.user, method: "REGISTER", authorization })
    }

    /// The nonce of a challenge, and whether it came for the one before being stale.
    fn challenged(&self, gate: &mut Gate, now: Instant, authorization: Option<&str>) -> (String, bool) {
        let Verdict::Challenged(challenges) = self.ask(gate, now, authorization) else { panic!("no challenge") };
        let fields = Fields::parse(&challenges[0]).expect("a challenge");
        let named = (fields.get("realm"), fields.get("qop"), fields.get("algorithm"));
        assert_eq!(named, (Some("Backstop"), Some("auth"), Some("MD5")));
        (fields.get("nonce").expect("a nonce").to_owned(), fields.get("stale") == Some("true"))
    }

    fn proof(&self, nonce: &str, nonce_count: &str) -> String {
        let uri = "sip:h;transport=udp";
        let proof = Proof {
            user: self.user,
            realm: "Backstop",
            nonce,
            nonce_count,
            client_nonce: "c",
            method: "REGISTER",
            uri,
        };
        let response = proof.response(self.algorithm, self.password);
        format!(
            "Digest username=\"{}\",realm=\"Backstop\",nonce=\"{nonce}\",uri=\"{uri}\",response=\"{response}\",\
             algorithm={},qop=auth,nc={nonce_count},cnonce=\"c\"",
            self.user,
            self.algorithm.name()
        )
    }
}

fn accounts() -> Accounts {
    Accounts::new([("ann".to_owned(), Pii::new("s3cret".to_owned())), ("bob".to_owned(), Pii::new(String::new()))])
}

#[test]
fn a_nonce_is_good_for_five_minutes_and_counts_up() {
    let (mut gate, start) = (Gate::new(accounts(), "Backstop"), start());
    let (nonce, is_stale) = ANN.challenged(&mut gate, start, None);
    assert!(!is_stale);
    for (at, count, is_allowed) in [
        (0, "00000001", true),
        (1, "00000001", false),
        (1, "0000000a", true),
        (2, "00000009", false),
        (299, "0000000b", true),
        (300, "0000000c", false),
    ] {
        let now = start + seconds(at);
        let proof = ANN.proof(&nonce, count);
        if is_allowed {
            assert_eq!(ANN.ask(&mut gate, now, Some(&proof)), Verdict::Allowed, "{at} {count}");
        } else {
            assert!(ANN.challenged(&mut gate, now, Some(&proof)).1, "{at} {count}");
        }
    }
    assert!(ANN.challenged(&mut gate, start, Some(&ANN.proof("made up", "00000001"))).1);
}

#[test]
fn only_the_right_proof_passes() {
    let (mut gate, now) = (Gate::new(accounts(), "Backstop"), start());
    let refused = |gate: &mut Gate, phone: &Phone<'_>, spoil: &dyn Fn(String) -> String| {
        let (nonce, _) = ANN.challenged(gate, now, None);
        let (_, is_stale) = phone.challenged(gate, now, Some(&spoil(phone.proof(&nonce, "00000001"))));
        assert!(!is_stale, "{}", phone.user);
    };
    refused(&mut gate, &Phone { password: "secret", ..ANN }, &|it| it);
    refused(&mut gate, &Phone { user: "nobody", password: "", ..ANN }, &|it| it);
    refused(&mut gate, &Phone { algorithm: DigestAlgorithm::Sha256, ..ANN }, &|it| it);
    refused(&mut gate, &ANN, &|it| it.replace("username=\"ann\"", "username=\"bob\""));
    refused(&mut gate, &ANN, &|it| it.replace("qop=auth,", ""));
    refused(&mut gate, &ANN, &|it| it.replace("uri=\"sip:h", "uri=\"sip:g"));
    refused(&mut gate, &ANN, &|it| it.replace("Digest ", "Basic "));
    // Another user's password does not open this one's account.
    let (nonce, _) = ANN.challenged(&mut gate, now, None);
    let bobs = Phone { user: "bob", password: "", ..ANN }.proof(&nonce, "00000001");
    assert!(!ANN.challenged(&mut gate, now, Some(&bobs)).1);
    assert_eq!(Phone { user: "bob", password: "", ..ANN }.ask(&mut gate, now, Some(&bobs)), Verdict::Allowed);
}

#[test]
fn challenges_are_those_that_were_chosen() {
    let accounts = accounts().challenged_by(&[DigestAlgorithm::Sha256, DigestAlgorithm::Md5]);
    let (mut gate, now) = (Gate::new(accounts, "Back\"stop"), start());
    let Verdict::Challenged(challenges) = ANN.ask(&mut gate, now, None) else { panic!("no challenge") };
    assert!(challenges[0].contains("realm=\"Backstop\"") && challenges[0].contains("SHA-256"), "{challenges:?}");
    assert!(challenges.len() == 2 && challenges[1].contains("MD5"), "{challenges:?}");
    let nonce = Fields::parse(&challenges[0]).and_then(|it| it.get("nonce").map(str::to_owned)).expect("a nonce");
    let phone = Phone { algorithm: DigestAlgorithm::Sha256, ..ANN };
    assert_eq!(phone.ask(&mut gate, now, Some(&phone.proof(&nonce, "00000001"))), Verdict::Allowed);
}

#[test]
fn whoever_guesses_is_turned_away_for_a_minute() {
    let (mut gate, start) = (Gate::new(accounts(), "Backstop"), start());
    let guesser = Phone { password: "guess", ..ANN };
    // Nothing is learnt, and nothing counted, with a nonce that is not ours.
    for _ in 0..2 * MAX_FAILURES {
        assert!(guesser.challenged(&mut gate, start, Some(&guesser.proof("made up", "00000001"))).1);
    }
    for count in 1..=MAX_FAILURES {
        let (nonce, _) = guesser.challenged(&mut gate, start, None);
        let verdict = guesser.ask(&mut gate, start, Some(&guesser.proof(&nonce, "00000001")));
        assert_eq!(verdict == Verdict::TurnedAway, count == MAX_FAILURES, "{count}");
    }
    assert_eq!(ANN.ask(&mut gate, start + seconds(59), None), Verdict::TurnedAway);
    let elsewhere = Phone { source: "192.0.2.2", ..ANN };
    elsewhere.challenged(&mut gate, start + seconds(59), None);
    ANN.challenged(&mut gate, start + seconds(60), None);
}
