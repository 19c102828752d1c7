//! What comes in on a call's RTP port that should not: garbage, and other people's packets.

use crate::harness::{PATIENCE, end_of, ringing_from, run, scripted};
use backstop::media::{Codec, Frame, Stream, StreamConfig, StreamSeed};
use backstop::sip::{DialRequest, DialogEvent, SessionDescription, SipConfig, SipEndpoint};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// A bare phone: an answered call and its socket.
struct Phone {
    _endpoint: SipEndpoint,
    dialog: backstop::sip::Dialog,
    _events: tokio::sync::mpsc::Receiver<DialogEvent>,
    socket: UdpSocket,
    stream: Stream,
    remote: SocketAddr,
}

async fn dial(to: &str, number: &str) -> Phone {
    let config = SipConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), "test phone");
    let endpoint = SipEndpoint::bind(config).await.expect("binds");
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    let offer = SessionDescription::offer(socket.local_addr().expect("bound"), &[Codec::Pcmu]);
    let request = DialRequest { from_user: Some(number.to_owned()), ..DialRequest::new(to, offer.clone()) };
    let mut outgoing = endpoint.dial(request).await.expect("dials");
    let answer = loop {
        match tokio::time::timeout(PATIENCE, outgoing.events.recv()).await.expect("in time").expect("open") {
            DialogEvent::Answered(answer) => break answer,
            DialogEvent::Ringing { .. } => {}
            other => panic!("not answered: {other:?}"),
        }
    };
    let agreed = offer.agree(&answer).expect("a codec");
    let config = StreamConfig {
        codec: agreed.codec,
        event_payload_type: None,
        remote: agreed.remote,
        inactivity: Duration::from_secs(30),
    };
    #[expect(clippy::disallowed_methods, reason = "this test drives a real socket")]
    let stream = Stream::new(Instant::now(), config, StreamSeed { ssrc: 77, sequence: 1, timestamp: 1 });
    let remote = agreed.remote;
    Phone { _endpoint: endpoint, dialog: outgoing.dialog, _events: outgoing.events, socket, stream, remote }
}

#[test]
fn garbage_and_foreign_packets_are_dropped_and_counted() {
    run(async {
        let backstop = scripted(&[], |_| {}).await;
        let mut notices = backstop.server.watch();
        let mut phone = dial(&backstop.uri(), "+12125550171").await;
        let call = ringing_from(&mut notices, "+12125550171").await;
        let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
        let foreign = StreamConfig {
            codec: Codec::Pcmu,
            event_payload_type: None,
            remote: phone.remote,
            inactivity: Duration::from_secs(30),
        };
        #[expect(clippy::disallowed_methods, reason = "this test drives a real socket")]
        let mut foreign = Stream::new(Instant::now(), foreign, StreamSeed { ssrc: 5, sequence: 900, timestamp: 9 });
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        for n in 0..100_u32 {
            ticks.tick().await;
            let (to, packet) = phone.stream.send(&Frame([200; 160]));
            phone.socket.send_to(&packet, to).await.expect("sent");
            if n >= 20 && n % 4 == 0 {
                phone.socket.send_to(&[0xff; 33], to).await.expect("sent");
                let (_, packet) = foreign.send(&Frame([9_000; 160]));
                stranger.send_to(&packet, to).await.expect("sent");
            }
        }
        phone.dialog.hang_up().await;
        end_of(&mut notices, call).await;
        let report = backstop.report(call).await;
        let counters = report.counters.expect("counted");
        assert_eq!(counters["foreign"], 20, "{counters}");
        assert_eq!(counters["garbage"], 20, "{counters}");
        assert!(counters["received"].as_u64().is_some_and(|packets| packets >= 95), "{counters}");
        // The stranger was never spoken to.
        let mut nothing = [0; 1];
        assert!(stranger.try_recv(&mut nothing).is_err(), "a foreign source is sent nothing");
        backstop.finish().await;
    });
}

#[test]
fn a_caller_whose_sound_stops_is_hung_up_on() {
    run(async {
        let backstop = scripted(&[], |config| config.rtp.inactivity = Duration::from_secs(1)).await;
        let mut notices = backstop.server.watch();
        let _phone = dial(&backstop.uri(), "+12125550172").await;
        let call = ringing_from(&mut notices, "+12125550172").await;
        end_of(&mut notices, call).await;
        let report = backstop.report(call).await;
        assert_eq!(report.outcome.as_deref(), Some("media_lost"));
        assert_eq!(backstop.sink.wait_for(1, PATIENCE).await.len(), 1, "the text goes out all the same");
        backstop.finish().await;
    });
}
