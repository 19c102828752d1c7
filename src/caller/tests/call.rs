//! Whole calls between the caller and a small answering endpoint, over real SIP and RTP.

use super::{ms, say, script, step};
use crate::caller::{Action, CallOptions, CallReport, CallerError, Cue, Ending, Progress, Step, run};
use crate::media::{Codec, FRAME_DURATION, Frame, NetemConfig, Stream, StreamConfig, StreamSeed, level_dbfs};
use crate::rtp::RtpSocket;
use crate::sip::{IncomingCall, SipConfig, SipEndpoint, Transport, negotiate};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The tiny receptionist answers after so many quiet frames: 300 ms.
const QUIET_FRAMES: usize = 15;
const TONE_FRAMES: usize = 25;

async fn receptionist() -> SipEndpoint {
    let config = SipConfig { max_calls: 2, inbox: 2, ..SipConfig::new((LOOPBACK, 0).into(), "test") };
    SipEndpoint::bind(config).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the test's receptionist is on the real network")]
fn now() -> Instant {
    Instant::now()
}

/// Greets with a tone, answers every stretch of speech with another, hangs up after the `last` of them; gives the keys pressed.
async fn answer(call: IncomingCall, last: usize) -> String {
    let socket = RtpSocket::ephemeral(LOOPBACK).unwrap();
    let agreed = negotiate(call.offer.as_ref().unwrap(), socket.local_addr()).unwrap();
    call.dialog.ring().await;
    call.dialog.accept(&agreed.answer).await;
    let config = StreamConfig {
        codec: agreed.codec,
        event_payload_type: agreed.event_payload_type,
        remote: agreed.remote,
        inactivity: ms(10_000),
    };
    let mut stream = Stream::new(now(), config, StreamSeed { ssrc: 1, sequence: 1, timestamp: 1 });
    let tone = Frame(super::sound(1, 0).try_into().unwrap());
    let (mut to_play, mut replied, mut quiet, mut heard, mut keys) = (TONE_FRAMES, 0, 0, false, String::new());
    let mut beat = tokio::time::interval(FRAME_DURATION);
    let mut buffer = [0; 2_048];
    loop {
        tokio::select! {
            Ok((length, source)) = socket.recv(&mut buffer) => stream.receive(now(), source, &buffer[..length]),
            _ = beat.tick() => {
                let is_speech = level_dbfs(&stream.next_frame(now()).0) > -45.0;
                let key = stream.poll_digit();
                keys.extend(key);
                let spoke = is_speech || key == Some('#');
                heard |= spoke;
                quiet = if spoke { 0 } else { quiet + 1 };
                if heard && quiet == QUIET_FRAMES {
                    (heard, to_play, replied) = (false, TONE_FRAMES, replied + 1);
                }
                let (to, datagram) = stream.send(if to_play > 0 { &tone } else { &Frame::SILENCE });
                if to_play == 1 && replied == last {
                    call.dialog.hang_up().await;
                    return keys;
                }
                to_play = to_play.saturating_sub(1);
                socket.try_send_to(&datagram, to).unwrap();
            }
        }
    }
}

/// One call of `options` to the tiny receptionist.
async fn phone(
    options: impl FnOnce(CallOptions) -> CallOptions,
    steps: Vec<Step>,
) -> (CallReport, String, Vec<Progress>) {
    let replies = steps.len();
    let mut endpoint = receptionist().await;
    let to = format!("sip:100@{}", endpoint.local_addr());
    let answering = tokio::spawn(async move {
        let call = endpoint.next_call().await.unwrap();
        answer(call, replies).await
    });
    let mut told = Vec::new();
    let options = options(CallOptions::new(to, script(steps)));
    let report = run(options, &mut |event: &Progress| told.push(event.clone())).await.unwrap();
    (report, answering.await.unwrap(), told)
}

#[tokio::test]
async fn a_real_call_is_played_measured_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let keys = step(Cue::Reply, ms(0), Action::Keys("42#".to_owned()));
    let out_dir = Some(folder.path().to_owned());
    let (report, keys, told) =
        phone(|options| CallOptions { out_dir, ..options }, vec![say(Cue::Reply, 20, 10), keys]).await;
    assert_eq!((report.ending, report.completed, report.final_code), (Ending::ReceptionistHungUp, true, 200));
    assert_eq!((report.codec, keys.as_str()), (Codec::Pcmu, "42#"));
    let latencies: Vec<u64> = report.steps.iter().filter_map(|step| step.first_audio_after_ms).collect();
    assert_eq!(latencies.len(), 2, "{report:?}");
    assert!(latencies.iter().all(|after| (250..1_500).contains(after)), "{latencies:?}");
    assert!(report.packets_received > 50 && report.packets_lost == 0, "{report:?}");
    assert_eq!(told.last(), Some(&Progress::Ended(Ending::ReceptionistHungUp)));
    let heard = crate::caller::wav::read(&folder.path().join("heard.wav")).unwrap();
    assert!(crate::caller::noise::active_level_dbfs(&heard) > -25.0);
    let json = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["latency"]["count"], 2);
    assert!(folder.path().join("call.wav").metadata().unwrap().len() > heard.len() as u64 * 4);
}

#[tokio::test]
async fn a_bad_network_over_tcp_and_a_law_is_survived() {
    let network = NetemConfig { loss: 0.1, jitter: ms(40), ..NetemConfig::default() };
    let change = |options| CallOptions {
        transport: Transport::Tcp,
        codec: Some(Codec::Pcma),
        network,
        from: Some(String::new()),
        ..options
    };
    let (report, _, _) = phone(change, vec![say(Cue::Reply, 20, 10)]).await;
    assert_eq!((report.codec, report.transport, report.completed), (Codec::Pcma, "tcp", true), "{report:?}");
    assert!(report.packets_lost > 0, "{report:?}");
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let mut endpoint = receptionist().await;
    let to = format!("sip:100@{}", endpoint.local_addr());
    tokio::spawn(async move {
        let call = endpoint.next_call().await.unwrap();
        call.dialog.reject(486, "Busy Here").await;
        endpoint
    });
    let error = run(CallOptions::new(to, script(vec![])), &mut |_: &Progress| {}).await.unwrap_err();
    assert!(matches!(error, CallerError::Refused { code: 486, .. }), "{error}");
    assert!(error.to_string().contains("lines are busy"), "{error}");
    let error = run(CallOptions::new("nobody", script(vec![])), &mut |_: &Progress| {}).await.unwrap_err();
    assert!(error.to_string().contains("sip:user@host:port"), "{error}");
}
