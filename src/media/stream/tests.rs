//! Streams in virtual time: whole calls through a bad network, and scripts of single datagrams.

use super::*;
use crate::media::level::rms;
use crate::media::{FRAME_SAMPLES, Netem, NetemConfig, level_dbfs};
use crate::timer::epoch;

const TICK: Duration = Duration::from_millis(20);

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn peer() -> SocketAddr {
    address("192.0.2.1:4000")
}

fn stream(now: Instant) -> Stream {
    let config = StreamConfig {
        codec: Codec::Pcmu,
        event_payload_type: Some(101),
        remote: peer(),
        inactivity: Duration::from_secs(10),
    };
    Stream::new(now, config, StreamSeed { ssrc: 1, sequence: 65_530, timestamp: u32::MAX - 3_000 })
}

fn packet(payload_type: u8, sequence: u16, timestamp: u32, payload: Vec<u8>) -> Vec<u8> {
    Packet { payload_type, marker: false, sequence, timestamp, ssrc: 7, payload }.to_bytes()
}

fn sound(codec: Codec, sequence: u16, sample: i16) -> Vec<u8> {
    packet(codec.payload_type(), sequence, u32::from(sequence) * 160, codec.encode(&Frame([sample; FRAME_SAMPLES])))
}

/// Something like speech: syllables of a gliding voice with harmonics, pauses between words.
fn speech(samples: usize) -> Vec<i16> {
    let mut phase = 0.0_f32;
    (0..samples)
        .map(|i| {
            let time = i as f32 / 8_000.0;
            phase += std::f32::consts::TAU * (130.0 + 25.0 * (time * 2.3).sin()) / 8_000.0;
            let syllable = (time * 4.0 * std::f32::consts::PI).sin().max(0.0);
            let word = if time % 1.6 < 1.1 { 1.0 } else { 0.002 };
            let voice: f32 = (1..8).map(|n| (phase * n as f32).sin() / n as f32).sum();
            (3_500.0 * voice * syllable * word) as i16
        })
        .collect()
}

/// What one call through a bad network came to.
struct Outcome {
    counters: Counters,
    heard: Vec<i16>,
    /// The delay from mouth to ear in samples, for each stretch of a second that could be matched.
    delays: Vec<usize>,
    /// Error against the sound sent, in dB below it, over the matched seconds.
    snr_db: f32,
}

/// What was said goes from one stream through the network to another, both ticking every 20 ms.
fn call(said: &[i16], seed: u64, network: NetemConfig) -> Outcome {
    let begin = epoch();
    let (mut mouth, mut ear) = (stream(begin), stream(begin));
    let mut network = Netem::new(seed, network);
    let mut heard = Vec::new();
    for (tick, piece) in said.chunks_exact(FRAME_SAMPLES).enumerate() {
        let now = begin + TICK * tick as u32;
        let (_, datagram) = mouth.send(&Frame(piece.try_into().unwrap()));
        network.push(now, datagram);
        // The ear's ticks fall between the mouth's.
        let ear_tick = now + Duration::from_millis(13);
        while let Some(due) = network.poll_timeout().filter(|due| *due <= ear_tick) {
            let datagram = network.pop(due).unwrap();
            ear.receive(due, peer(), &datagram);
        }
        heard.extend(ear.next_frame(ear_tick).0);
    }
    let (delays, snr_db) = compare(said, &heard);
    Outcome { counters: ear.counters(), heard, delays, snr_db }
}

/// Finds for each 200 ms of what was said where it is best heard within 400 ms.
fn compare(said: &[i16], heard: &[i16]) -> (Vec<usize>, f32) {
    let (mut delays, mut signal, mut noise) = (Vec::new(), 0.0, 0.0);
    for from in (16_000..said.len() - 8_000).step_by(6_400) {
        let piece = &said[from..from + 1_600];
        if rms(piece) < 500.0 {
            continue;
        }
        let error = |delay: usize, stride: usize| {
            let other = &heard[from + delay..from + delay + 1_600];
            let squares = piece.iter().zip(other).step_by(stride).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
            squares.sum::<f64>()
        };
        let rough = |delay: &usize| error(*delay, 16);
        let best = (0..3_200).min_by(|a, b| rough(a).total_cmp(&rough(b))).unwrap();
        delays.push(best);
        noise += error(best, 1);
        signal += piece.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
    }
    (delays, (10.0 * (signal / noise.max(1.0)).log10()) as f32)
}

