//! The telephone line between a recording and the ear: codec, lost packets, noise. The product's own code, in virtual time.

use super::statistics::Random;
use crate::caller::Noise;
use crate::media::{Codec, FRAME_DURATION, FRAME_SAMPLES, Frame, Netem, NetemConfig, Stream, StreamConfig, StreamSeed};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// The jitter buffer is given time to settle, and to give out what it holds.
const LEAD_IN_FRAMES: usize = 25;
const LEAD_OUT_FRAMES: usize = 15;
/// A usual bad line.
const LOSSY: NetemConfig = NetemConfig {
    loss: 0.03,
    burst: 0.0,
    delay: Duration::from_millis(20),
    jitter: Duration::from_millis(30),
    duplicate: 0.0,
    reorder: 0.0,
};

/// What a recording goes through before it is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// Nothing: 16-bit PCM at 8,000 Hz.
    Clean,
    /// G.711 mu-law.
    G711,
    /// G.711 in packets of which 3 % are lost and all are up to 30 ms late, by way of the jitter buffer and its concealment.
    Loss,
    /// Noise so many dB below the speech, then G.711.
    Noise(u8),
}

impl Condition {
    /// All of them, the easiest first.
    pub const ALL: [Self; 6] = [Self::Clean, Self::G711, Self::Loss, Self::Noise(15), Self::Noise(10), Self::Noise(5)];

    /// Its word on the command line and in reports.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Clean => "clean".to_owned(),
            Self::G711 => "g711".to_owned(),
            Self::Loss => "loss3".to_owned(),
            Self::Noise(db) => format!("noise{db}"),
        }
    }

    /// By its word.
    ///
    /// # Errors
    /// Tells which words there are.
    pub fn parse(word: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|condition| condition.name() == word)
            .ok_or_else(|| format!("`{word}` is no condition: use one of {}", known()))
    }

    /// What arrives of `pcm`. The same seed loses the same packets and takes the same piece of noise.
    #[must_use]
    pub fn apply(self, pcm: &[i16], noise: &[i16], seed: u64) -> Vec<i16> {
        match self {
            Self::Clean => pcm.to_vec(),
            Self::G711 => g711(pcm),
            Self::Loss => packets(pcm, LOSSY, seed),
            Self::Noise(db) => g711(&with_noise(pcm, noise, f32::from(db), seed)),
        }
    }
}

/// One trip through G.711 mu-law.
#[must_use]
pub fn g711(pcm: &[i16]) -> Vec<i16> {
    frames(pcm).flat_map(|frame| Codec::Pcmu.decode(&Codec::Pcmu.encode(&frame))).take(pcm.len()).collect()
}

fn with_noise(pcm: &[i16], noise: &[i16], snr_db: f32, seed: u64) -> Vec<i16> {
    let mut noise = Noise::new(noise.to_vec(), crate::caller::active_level_dbfs(pcm), snr_db, seed.wrapping_mul(7_919));
    let mixed = frames(pcm).flat_map(|mut frame| {
        noise.add_to(&mut frame);
        frame.0
    });
    mixed.take(pcm.len()).collect()
}

/// Sends `pcm` as RTP over a bad network, and takes it in as a call does. The receiver's own delay is cut off: where the sound begins is found by
/// how much had to be played before it.
fn packets(pcm: &[i16], network: NetemConfig, seed: u64) -> Vec<i16> {
    let start = start();
    let stream = |remote: u16, ssrc: u32| {
        let config = StreamConfig {
            codec: Codec::Pcmu,
            event_payload_type: None,
            remote: SocketAddr::from((Ipv4Addr::LOCALHOST, remote)),
            inactivity: Duration::from_mins(10),
        };
        Stream::new(start, config, StreamSeed { ssrc, sequence: 1, timestamp: 0 })
    };
    let (mut sender, mut receiver) = (stream(2, 1), stream(1, 2));
    let mut network = Netem::new(seed, network);
    let from = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let lead_in = std::iter::repeat_n(Frame::SILENCE, LEAD_IN_FRAMES);
    let lead_out = std::iter::repeat_n(Frame::SILENCE, LEAD_OUT_FRAMES);
    let mut heard: Vec<i16> = Vec::new();
    for (frame, index) in lead_in.chain(frames(pcm)).chain(lead_out).zip(0_u32..) {
        let now = start + FRAME_DURATION * index;
        network.push(now, sender.send(&frame).1);
        while let Some(datagram) = network.pop(now) {
            receiver.receive(now, from, &datagram);
        }
        sender.next_frame(now);
        heard.extend(receiver.next_frame(now).0);
    }
    // The silence that was played before the sound belongs to the line, not to the recording.
    heard.drain(..(LEAD_IN_FRAMES * FRAME_SAMPLES).min(heard.len()));
    heard
}

#[expect(clippy::disallowed_methods, reason = "an arbitrary start: all times are relative to it")]
fn start() -> Instant {
    Instant::now()
}

fn frames(pcm: &[i16]) -> impl Iterator<Item = Frame> + '_ {
    pcm.chunks(FRAME_SAMPLES).map(|chunk| {
        let mut frame = Frame::SILENCE;
        frame.0[..chunk.len()].copy_from_slice(chunk);
        frame
    })
}

