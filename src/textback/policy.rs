//! Whether a caller gets a text, when, and under which key.

use crate::id::CallId;
use crate::phone::PhoneNumber;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, Zoned};
use sha2::{Digest, Sha256};

/// The hours in which texts rest, in the business's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// From this time of day on.
    pub from: Time,
    /// Until this one; it may lie on the next day.
    pub until: Time,
}

/// What the owner allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Several calls of one caller within it make one text.
    pub window: SignedDuration,
    /// Texts that fall into it wait for its end. A text-back answers a call made a moment ago, so there is none by default.
    pub quiet: Option<QuietHours>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { window: SignedDuration::from_mins(5), quiet: None }
    }
}

/// What is known when a call has ended.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The number the network gave.
    pub caller: Option<&'a PhoneNumber>,
    /// The end of the call, in the business's zone.
    pub now: Zoned,
    /// When a text was last written for this number.
    pub last_text_at: Option<Timestamp>,
    /// The owner of the number asked for no more texts.
    pub opted_out: bool,
}

/// Why no text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The caller hid their number, or the network gave none.
    NoNumber,
    /// Freephone, premium and other numbers that get no texts.
    NotTextable,
    /// They asked for no texts.
    OptedOut,
    /// They were sent one a moment ago.
    JustSent,
}

impl Withheld {
    /// The word stored with the call.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoNumber => "no_number",
            Self::NotTextable => "not_textable",
            Self::OptedOut => "opted_out",
            Self::JustSent => "just_sent",
        }
    }
}

/// Whether a text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes, not before `due_at`.
    Send {
        /// When.
        due_at: Timestamp,
        /// Names the text in the outbox.
        dedupe_key: String,
    },
    /// It does not.
    Withhold(Withheld),
}

impl Policy {
    /// Decides on the text after a call.
    #[must_use]
    pub fn decide(&self, facts: &Facts<'_>) -> Decision {
        let Some(caller) = facts.caller else { return Decision::Withhold(Withheld::NoNumber) };
        let now = facts.now.timestamp();
        if !can_receive_texts(caller) {
            Decision::Withhold(Withheld::NotTextable)
        } else if facts.opted_out {
            Decision::Withhold(Withheld::OptedOut)
        } else if facts.last_text_at.is_some_and(|at| now.duration_since(at) < self.window) {
            Decision::Withhold(Withheld::JustSent)
        } else {
            let due_at = self.quiet.map_or(now, |quiet| quiet.end_after(&facts.now));
            Decision::Send { due_at, dedupe_key: dedupe_key(caller, now, self.window) }
        }
    }
}

impl QuietHours {
    /// `now`, or the end of the quiet hours it lies in.
    fn end_after(self, now: &Zoned) -> Timestamp {
        let time = now.time();
        let overnight = self.until < self.from;
        let inside =
            if overnight { time >= self.from || time < self.until } else { (self.from..self.until).contains(&time) };
        if !inside {
            return now.timestamp();
        }
        let date = if overnight && time >= self.from { now.date().tomorrow() } else { Ok(now.date()) };
        date.and_then(|date| date.to_datetime(self.until).to_zoned(now.time_zone().clone()))
            .map_or(now.timestamp(), |end| end.timestamp())
    }
}

/// Whether the numbering plan lets texts reach a number. A number that the plan does not place (such as the 555-01xx
/// of examples) gets the benefit of the doubt: the provider refuses it finally if it must.
#[must_use]
pub fn can_receive_texts(number: &PhoneNumber) -> bool {
    use phonenumber::Type;
    let Ok(parsed) = phonenumber::parse(None, number.e164()) else { return false };
    !matches!(
        parsed.number_type(&phonenumber::metadata::DATABASE),
        Type::FixedLine | Type::TollFree | Type::PremiumRate | Type::SharedCost | Type::Pager | Type::Uan
    )
}

/// The key of a caller's text within a window: two calls that end at once can't both have one, as the store holds
/// each key once. It is a digest, as it travels to the provider's logs.
#[must_use]
pub fn dedupe_key(caller: &PhoneNumber, at: Timestamp, window: SignedDuration) -> String {
    let bucket = at.as_millisecond().div_euclid(i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1));
    digest(&format!("text-back {} {bucket}", caller.e164()))
}

/// The key of the notice about a call.
#[must_use]
pub fn notice_key(call: CallId) -> String {
    digest(&format!("notice {call}"))
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest[..16].iter().fold(String::with_capacity(32), |key, byte| key + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests;