#[test]
fn a_good_network_adds_only_the_codec_noise_and_little_delay() {
    let said = speech(8_000 * 20);
    let outcome = call(&said, 1, NetemConfig { delay: Duration::from_millis(10), ..NetemConfig::default() });
    let Counters { received, lost, late, concealed, .. } = outcome.counters;
    assert_eq!((received, lost, late, concealed), (1_000, 0, 0, 0));
    assert!(outcome.snr_db > 30.0, "{} dB", outcome.snr_db);
    // 10 ms of network, 3 ms to the tick, 40 ms of buffer at first.
    assert!(outcome.delays.iter().all(|delay| *delay <= 8 * 60), "{:?}", outcome.delays);
    assert!(*outcome.delays.last().unwrap() <= 8 * 45, "{:?}", outcome.delays);
}

#[test]
fn a_bad_network_is_borne_by_every_seed() {
    let said = speech(8_000 * 14);
    for seed in [1, 3, 4, 6] {
        let network = NetemConfig {
            loss: 0.05,
            burst: 0.2,
            delay: Duration::from_millis(40),
            jitter: Duration::from_millis(60),
            duplicate: 0.01,
            reorder: 0.3,
        };
        let outcome = call(&said, seed, network);
        let counters = &outcome.counters;
        assert!((20..90).contains(&counters.lost), "{seed}: {counters:?}");
        assert!(
            counters.concealed >= counters.lost / 2 && counters.concealed <= 2 * counters.lost + 20,
            "{seed}: {counters:?}"
        );
        assert!(counters.late <= 30, "{seed}: {counters:?}");
        assert!(counters.duplicate > 0 && counters.foreign + counters.garbage + counters.wrong_payload == 0);
        assert!(
            counters.target_delay >= Duration::from_millis(40) && counters.target_delay <= Duration::from_millis(90)
        );
        assert!(outcome.delays.iter().all(|delay| *delay <= 8 * 150), "{seed}: {:?}", outcome.delays);
        assert!(outcome.snr_db > 12.0, "{seed}: {} dB", outcome.snr_db);
        let change = level_dbfs(&outcome.heard[8_000..]) - level_dbfs(&said[8_000..]);
        assert!(change.abs() < 1.0, "{seed}: the level changed by {change} dB");
    }
}

#[test]
fn both_laws_are_heard_and_everything_else_is_counted() {
    let mut now = epoch();
    let mut ear = stream(now);
    let stranger = address("203.0.113.66:6666");
    let mut heard = Vec::new();
    for sequence in 0..100_u16 {
        let codec = if sequence < 50 { Codec::Pcmu } else { Codec::Pcma };
        ear.receive(now, peer(), &sound(codec, sequence, 8_000));
        ear.receive(now, stranger, &sound(codec, sequence, -8_000));
        ear.receive(now, peer(), b"\x80\xc8\x00\x06 this is RTCP");
        ear.receive(now, peer(), &packet(9, sequence, 0, vec![0; 160]));
        heard.push(ear.next_frame(now + Duration::from_millis(5)).0[80]);
        now += TICK;
    }
    let counters = ear.counters();
    let counted = (counters.received, counters.foreign, counters.garbage, counters.wrong_payload);
    assert_eq!(counted, (100, 100, 100, 100));
    assert!(heard[5..].iter().all(|sample| (7_700..8_300).contains(sample)), "{heard:?}");
}

#[test]
fn the_first_sounds_of_a_source_behind_a_nat_are_not_lost() {
    let begin = epoch();
    let mut ear = stream(begin);
    let nat = address("198.51.100.7:31000");
    for sequence in 0..10_u16 {
        ear.receive(begin + TICK * u32::from(sequence), nat, &sound(Codec::Pcmu, sequence, 8_000));
    }
    assert_eq!((ear.remote(), ear.counters().received), (nat, 10));
    assert_eq!(ear.send(&Frame::SILENCE).0, nat);
}

#[test]
fn another_stream_of_the_same_source_goes_on_without_a_break() {
    let mut now = epoch();
    let mut ear = stream(now);
    let mut quiet = 0;
    for tick in 0..200_u16 {
        let mut bytes = sound(Codec::Pcmu, tick, 8_000);
        if tick >= 100 {
            // Another SSRC, another numbering, another clock.
            bytes = Packet {
                ssrc: 99,
                sequence: tick + 30_000,
                timestamp: u32::from(tick) * 160 + 77_777_777,
                ..Packet::parse(&bytes).unwrap()
            }
            .to_bytes();
        }
        ear.receive(now, peer(), &bytes);
        let frame = ear.next_frame(now + Duration::from_millis(5));
        quiet += u32::from(tick > 10 && rms(&frame.0) < 4_000.0);
        now += TICK;
    }
    let counters = ear.counters();
    assert_eq!((counters.received, counters.lost, counters.late), (200, 0, 0));
    assert!(quiet <= 3, "{quiet} frames of the change were quiet");
}

