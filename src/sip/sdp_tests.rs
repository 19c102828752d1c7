//! Offers as real peers write them.

use super::{Direction, NoCommonCodec, Offer, SdpError, SessionDescription, negotiate};
use crate::media::Codec;
use std::net::SocketAddr;

const LOCAL: &str = "192.0.2.1:40000";

const TRUNK: &str = "v=0\r\no=root 1467382349 1467382349 IN IP4 203.0.113.9\r\ns=Media Gateway\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n\
    m=audio 14522 RTP/AVP 0 8 101\r\na=maxptime:20\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";
const ASTERISK: &str = "v=0\r\no=- 821 3 IN IP4 198.51.100.2\r\ns=Asterisk\r\nc=IN IP4 198.51.100.2\r\nt=0 0\r\n\
    m=audio 11004 RTP/AVP 9 8 0 96\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\na=ptime:30\r\na=maxptime:140\r\na=sendrecv\r\n\
    m=video 0 RTP/AVP 99\r\n";
const LINPHONE: &str = "v=0\r\no=ann 2731 3402 IN IP4 198.51.100.3\r\ns=Talk\r\nc=IN IP4 198.51.100.3\r\nb=AS:380\r\nt=0 0\r\n\
    a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r\n\
    m=audio 7078 RTP/AVPF 96 97 0 101 98\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:97 speex/16000\r\n\
    a=rtpmap:101 telephone-event/48000\r\na=rtpmap:98 telephone-event/8000\r\n\
    m=video 9078 RTP/AVPF 96\r\na=rtpmap:96 VP8/90000\r\nm=image 5000 udptl t38\r\n";
const BROWSER: &str = "v=0\r\no=- 46117317 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\na=fingerprint:sha-256 AA:BB\r\n";

fn agreed(text: &str) -> Result<super::Agreed, NoCommonCodec> {
    negotiate(&Offer::parse(text).expect("readable"), local())
}

fn local() -> SocketAddr {
    LOCAL.parse().expect("address")
}

#[test]
fn answers_a_trunk() {
    let agreed = agreed(TRUNK).expect("common codec");
    assert_eq!((agreed.codec, agreed.event_payload_type), (Codec::Pcmu, Some(101)));
    assert_eq!(agreed.remote, "203.0.113.9:14522".parse().expect("address"));
    let text = agreed.answer.to_string();
    let expected = format!(
        "v=0\r\no=- {} 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n",
        agreed.answer.session_id
    );
    assert_eq!(text, expected);
}

#[test]
fn takes_the_callers_first_known_codec_and_refuses_video() {
    let agreed = agreed(ASTERISK).expect("common codec");
    assert_eq!((agreed.codec, agreed.event_payload_type), (Codec::Pcma, Some(96)));
    assert!(agreed.answer.to_string().ends_with("a=sendrecv\r\nm=video 0 RTP/AVP 99\r\n"));
}

#[test]
fn mirrors_every_line_of_a_softphone() {
    let agreed = agreed(LINPHONE).expect("common codec");
    assert_eq!((agreed.codec, agreed.event_payload_type), (Codec::Pcmu, Some(98)));
    let text = agreed.answer.to_string();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(lines, ["m=audio 40000 RTP/AVPF 0 98", "m=video 0 RTP/AVPF 96", "m=image 0 udptl t38"]);
}

#[test]
fn refuses_encrypted_and_foreign_media() {
    let secure = TRUNK.replace("RTP/AVP", "RTP/SAVP");
    let foreign = TRUNK.replace("AVP 0 8 101", "AVP 9 18 101");
    let renamed = TRUNK.replace("AVP 0 8 101", "AVP 0").replace("0 PCMU/8000", "0 L16/44100");
    let closed = TRUNK.replace("14522", "0");
    for text in [BROWSER, &secure, &foreign, &renamed, &closed] {
        assert_eq!(agreed(text).map(|it| it.codec), Err(NoCommonCodec), "{text}");
    }
    // Plain audio beside the encrypted line is taken.
    let both = secure + "m=audio 14530 RTP/AVP 8\r\n";
    let agreed = agreed(&both).expect("plain line");
    assert_eq!((agreed.codec, agreed.remote.port()), (Codec::Pcma, 14530));
    assert!(agreed.answer.to_string().contains("m=audio 0 RTP/SAVP 0\r\nm=audio 40000 RTP/AVP 8\r\n"));
}

