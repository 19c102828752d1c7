//! What only a browser or the port for its sound shows of strangers: names that are markup, others' pages, and garbage by UDP.

use super::team::GROUP;
use super::{BROWSERS_TONE, CALLERS_TONE, backstop, danas};
use crate::harness::{end_of, ringing_from, run};
use crate::peers::Phone;
use crate::routing::{CALLER, CELL_THEN_RECEPTIONIST, caller};
use crate::web::visitor;
use serde_json::json;
use tokio::net::UdpSocket;
use tokio_tungstenite::tungstenite::Message;

#[test]
fn a_callers_name_is_text_and_runs_nothing() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let dana = danas(&backstop).await;
        for name in ["<script>window.ran = 1</script>", "<img src=x onerror=window.ran=1>", "{{ 7 * 7 }} ${7 * 7}"] {
            let mut caller = Phone::new(CALLER, CALLERS_TONE, 30.0, &["--display", name]).await;
            let mut notices = backstop.server.watch();
            caller.dial(&backstop, "shop").await;
            let id = ringing_from(&mut notices, CALLER).await;
            dana.wait_for_state("ringing").await;
            let card = dana.text("[data-testid=ring]").await;
            assert!(card.contains(name), "{name} is not in: {card}");
            dana.click("answer").await;
            dana.wait_for_state("talking").await;
            assert!(dana.text("#call").await.contains(name));
            caller.peer.order("hangup").await;
            end_of(&mut notices, id).await;
            dana.wait_for_state("idle").await;
            assert!(dana.text("#notes").await.contains(name));
            dana.wait_until("document.querySelectorAll('#recent-list li').length > 0").await;
            let left = "window.ran ?? document.querySelectorAll('main script, main img').length";
            assert_eq!(dana.evaluate(left).await, 0);
        }
        drop(dana);
        backstop.finish().await;
    });
}

/// What the media port may get from anybody: STUN of a stranger, pieces of DTLS and of RTP, noise, and what is too long.
fn garbage() -> Vec<Vec<u8>> {
    let mut random = std::iter::successors(Some(1_u64), |last| {
        Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    })
    .map(|random| (random >> 33) as u8);
    let mut all: Vec<Vec<u8>> = Vec::new();
    // A binding request with a user name that is nobody's, and its beginnings.
    let mut stun = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
    stun.extend(random.by_ref().take(12));
    stun.extend([0, 6, 0, 9]);
    stun.extend(*b"who:knows\0\0\0");
    all.extend((0..=stun.len()).map(|length| stun[..length].to_vec()));
    // A DTLS client hello's head with nothing behind it; alerts; RTP and RTCP of strangers.
    all.push([&[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 1, 0, 0, 188][..], &[0; 188]].concat());
    all.push(vec![21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40]);
    all.push([&[0x80, 0][..], &[0; 170]].concat());
    all.push([&[0x80, 200, 0, 6][..], &[0; 24]].concat());
    for length in [0, 1, 11, 12, 20, 160, 1_200, 1_500, 2_048, 2_049, 9_000, 65_000] {
        all.push(random.by_ref().take(length).collect());
        for first in [0, 1, 20, 22, 63, 64, 128, 191, 192, 255] {
            let mut bytes: Vec<u8> = random.by_ref().take(length).collect();
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            all.push(bytes);
        }
    }
    all
}

#[test]
fn nobody_elses_page_or_packet_touches_a_call() {
    run(async {
        let backstop = backstop(GROUP, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut danas_other = visitor::Visitor::new(&backstop);
        danas_other.signs_in("dana").await;
        let mut danas_other = danas_other.line().await;
        let hello = danas_other.told("hello").await;
        let mut eli = visitor::Visitor::new(&backstop);
        eli.signs_in("eli").await;
        let mut eli = eli.line().await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        let call = danas_other.told("ring").await["call"].clone();
        dana.wait_for_state("ringing").await;

        // By another person's page the call can't even be named.
        for message in [
            json!({"type": "answer", "call": call, "sdp": "v=0"}),
            json!({"type": "decline", "call": call}),
            json!({"type": "rejoin", "call": call}),
            json!({"type": "hold", "call": call, "held": true}),
            json!({"type": "key", "call": call, "key": "1"}),
            json!({"type": "transfer", "call": call, "to": "eli"}),
            json!({"type": "end", "call": call}),
        ] {
            eli.say(Message::text(message.to_string())).await;
            assert_eq!(eli.told("problem").await["text"], "This call is over.", "{message}");
        }
        // What can't be an offer is no answer.
        let no_sound = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
        let huge = format!("{no_sound}{}", "a=x\r\n".repeat(4_000));
        for sdp in ["", "v=0", "\u{0}", no_sound, &huge, &"m=audio 9 ".repeat(2_900)] {
            danas_other.say(Message::text(json!({"type": "answer", "call": call, "sdp": sdp}).to_string())).await;
            assert_eq!(danas_other.told("problem").await["call"], call, "{} bytes", sdp.len());
        }
        for nonsense in ["{\"type\":\"own\"}", "{\"type\":\"end\"}", "{\"type\":\"key\",\"call\":1}", "[1]", "{"] {
            danas_other.say(Message::text(nonsense)).await;
            assert!(danas_other.told("problem").await["call"].is_null());
        }
        assert_eq!(dana.evaluate("document.body.dataset.state").await, "ringing", "it rings on");

        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        let media = hello["media"].as_str().expect("an address").replace(" UDP port ", ":");
        let stranger = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        for _ in 0..20 {
            for datagram in garbage() {
                stranger.send_to(&datagram, &media).await.expect("sent");
            }
        }
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        for message in [json!({"type": "key", "call": call, "key": "1"}), json!({"type": "end", "call": call})] {
            eli.say(Message::text(message.to_string())).await;
            assert_eq!(eli.told("problem").await["text"], "This call is over.", "{message}");
        }
        assert_eq!(dana.evaluate("document.body.dataset.state").await, "talking");
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let rest = caller.peer.finish().await;
        assert!(!rest.iter().any(|told| told["event"] == "key_heard"), "{rest:#?}");
        drop((dana, danas_other, eli));
        backstop.finish().await;
    });
}
