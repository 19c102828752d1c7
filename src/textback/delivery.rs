//! How far a text has come, as its provider reports it: twice, late and out of order.

use serde::{Deserialize, Serialize};

/// A provider's word for a text's progress, in Twilio's vocabulary, which most providers copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Taken, no sender chosen yet.
    Accepted,
    /// Waiting at the provider.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// The carrier has it; the phone may not.
    Sent,
    /// The carrier says that it could not be delivered.
    Undelivered,
    /// The provider could not send it.
    Failed,
    /// The phone has it.
    Delivered,
    /// It was opened.
    Read,
}

impl Delivery {
    const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Undelivered,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// Its word in a provider's report and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// How final it is: a report counts only when its rank is higher than that of the one before. Of two ends the
    /// first counts, except that a text which was opened was surely delivered.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Queued => 1,
            Self::Sending => 2,
            Self::Sent => 3,
            Self::Undelivered | Self::Failed | Self::Delivered => 4,
            Self::Read => 5,
        }
    }
}

impl std::str::FromStr for Delivery {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no delivery status of the Messages API"))
    }
}

impl std::fmt::Display for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Delivery;

    #[test]
    fn every_word_is_read_back() {
        for status in Delivery::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("opened".parse::<Delivery>().is_err());
    }

    #[test]
    fn an_end_outranks_every_step_before_it() {
        for step in [Delivery::Accepted, Delivery::Queued, Delivery::Sending, Delivery::Sent] {
            for end in [Delivery::Delivered, Delivery::Undelivered, Delivery::Failed] {
                assert!(end.rank() > step.rank());
            }
        }
    }
}
