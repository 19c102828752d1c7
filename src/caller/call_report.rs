//! What a call was like, in numbers.

use crate::media::Codec;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A call, as its caller saw it. All times in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct CallReport {
    /// The script's name.
    pub script: String,
    /// Whom it called.
    pub to: String,
    /// `udp` or `tcp`.
    pub transport: &'static str,
    /// The codec agreed on.
    pub codec: Codec,
    /// Of the emulated network and the noise.
    pub seed: u64,
    /// Share of packets lost on purpose, each way.
    pub loss: f32,
    /// Spread of the delay made on purpose, each way.
    pub jitter_ms: u64,
    /// Speech above noise, when noise was mixed in.
    pub snr_db: Option<f32>,
    /// The final status of the INVITE.
    pub final_code: u16,
    /// From INVITE to the first ringing.
    pub ringing_ms: Option<u64>,
    /// From INVITE to the answer.
    pub answered_ms: u64,
    /// From the answer to the first sound.
    pub greeting_after_ms: Option<u64>,
    /// From answer to end.
    pub duration_ms: u64,
    /// How it ended.
    pub ending: Ending,
    /// Whether the script ran to its end.
    pub completed: bool,
    /// RTP packets sent.
    pub packets_sent: u64,
    /// RTP packets received.
    pub packets_received: u64,
    /// RTP packets that never came.
    pub packets_lost: u64,
    /// Each step done.
    pub steps: Vec<StepReport>,
    /// Over all steps with a reply.
    pub latency: LatencySummary,
}

/// One step. Times of the call count from the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Its words, keys, or that it hung up.
    pub said: String,
    /// When its first packet was sent.
    pub sent_at_ms: u64,
    /// When the packet with its last sound was sent.
    pub speech_ended_at_ms: Option<u64>,
    /// From the end of speech to the arrival of the first audible packet of the reply.
    pub first_audio_after_ms: Option<u64>,
    /// How much of the receptionist was audible until the next step.
    pub heard_ms: u64,
    /// The reply's stretches of sound, from start to end, counted from the end of speech; a quiet of 200 ms parts them.
    pub stretches_ms: Vec<[u64; 2]>,
    /// Barge-in: from the first packet to the last audible one of what was interrupted.
    pub interrupted_after_ms: Option<u64>,
    /// The receptionist began to speak before the caller had finished: from the step's first packet to her first audible one.
    pub spoken_into_after_ms: Option<u64>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "step")]
pub enum Ending {
    /// The receptionist hung up after the last step, or during it where it is a sound.
    ReceptionistHungUp,
    /// The script says that the caller hangs up.
    CallerHungUp,
    /// All steps were done, but the receptionist never hung up.
    Lingered,
    /// The receptionist hung up before this step, counted from 1.
    CutShort(usize),
    /// Nothing was heard that this step could follow on.
    NoReply(usize),
    /// The call took longer than allowed.
    TimedOut,
}

impl Ending {
    /// Whether the script ran to its end.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::ReceptionistHungUp | Self::CallerHungUp | Self::Lingered)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReceptionistHungUp => f.write_str("the receptionist hung up at the end"),
            Self::CallerHungUp => f.write_str("the caller hung up, as scripted"),
            Self::Lingered => f.write_str("the script is over, but nobody hung up: the caller did"),
            Self::CutShort(step) => write!(f, "the receptionist hung up before step {step}"),
            Self::NoReply(step) => write!(f, "nothing was heard before step {step}: the caller gave up"),
            Self::TimedOut => f.write_str("the call took longer than --timeout allows"),
        }
    }
}

/// Times from the end of speech to the first audio of the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LatencySummary {
    /// How many there are.
    pub count: usize,
    /// Half were no longer.
    pub p50_ms: Option<u64>,
    /// 95 in 100 were no longer.
    pub p95_ms: Option<u64>,
    /// The longest.
    pub max_ms: Option<u64>,
}

impl LatencySummary {
    /// Of these steps; percentiles by nearest rank.
    #[must_use]
    pub fn of(steps: &[StepReport]) -> Self {
        let mut all: Vec<u64> = steps.iter().filter_map(|step| step.first_audio_after_ms).collect();
        all.sort_unstable();
        let rank = |percent: usize| all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Self { count: all.len(), p50_ms: rank(50), p95_ms: rank(95), max_ms: all.last().copied() }
    }
}