#[test]
fn keys_travel_from_one_stream_to_the_other() {
    let mut now = epoch();
    let (mut caller, mut ear) = (stream(now), stream(now));
    let mut digits = String::new();
    for (n, key) in "40#".chars().enumerate() {
        caller.start_digit(key, Duration::from_millis(80 + 20 * n as u64));
    }
    let mut kinds = String::new();
    for tick in 0..40 {
        let (_, datagram) = caller.send(&Frame([500; FRAME_SAMPLES]));
        let sent = Packet::parse(&datagram).unwrap();
        kinds += if sent.payload_type == 101 { "e" } else { "a" };
        // Every fourth packet is lost.
        if tick % 4 != 0 {
            ear.receive(now, peer(), &datagram);
        }
        ear.next_frame(now);
        digits.extend(ear.poll_digit());
        now += TICK;
    }
    assert_eq!(digits, "40#");
    assert_eq!(ear.counters().digits, 3);
    assert!(kinds.starts_with("eeeeee") && kinds.ends_with("aaaa"), "{kinds}");
}

#[test]
fn keys_need_telephone_event() {
    let now = epoch();
    let mut caller = stream(now);
    caller.set_remote(peer(), Codec::Pcma, None);
    caller.start_digit('1', TICK);
    assert_eq!(Packet::parse(&caller.send(&Frame::SILENCE).1).unwrap().payload_type, 8);
}

#[test]
fn what_we_send_is_numbered_stamped_and_marked() {
    let mut mouth = stream(epoch());
    let mut next = || Packet::parse(&mouth.send(&Frame::SILENCE).1).unwrap();
    let (first, second) = (next(), next());
    mouth.skip();
    mouth.skip();
    let third = Packet::parse(&mouth.send(&Frame::SILENCE).1).unwrap();
    let all = [first, second, third].map(|it| (it.sequence, it.timestamp.wrapping_sub(u32::MAX - 3_000), it.marker));
    assert_eq!(all, [(65_530, 0, true), (65_531, 160, false), (65_532, 640, true)]);
    assert_eq!(mouth.counters().sent, 3);
}

#[test]
fn silence_of_the_peer_is_noticed_but_not_on_hold() {
    let begin = epoch();
    let mut ear = stream(begin);
    let at = |seconds: u64| begin + Duration::from_secs(seconds);
    assert!(!ear.is_inactive(at(9)) && ear.is_inactive(at(10)), "nothing ever came");
    ear.receive(at(5), peer(), &sound(Codec::Pcmu, 1, 0));
    ear.receive(at(9), address("203.0.113.66:6666"), &sound(Codec::Pcmu, 2, 0));
    assert!(!ear.is_inactive(at(14)) && ear.is_inactive(at(15)), "strangers are no sign of life");
    ear.set_hold(false);
    assert!(!ear.is_inactive(at(1_000)));
    ear.next_frame(at(1_000));
    ear.set_hold(true);
    assert!(!ear.is_inactive(at(1_009)) && ear.is_inactive(at(1_010)));
    ear.receive(at(1_011), peer(), &packet(13, 2, 320, vec![60]));
    assert!(!ear.is_inactive(at(1_012)), "comfort noise is a sign of life");
}

#[test]
fn a_re_invite_moves_the_stream() {
    let mut now = epoch();
    let mut ear = stream(now);
    let elsewhere = address("192.0.2.9:5000");
    for sequence in 0..10 {
        ear.receive(now, peer(), &sound(Codec::Pcmu, sequence, 0));
        now += TICK;
    }
    ear.set_remote(elsewhere, Codec::Pcma, Some(96));
    let (to, datagram) = ear.send(&Frame::SILENCE);
    assert_eq!((to, Packet::parse(&datagram).unwrap().payload_type), (elsewhere, 8));
    ear.receive(now, elsewhere, &sound(Codec::Pcma, 500, 0));
    ear.receive(now, elsewhere, &packet(96, 501, 0, vec![9, 10, 0, 160]));
    ear.receive(now, elsewhere, &packet(101, 502, 0, vec![9, 10, 0, 160]));
    assert_eq!((ear.remote(), ear.poll_digit(), ear.counters().wrong_payload), (elsewhere, Some('9'), 1));
}

/// What another stream is given of these datagrams, which come 20 ms apart.
fn relayed(now: &mut Instant, from: &mut Stream, to: &mut Stream, datagrams: &[Vec<u8>]) -> Vec<Packet> {
    let mut out = Vec::new();
    for datagram in datagrams {
        from.relay(*now, peer(), datagram, to, |_, datagram| out.push(Packet::parse(datagram).unwrap()));
        *now += TICK;
    }
    out
}

/// Number and stamp of each, from those of the first packet of [`stream`] on, and whether it is marked.
fn places(packets: &[Packet]) -> Vec<(u16, u32, bool)> {
    let place =
        |it: &Packet| (it.sequence.wrapping_sub(65_530), it.timestamp.wrapping_sub(u32::MAX - 3_000), it.marker);
    packets.iter().map(place).collect()
}