#[test]
fn answers_hold_and_resume_with_rising_versions() {
    let first = agreed(TRUNK).expect("common codec");
    let mut current = first.clone();
    for (version, (offer, expected)) in [
        (TRUNK.replace("sendrecv", "sendonly"), Direction::RecvOnly),
        (TRUNK.replace("sendrecv", "inactive"), Direction::Inactive),
        (TRUNK.replace("c=IN IP4 203.0.113.9", "c=IN IP4 0.0.0.0"), Direction::RecvOnly),
        (TRUNK.replace("sendrecv", "recvonly"), Direction::SendOnly),
        (TRUNK.to_owned(), Direction::SendRecv),
    ]
    .into_iter()
    .enumerate()
    {
        current = current.renegotiate(&Offer::parse(&offer).expect("readable")).expect("common codec");
        assert_eq!(
            (current.direction, current.direction.is_held()),
            (
                expected,
                expected.mirrored() != expected && expected == Direction::RecvOnly || expected == Direction::Inactive
            )
        );
        assert_eq!(current.answer.version, version as u64 + 2);
        assert_eq!((current.answer.session_id, current.answer.audio.remote()), (first.answer.session_id, local()));
    }
}

#[test]
fn reads_back_what_it_offers() {
    let offer = SessionDescription::offer(local(), &[Codec::Pcma, Codec::Pcmu]);
    let answer =
        negotiate(&Offer::parse(&offer.to_string()).expect("readable"), "198.51.100.7:5000".parse().expect("address"));
    let answer = answer.expect("common codec").answer;
    let agreed = offer.agree(&SessionDescription::parse(&answer.to_string()).expect("readable")).expect("common codec");
    assert_eq!((agreed.codec, agreed.event_payload_type), (Codec::Pcma, Some(101)));
    assert_eq!(agreed.remote, "198.51.100.7:5000".parse().expect("address"));
    assert_eq!(offer.with_direction(Direction::SendOnly).version, 2);
    let ipv6 = SessionDescription::offer("[2001:db8::1]:4000".parse().expect("address"), &[Codec::Pcmu]);
    assert_eq!(SessionDescription::parse(&ipv6.to_string()), Ok(ipv6));
}

#[test]
fn refuses_what_is_no_description() {
    let without =
        |line: &str| TRUNK.lines().filter(|it| !it.starts_with(line)).map(|it| format!("{it}\r\n")).collect::<String>();
    for (text, error) in [
        (String::new(), SdpError::Missing('o')),
        ("garbage".to_owned(), SdpError::Version),
        ("v=1\r\n".to_owned(), SdpError::Version),
        (without("o="), SdpError::Missing('o')),
        (without("c="), SdpError::Missing('c')),
        ("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\n".to_owned(), SdpError::Missing('m')),
        (TRUNK.replace("o=root 1467382349", "o=root x"), SdpError::Line(2)),
        (TRUNK.replace("c=IN IP4 203.0.113.9", "c=IN IP4 nowhere"), SdpError::Line(4)),
        (TRUNK.replace("audio 14522", "audio 99999"), SdpError::Line(6)),
        (TRUNK.replace("m=audio 14522 RTP/AVP 0 8 101", "m=audio 14522"), SdpError::Line(6)),
        (TRUNK.replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:0"), SdpError::Line(8)),
        (TRUNK.replace("t=0 0", "hello"), SdpError::Line(5)),
    ] {
        assert_eq!(Offer::parse(&text).map(|_| ()), Err(error), "{text}");
    }
    assert_eq!(SessionDescription::parse(BROWSER), Err(SdpError::NoAudio));
}
