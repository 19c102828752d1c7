//! How a call ended.

use crate::conversation::EndReason;

/// How a call ended, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A person took the call.
    Answered,
    /// A person took the call, and then the line, the service or its machine broke off the talk.
    CutOff,
    /// The caller left a message.
    Voicemail,
    /// The caller reached the voicemail and said nothing.
    NoMessage,
    /// The caller, who held in line, will be called back.
    Callback,
    /// Whom we called could not be reached.
    NotReached,
    /// The receptionist's conversation came to an end.
    Ended(EndReason),
    /// The caller gave up before the answer.
    Cancelled,
    /// The call could not be taken.
    Rejected,
    /// The caller never confirmed the answer.
    NeverConfirmed,
    /// Sound stopped coming from the caller.
    MediaLost,
    /// The service went down.
    ShutDown,
    /// A part of the call broke.
    Broken,
    /// The process ended before anybody had talked with the caller, or while the receptionist did; found at the next start.
    Interrupted,
}

impl Outcome {
    /// The word stored with the call.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::CutOff => "cut_off",
            Self::Voicemail => "voicemail",
            Self::NoMessage => "no_message",
            Self::Callback => "callback",
            Self::NotReached => "not_reached",
            Self::Ended(reason) => reason.as_str(),
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::NeverConfirmed => "never_confirmed",
            Self::MediaLost => "media_lost",
            Self::ShutDown => "shut_down",
            Self::Broken => "broken",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether a text-back goes to the caller: they called us, reached nobody, don't wait for our call, and were not
    /// simply refused. Who was not reached by a call of ours is tried again first.
    #[must_use]
    pub const fn wants_text(self) -> bool {
        !matches!(
            self,
            Self::Answered | Self::CutOff | Self::Callback | Self::NotReached | Self::Rejected | Self::NeverConfirmed
        )
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