#[test]
fn a_relayed_packet_keeps_its_sound_and_its_place_among_the_others() {
    let mut now = epoch();
    let (mut from, mut to) = (stream(now), stream(now));
    let sent: Vec<_> = [10, 11, 13, 12, 15].map(|n| sound(Codec::Pcmu, n, n as i16 * 100)).into();
    let out = relayed(&mut now, &mut from, &mut to, &sent);
    let expected = [(0, 0, true), (1, 160, false), (3, 480, false), (2, 320, false), (5, 800, false)];
    assert_eq!(places(&out), expected, "the loss and the order are theirs");
    for (theirs, ours) in sent.iter().zip(&out) {
        let theirs = Packet::parse(theirs).unwrap();
        assert_eq!((&theirs.payload, ours.payload_type, ours.ssrc), (&ours.payload, 0, 1));
    }
    assert_eq!((from.counters().received, from.counters().lost, to.counters().sent), (5, 1, 5));
    // A stranger is not heard, and what is no sound goes no further.
    from.relay(now, address("203.0.113.66:6666"), &sound(Codec::Pcmu, 16, 0), &mut to, |_, _| panic!("relayed"));
    from.relay(now, peer(), &packet(13, 16, 2_560, vec![60]), &mut to, |_, _| panic!("relayed"));
    assert_eq!(places(&relayed(&mut now, &mut from, &mut to, &[sound(Codec::Pcmu, 17, 0)])), [(6, 1_120, false)]);
}

#[test]
fn a_relayed_packet_is_recoded_for_a_phone_with_another_codec() {
    let mut now = epoch();
    let (mut from, mut to) = (stream(now), stream(now));
    to.set_remote(peer(), Codec::Pcma, Some(96));
    let out = relayed(&mut now, &mut from, &mut to, &[sound(Codec::Pcmu, 1, 5_000), sound(Codec::Pcma, 2, 5_000)]);
    for packet in out {
        let [sample, ..] = Codec::Pcma.decode(&packet.payload)[..] else { panic!("no sound") };
        assert_eq!((packet.payload_type, packet.payload.len()), (8, FRAME_SAMPLES));
        assert!((sample - 5_000).abs() < 200, "{sample}");
    }
}

#[test]
fn a_key_takes_the_place_of_relayed_sound_and_leaves_no_gap() {
    let mut now = epoch();
    let (mut from, mut to) = (stream(now), stream(now));
    let first = relayed(&mut now, &mut from, &mut to, &[sound(Codec::Pcmu, 1, 0), sound(Codec::Pcmu, 2, 0)]);
    assert_eq!(places(&first), [(0, 0, true), (1, 160, false)]);
    let event = packet(101, 3, 480, vec![5, 10, 0, 160]);
    assert!(relayed(&mut now, &mut from, &mut to, &[event]).is_empty());
    assert_eq!(from.poll_digit(), Some('5'));
    to.start_digit('5', Duration::from_millis(40));
    let mut keys = Vec::new();
    for number in 4..8 {
        keys.extend(to.relay_key(now).map(|(_, datagram)| Packet::parse(&datagram).unwrap()));
        let meanwhile = relayed(&mut now, &mut from, &mut to, &[sound(Codec::Pcmu, number, 0)]);
        assert!(meanwhile.is_empty() || number == 7, "sound and key at once");
        keys.extend(meanwhile);
    }
    assert!(to.relay_key(now).is_none());
    assert_eq!(
        places(&keys),
        [(2, 480, true), (3, 480, false), (4, 480, false), (5, 480, false), (6, 960, false)],
        "four packets of the key, then the sound where it is by then"
    );
    assert_eq!(keys.iter().map(|it| it.payload_type).collect::<Vec<_>>(), [101, 101, 101, 101, 0]);
}

#[test]
fn after_a_relay_our_own_sound_goes_on() {
    let mut now = epoch();
    let (mut from, mut to) = (stream(now), stream(now));
    relayed(&mut now, &mut from, &mut to, &[sound(Codec::Pcmu, 1, 0), sound(Codec::Pcmu, 2, 0)]);
    // The sender pauses for a minute.
    for _ in 0..3_000 {
        assert!(to.relay_key(now).is_none());
        now += TICK;
    }
    let ours = Packet::parse(&to.send(&Frame::SILENCE).1).unwrap();
    assert_eq!(places(&[ours]), [(2, 160 * (2 + 2_999), true)]);
    // And what comes from the sender is heard in time.
    let mut heard = 0;
    for number in 3..13 {
        from.receive(now, peer(), &sound(Codec::Pcmu, number, 8_000));
        heard += u32::from(rms(&from.next_frame(now + Duration::from_millis(5)).0) > 4_000.0);
        now += TICK;
    }
    assert!(heard >= 6, "{heard} of 10 frames");
}
