//! Scripts of packets against who is heard.

use super::*;
use crate::timer::epoch;

/// Addresses by letter: `S` is SDP's, `s` another port of its host, `N` the NAT's, `X` a stranger's.
fn address(letter: char) -> SocketAddr {
    match letter {
        'S' => "192.0.2.1:4000",
        's' => "192.0.2.1:4999",
        'N' => "198.51.100.7:31000",
        'M' => "198.51.100.7:32000",
        'T' => "192.0.2.9:5000",
        _ => "203.0.113.66:6666",
    }
    .parse()
    .unwrap()
}

fn letter(source: SocketAddr) -> char {
    ['S', 's', 'N', 'M', 'T', 'X'].into_iter().find(|it| address(*it) == source).unwrap_or('?')
}

/// Runs a script of words: `N7:100` is a packet from N, SSRC 7, sequence 100; `+3000` lets milliseconds pass; `>T` signals T.
/// Gives for each packet how many were admitted, `*` when they begin a new stream; at its end where we send to and the foreign count.
fn run(script: &str) -> String {
    let mut now = epoch();
    let mut lock = SourceLock::new(address('S'));
    let mut out = String::new();
    for word in script.split_whitespace() {
        let (head, rest) = word.split_at(1);
        match head {
            "+" => now += Duration::from_millis(rest.parse().unwrap()),
            ">" => lock.signal(address(rest.chars().next().unwrap())),
            source => {
                let (ssrc, sequence) = rest.split_once(':').unwrap();
                let packet = Packet {
                    payload_type: 0,
                    marker: false,
                    sequence: sequence.parse().unwrap(),
                    timestamp: 0,
                    ssrc: ssrc.parse().unwrap(),
                    payload: vec![0],
                };
                now += Duration::from_millis(20);
                let source = address(source.chars().next().unwrap());
                let admitted = if lock.goes_on(now, source, packet.ssrc) {
                    Some(Admitted { packets: vec![packet], is_new_stream: false })
                } else {
                    lock.admit(now, source, packet)
                };
                out += &admitted.map_or("-".to_owned(), |it| {
                    format!("{}{}", it.packets.len(), if it.is_new_stream { "*" } else { "" })
                });
                out.push(' ');
            }
        }
    }
    format!("{out}to {} foreign {}", letter(lock.remote()), lock.foreign)
}

#[test]
fn who_is_heard() {
    let cases = [
        ("SDP's address is believed at once", "S7:1 S7:2", "1* 1 to S foreign 0"),
        ("a NAT's address after three", "N7:1 N7:2 N7:3 N7:4", "- - 3* 1 to N foreign 0"),
        ("three in sequence, small losses allowed", "N7:1 N7:9 N7:10 N7:12", "- - - 3* to N foreign 0"),
        ("three of one stream", "N7:1 N8:2 N7:3 N7:4 N7:5", "- - - - 3* to N foreign 0"),
        ("over the wrap", "N7:65535 N7:0 N7:1", "- - 3* to N foreign 0"),
        ("strangers are dropped after the lock", "S7:1 X7:2 X7:3 X7:4 S7:2", "1* - - - 1 to S foreign 3"),
        ("a loser's packets count as foreign", "X9:1 X9:2 S7:1 X9:3", "- - 1* - to S foreign 3"),
        (
            "SDP's address takes over from a quicker one",
            "X9:1 X9:2 X9:3 S7:1 S7:2 S7:3",
            "- - 3* - - 3* to S foreign 0",
        ),
        (
            "a spray of strangers does not keep the peer out",
            "s1:1 T1:1 M1:1 X1:1 N7:1 N7:2 N7:3",
            "- - - - - - 3* to N foreign 4",
        ),
        ("the locked source starts another stream", "S7:1 S8:50 S8:51 S8:52", "1* - 2* 1 to S foreign 0"),
        ("a stray packet of another stream does not", "S7:1 S8:50 S7:2 S7:3", "1* - 1 1 to S foreign 0"),
        ("silence lets no stranger in", "N7:1 N7:2 N7:3 +5000 X9:1 X9:2 X9:3", "- - 3* - - - to N foreign 3"),
        ("silence lets the same stream move", "N7:1 N7:2 N7:3 +2000 M7:4 M7:5 M7:6", "- - 3* - - 3 to M foreign 0"),
        ("silence lets SDP's host in", "N7:1 N7:2 N7:3 +2000 s9:4 s9:5 s9:6", "- - 3* - - 3* to s foreign 0"),
        (
            "without silence the same stream may not move",
            "N7:1 N7:2 N7:3 M7:4 M7:5 M7:6",
            "- - 3* - - - to N foreign 3",
        ),
    ];
    for (what, script, expected) in cases {
        assert_eq!(run(script), expected, "{what}");
    }
}

#[test]
fn a_re_invite_relocks() {
    let cases = [
        ("the same address again changes nothing", "N7:1 N7:2 N7:3 >S N7:4", "- - 3* 1 to N foreign 0"),
        ("another address is sent to at once", "S7:1 >T", "1* to T foreign 0"),
        ("and heard at once", "S7:1 >T S7:2 T9:1 S7:3", "1* - 1* - to T foreign 2"),
        ("behind a NAT too", "S7:1 >T S7:2 N9:1 S7:3 N9:2 N9:3", "1* - - - - 3* to N foreign 2"),
        ("to where it sent from all along", "N7:1 N7:2 N7:3 >N N7:4", "- - 3* 1 to N foreign 0"),
    ];
    for (what, script, expected) in cases {
        assert_eq!(run(script), expected, "{what}");
    }
    // The old source goes on sending, and the new one never comes: it is heard again after half a second.
    let old: Vec<String> = (2..40).map(|sequence| format!("S7:{sequence}")).collect();
    let back = run(&format!("S7:1 >T {}", old.join(" ")));
    assert!(back.contains("3* 1 1") && back.ends_with("to S foreign 0"), "{back}");
}
