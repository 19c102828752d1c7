//! What is going on, for people who watch.

use super::call_report::Ending;
use std::fmt;
use std::time::Duration;

/// One thing worth a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The other side rings.
    Ringing,
    /// It took the call.
    Answered {
        /// Since the INVITE.
        after: Duration,
    },
    /// The caller does a step.
    Does {
        /// Its number, from 1.
        step: usize,
        /// What, for people to read.
        text: String,
    },
    /// The first sound of the reply has come.
    Replied {
        /// Since the end of the caller's own speech.
        after: Duration,
    },
    /// The receptionist let herself be interrupted.
    Yielded {
        /// Since the caller began to speak over her.
        after: Duration,
    },
    /// The call is over.
    Ended(Ending),
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ringing => f.write_str("ringing"),
            Self::Answered { after } => write!(f, "answered after {} ms", after.as_millis()),
            Self::Does { step, text } => write!(f, "step {step}: {text}"),
            Self::Replied { after } => write!(f, "reply after {:.2} s", after.as_secs_f32()),
            Self::Yielded { after } => write!(f, "the receptionist fell silent after {:.2} s", after.as_secs_f32()),
            Self::Ended(ending) => write!(f, "{ending}"),
        }
    }
}