/// A noise for everybody to repeat: many voices at once, backwards so that no word is in it, and a hiss that falls with frequency as rooms' noise does.
#[must_use]
pub fn babble(voices: &[&[i16]], samples: usize, seed: u64) -> Vec<i16> {
    let mut sum = vec![0_f32; samples.max(1)];
    let mut random = Random(seed);
    for voice in voices.iter().filter(|voice| !voice.is_empty()) {
        let mut at = random.below(voice.len());
        for sample in &mut sum {
            at = if at == 0 { voice.len() - 1 } else { at - 1 };
            *sample += f32::from(voice[at]);
        }
    }
    let hiss = pink(sum.len(), &mut random);
    let loudest = |pcm: &[f32]| pcm.iter().fold(1.0_f32, |most, sample| most.max(sample.abs()));
    let (voice_peak, hiss_peak) = (loudest(&sum), loudest(&hiss));
    sum.iter()
        .zip(hiss)
        .map(|(voice, hiss)| (voice / voice_peak * 12_000.0 + hiss / hiss_peak * 6_000.0) as i16)
        .collect()
}

/// Noise that falls by 3 dB an octave (P. Kellet's filter, 1999).
fn pink(samples: usize, random: &mut Random) -> Vec<f32> {
    let mut state = [0_f32; 3];
    let mut next = || {
        let white = random.share() * 2.0 - 1.0;
        state[0] = 0.997_65 * state[0] + white * 0.099_046;
        state[1] = 0.963 * state[1] + white * 0.296_516_4;
        state[2] = 0.57 * state[2] + white * 1.052_691_3;
        state.iter().sum::<f32>() + white * 0.184_8
    };
    (0..samples).map(|_| next()).collect()
}

/// Sounds without speech, each with its name: what a transcriber must make nothing of.
#[must_use]
pub fn wordless(babble: &[i16], seed: u64) -> Vec<(String, Vec<i16>)> {
    const SAMPLES: usize = 3 * 8_000;
    let mut random = Random(seed);
    let scaled = |pcm: Vec<f32>, rms: f32| -> Vec<i16> {
        let level = (pcm.iter().map(|sample| sample * sample).sum::<f32>() / pcm.len().max(1) as f32).sqrt().max(1e-6);
        pcm.iter().map(|sample| (sample / level * rms) as i16).collect()
    };
    let mut white = |rms| scaled((0..SAMPLES).map(|_| random.share() * 2.0 - 1.0).collect(), rms);
    let mut sounds = vec![
        ("silence".to_owned(), vec![0; SAMPLES]),
        ("idle line".to_owned(), white(25.0)),
        ("hiss".to_owned(), white(300.0)),
        ("loud hiss".to_owned(), white(1_200.0)),
    ];
    let mut random = Random(seed + 1);
    sounds.push(("room".to_owned(), scaled(pink(SAMPLES, &mut random), 400.0)));
    let wave = |hz: f32, n: usize| (n as f32 * hz * std::f32::consts::TAU / 8_000.0).sin();
    let hum = (0..SAMPLES).map(|n| wave(120.0, n) + 0.5 * wave(240.0, n) + 0.3 * wave(360.0, n)).collect();
    sounds.push(("mains hum".to_owned(), scaled(hum, 500.0)));
    let knocks = (0..SAMPLES).map(|n| (-((n % 4_000) as f32) / 120.0).exp() * wave(180.0, n % 4_000)).collect();
    sounds.push(("knocks".to_owned(), scaled(knocks, 600.0)));
    let voices: Vec<f32> = babble.iter().take(SAMPLES).map(|&sample| f32::from(sample)).collect();
    sounds.push(("voices backwards".to_owned(), scaled(voices, 600.0)));
    sounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::level_dbfs;

    fn tone() -> Vec<i16> {
        (0..16_000).map(|n| ((n as f32 * 0.3).sin() * 8_000.0) as i16).collect()
    }

    #[test]
    fn a_line_keeps_the_sound_and_its_length() {
        for condition in [Condition::Clean, Condition::G711, Condition::Loss] {
            let heard = condition.apply(&tone(), &[], 1);
            let extra = heard.len() as i64 - 16_000;
            assert!((0..=2_400).contains(&extra), "{condition:?}: {extra}");
            let change = level_dbfs(&heard[1_600..14_000]) - level_dbfs(&tone());
            assert!(change.abs() < 1.5, "{condition:?}: {change} dB");
        }
    }

    #[test]
    fn noise_lies_as_far_below_as_it_says() {
        let noise = babble(&[&tone()], 8_000, 1);
        for db in [15, 5] {
            let heard = Condition::Noise(db).apply(&tone(), &noise, 7);
            let rest: Vec<i16> = heard.iter().zip(tone()).map(|(heard, tone)| heard.saturating_sub(tone)).collect();
            let snr = level_dbfs(&tone()) - level_dbfs(&rest);
            assert!((snr - f32::from(db)).abs() < 1.5, "{db}: {snr}");
        }
    }

    #[test]
    fn packets_are_lost_and_the_seed_says_which() {
        let lossy = |seed| Condition::Loss.apply(&tone(), &[], seed);
        assert_eq!(lossy(3), lossy(3));
        assert_ne!(lossy(3), lossy(4));
    }

    #[test]
    fn conditions_are_found_by_name() {
        for condition in Condition::ALL {
            assert_eq!(Condition::parse(&condition.name()), Ok(condition));
        }
        assert!(Condition::parse("tin can").is_err_and(|why| why.contains("noise10")));
    }
}
