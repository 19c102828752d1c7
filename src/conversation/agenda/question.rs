//! The questions a receptionist asks.

use crate::conversation::protocol::Hint;
use crate::lead::{Asked, SlotName};
use crate::prompt::LineName;

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conversation) enum Question {
    /// What is needed.
    Need,
    /// Who calls.
    Name,
    /// How the name is spelled.
    NameSpelling,
    /// Whether to call back on the number the network gave.
    OfferCallback,
    /// Which number to call back on.
    Callback,
    /// The number by keypad.
    Keypad,
    /// Whether the number is right.
    ReadBack,
    /// Whether it is right, digit by digit.
    ReadBackSlowly,
    /// Where the work is.
    Address,
    /// The same once more, with the house number.
    AddressAgain,
    /// How urgent it is.
    Urgency,
    /// When it suits.
    PreferredTime,
    /// Which e-mail address.
    Email,
    /// Whether that is right.
    ReadBackEmail,
    /// Whether there is more.
    AnythingElse,
    /// What more there is.
    WhatElse,
}

impl Question {
    /// The line that asks it.
    pub(in crate::conversation) const fn line(self) -> LineName {
        match self {
            Self::Need | Self::WhatElse => LineName::AskNeed,
            Self::Name => LineName::AskName,
            Self::NameSpelling => LineName::AskNameSpelling,
            Self::OfferCallback => LineName::OfferCallback,
            Self::Callback => LineName::AskCallback,
            Self::Keypad => LineName::AskCallbackKeypad,
            Self::ReadBack => LineName::ReadBackCallback,
            Self::ReadBackSlowly => LineName::ReadBackCallbackSlowly,
            Self::Address => LineName::AskAddress,
            Self::AddressAgain => LineName::AskAddressAgain,
            Self::Urgency => LineName::AskUrgency,
            Self::PreferredTime => LineName::AskPreferredTime,
            Self::Email => LineName::AskEmail,
            Self::ReadBackEmail => LineName::ReadBackEmail,
            Self::AnythingElse => LineName::AnythingElse,
        }
    }

    /// How its answer is to be understood.
    pub(in crate::conversation) const fn asked(self) -> Asked {
        match self {
            Self::Need => Asked::Need,
            Self::Name => Asked::Name,
            Self::NameSpelling => Asked::NameSpelling,
            Self::OfferCallback => Asked::CallbackOffer,
            Self::Callback | Self::Keypad => Asked::Callback,
            Self::ReadBack | Self::ReadBackSlowly => Asked::CallbackReadBack,
            Self::Address | Self::AddressAgain => Asked::Address,
            Self::Urgency => Asked::Urgency,
            Self::PreferredTime => Asked::PreferredTime,
            Self::Email => Asked::Email,
            Self::ReadBackEmail => Asked::EmailReadBack,
            Self::AnythingElse | Self::WhatElse => Asked::AnythingElse,
        }
    }

    /// The detail it is about.
    pub(in crate::conversation) const fn slot(self) -> Option<SlotName> {
        match self {
            Self::Need => Some(SlotName::Need),
            Self::Name | Self::NameSpelling => Some(SlotName::Name),
            Self::OfferCallback | Self::Callback | Self::Keypad | Self::ReadBack | Self::ReadBackSlowly => {
                Some(SlotName::Callback)
            }
            Self::Address | Self::AddressAgain => Some(SlotName::Address),
            Self::Urgency => Some(SlotName::Urgency),
            Self::PreferredTime => Some(SlotName::PreferredTime),
            Self::Email | Self::ReadBackEmail => Some(SlotName::Email),
            Self::AnythingElse | Self::WhatElse => None,
        }
    }

    /// What the transcriber should expect.
    pub(in crate::conversation) const fn hint(self) -> Hint {
        match self {
            Self::Callback | Self::Keypad => Hint::Digits,
            Self::NameSpelling => Hint::Spelling,
            Self::Name => Hint::Name,
            _ => Hint::Open,
        }
    }

    /// Whether its answer is dictated piece by piece.
    pub(in crate::conversation) const fn is_dictated(self) -> bool {
        matches!(self, Self::Callback | Self::Keypad | Self::NameSpelling | Self::Email)
    }

    /// Whether it asks again for what is known, to be sure of it.
    pub(in crate::conversation) const fn settles_doubt(self) -> bool {
        matches!(self, Self::NameSpelling | Self::AddressAgain)
    }

    /// Whether its answer may hold anything.
    pub(in crate::conversation) const fn is_open_ended(self) -> bool {
        matches!(self, Self::Need | Self::AnythingElse | Self::WhatElse)
    }

    /// Whether its answer is yes or no.
    pub(in crate::conversation) const fn is_yes_or_no(self) -> bool {
        self.reads_back() || matches!(self, Self::OfferCallback | Self::AnythingElse)
    }

    /// Whether it reads a number or an address out.
    pub(in crate::conversation) const fn reads_back(self) -> bool {
        matches!(self, Self::ReadBack | Self::ReadBackSlowly | Self::ReadBackEmail)
    }

    /// The share of it that must have been heard for words after it to be its answer. A number that is read out is often
    /// interrupted at its first wrong digit, and one's own number is known before the question's end.
    pub(in crate::conversation) const fn needed_share(self) -> f32 {
        if self.reads_back() || matches!(self, Self::OfferCallback) { 0.2 } else { 0.5 }
    }
}
