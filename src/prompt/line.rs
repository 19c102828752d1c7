//! The lines a prompt file must hold, and what may vary in them.

use serde::Serialize;

/// A line the receptionist may speak or send. Every prompt file holds all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineName {
    /// Business name, that this is an automated assistant, that the call is recorded, "how can I help?".
    Greeting,
    /// Asks again what is needed.
    AskNeed,
    /// Asks for the caller's name.
    AskName,
    /// Asks to spell the name.
    AskNameSpelling,
    /// Offers the caller's own number (`number`) to call back on.
    OfferCallback,
    /// Asks for a number to call back on.
    AskCallback,
    /// Asks for the number by keypad, ended with `#`.
    AskCallbackKeypad,
    /// Reads the number back in groups (`number`) and asks whether it is right.
    ReadBackCallback,
    /// Reads the number back digit by digit (`number`) and asks whether it is right.
    ReadBackCallbackSlowly,
    /// Asks for the address of the work.
    AskAddress,
    /// Asks for the address once more: its house number was not heard, or nobody knows the street.
    AskAddressAgain,
    /// Asks how urgent it is.
    AskUrgency,
    /// Asks when it suits.
    AskPreferredTime,
    /// Asks for an e-mail address; only where `slots` names `email`.
    AskEmail,
    /// Reads the e-mail address back letter by letter (`email`) and asks whether it is right.
    ReadBackEmail,
    /// Asks whether there is anything else.
    AnythingElse,
    /// A short thanks before the next question.
    Acknowledge,
    /// Nothing was understood: please say it again.
    DidNotCatch,
    /// First idle prompt.
    StillThere,
    /// The end after idle prompts.
    IdleGoodbye,
    /// The end at the longest call length.
    TooLong,
    /// Follows what the caller needs: it is taken down.
    FallbackAcknowledge,
    /// Follows a question that no fact answers: somebody will.
    FallbackAnswer,
    /// Safety line: a smell of gas. What to do at once; said before anything else.
    DangerGas,
    /// Safety line: a carbon monoxide alarm. What to do at once; said before anything else.
    DangerCarbonMonoxide,
    /// Safety line: fire or smoke. What to do at once; said before anything else.
    DangerFire,
    /// Safety line: sparks, or a burning smell from something electric. What to do at once; said before anything else.
    DangerSparking,
    /// Safety line: water near something electric. What to do at once; said before anything else.
    DangerWater,
    /// Safety line: somebody is hurt. What to do at once; said before anything else.
    DangerInjury,
    /// Says who speaks, to callers who ask whether they talk to a machine.
    WhoIAm,
    /// Says that the caller can't be understood; a person is looked for, or a message is taken.
    GiveUp,
    /// Says that a message is taken; the plan's next step, usually the voicemail, follows.
    LeaveMessage,
    /// Says goodbye; `name` may be used.
    Farewell,
    /// Says that a person is being looked for; music follows.
    Connecting,
    /// Says that nobody could be reached; the conversation goes on.
    NobodyCame,
    /// Tells a person whom the receptionist asks for who calls (`name`, `number`), about what (`need`) and how soon (`urgency`), and which
    /// key takes the call and which one doesn't.
    Briefing,
    /// Tells who answers a cell phone who calls (`number`), and which key takes the call and which one doesn't.
    AskToAccept,
    /// Tells who accepts too late that the call was taken.
    AlreadyTaken,
    /// Asks for a message after the tone.
    Voicemail,
    /// The end after a message.
    VoicemailGoodbye,
    /// Tells a caller in line that their place is kept and that they will be called back; the end.
    CallbackKept,
    /// Tells whoever answers our call back who calls, and which key connects them and which one says that they want nothing any more.
    CallbackQuestion,
    /// The text sent to a caller; `name` and `need` may be used.
    TextBack,
    /// The text sent to a caller whom our calls back did not reach.
    CallbackMissed,
    /// The text sent to the owner: who called (`name`, `number`), when (`time`), about what (`need`), how soon (`urgency`), and how their
    /// message begins (`message`).
    OwnerNotice,
}

impl LineName {
    /// All of them.
    pub const ALL: [Self; 45] = [
        Self::Greeting,
        Self::AskNeed,
        Self::AskName,
        Self::AskNameSpelling,
        Self::OfferCallback,
        Self::AskCallback,
        Self::AskCallbackKeypad,
        Self::ReadBackCallback,
        Self::ReadBackCallbackSlowly,
        Self::AskAddress,
        Self::AskAddressAgain,
        Self::AskUrgency,
        Self::AskPreferredTime,
        Self::AskEmail,
        Self::ReadBackEmail,
        Self::AnythingElse,
        Self::Acknowledge,
        Self::DidNotCatch,
        Self::StillThere,
        Self::IdleGoodbye,
        Self::TooLong,
        Self::FallbackAcknowledge,
        Self::FallbackAnswer,
        Self::DangerGas,
        Self::DangerCarbonMonoxide,
        Self::DangerFire,
        Self::DangerSparking,
        Self::DangerWater,
        Self::DangerInjury,
        Self::WhoIAm,
        Self::GiveUp,
        Self::LeaveMessage,
        Self::Farewell,
        Self::Connecting,
        Self::NobodyCame,
        Self::Briefing,
        Self::AskToAccept,
        Self::AlreadyTaken,
        Self::Voicemail,
        Self::VoicemailGoodbye,
        Self::CallbackKept,
        Self::CallbackQuestion,
        Self::TextBack,
        Self::CallbackMissed,
        Self::OwnerNotice,
    ];

    /// Its key in the prompt file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::AskNeed => "ask_need",
            Self::AskName => "ask_name",
            Self::AskNameSpelling => "ask_name_spelling",
            Self::OfferCallback => "offer_callback",
            Self::AskCallback => "ask_callback",
            Self::AskCallbackKeypad => "ask_callback_keypad",
            Self::ReadBackCallback => "read_back_callback",
            Self::ReadBackCallbackSlowly => "read_back_callback_slowly",
            Self::AskAddress => "ask_address",
            Self::AskAddressAgain => "ask_address_again",
            Self::AskUrgency => "ask_urgency",
            Self::AskPreferredTime => "ask_preferred_time",
            Self::AskEmail => "ask_email",
            Self::ReadBackEmail => "read_back_email",
            Self::AnythingElse => "anything_else",
            Self::Acknowledge => "acknowledge",
            Self::DidNotCatch => "did_not_catch",
            Self::StillThere => "still_there",
            Self::IdleGoodbye => "idle_goodbye",
            Self::TooLong => "too_long",
            Self::FallbackAcknowledge => "fallback_acknowledge",
            Self::FallbackAnswer => "fallback_answer",
            Self::DangerGas => "danger_gas",
            Self::DangerCarbonMonoxide => "danger_carbon_monoxide",
            Self::DangerFire => "danger_fire",
            Self::DangerSparking => "danger_sparking",
            Self::DangerWater => "danger_water",
            Self::DangerInjury => "danger_injury",
            Self::WhoIAm => "who_i_am",
            Self::GiveUp => "give_up",
            Self::LeaveMessage => "leave_message",
            Self::Farewell => "farewell",
            Self::Connecting => "connecting",
            Self::NobodyCame => "nobody_came",
            Self::Briefing => "briefing",
            Self::AskToAccept => "ask_to_accept",
            Self::AlreadyTaken => "already_taken",
            Self::Voicemail => "voicemail",
            Self::VoicemailGoodbye => "voicemail_goodbye",
            Self::CallbackKept => "callback_kept",
            Self::CallbackQuestion => "callback_question",
            Self::TextBack => "text_back",
            Self::CallbackMissed => "callback_missed",
            Self::OwnerNotice => "owner_notice",
        }
    }
}

impl LineName {
    /// What may vary in the line.
    pub(super) const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::OfferCallback | Self::ReadBackCallback | Self::ReadBackCallbackSlowly | Self::AskToAccept => {
                &["name", "need", "number"]
            }
            Self::ReadBackEmail => &["name", "need", "email"],
            Self::Briefing => &["name", "need", "number", "urgency"],
            Self::OwnerNotice => &["name", "need", "number", "urgency", "time", "message", "question"],
            _ => &["name", "need"],
        }
    }

    /// What stands for the line in a file that leaves it out.
    pub(super) const fn otherwise(self) -> Option<&'static str> {
        Some(match self {
            Self::AskAddressAgain => "Sorry, what's the address once more, starting with the house number?",
            Self::AskEmail => "What's the best e-mail to reach you at?",
            Self::ReadBackEmail => "I have {{ email }}. Is that right?",
            Self::CallbackKept => "All right. We keep your place in line, and call you back at this number. Goodbye.",
            Self::CallbackQuestion => {
                "This is {{ business.name }}, calling you back. Press 1 to be connected, or 2 if you don't need us any more."
            }
            Self::CallbackMissed => {
                "This is {{ business.name }}. We tried to call you back and couldn't reach you. Please call us again when it \
                 suits you. Reply STOP to opt out."
            }
            Self::OwnerNotice => {
                "{{ business.name }}: {% if message %}message{% else %}call{% endif %}{% if name %} from {{ name }}{% endif %}\
                 {% if number %}, {{ number }}{% endif %}{% if time %}, {{ time }}{% endif %}.\
                 {% if urgency and urgency == \"emergency\" %} Emergency!{% endif %}{% if need %} Need: {{ need }}.{% endif %}\
                 {% if question %} Asked: {{ question }}{% endif %}{% if message %} \"{{ message }}\"{% endif %}"
            }
            Self::WhoIAm => {
                "I'm the automated assistant of {{ business.name }}, not a person. I take down what you need, and somebody calls you back."
            }
            Self::LeaveMessage => "Then I'll take a message for our team.",
            Self::DangerGas => {
                "If you smell gas, leave the building now. Don't touch any switch, and call {{ business.emergency_number }} from outside."
            }
            Self::DangerCarbonMonoxide => {
                "Get everybody out into fresh air now, and call {{ business.emergency_number }} from outside."
            }
            Self::DangerFire => {
                "If there is fire or smoke, leave the building now and call {{ business.emergency_number }}."
            }
            Self::DangerSparking => {
                "Keep away from it. Switch off the main breaker if you can reach it safely. If you see smoke or flames, leave and call {{ business.emergency_number }}."
            }
            Self::DangerWater => {
                "Keep out of the water and away from anything electric. Switch off the main breaker only if you can reach it without stepping into water."
            }
            Self::DangerInjury => {
                "If anybody is badly hurt or has trouble breathing, hang up and call {{ business.emergency_number }} now."
            }
            _ => return None,
        })
    }

    /// Whether it is spoken; the others are sent as texts.
    pub(super) const fn is_spoken(self) -> bool {
        !matches!(self, Self::TextBack | Self::CallbackMissed | Self::OwnerNotice)
    }

    /// What the line is only ever spoken with, and must say.
    pub(super) const fn must_say(self) -> Option<&'static str> {
        match self {
            Self::OfferCallback | Self::ReadBackCallback | Self::ReadBackCallbackSlowly => Some("number"),
            Self::ReadBackEmail => Some("email"),
            _ => None,
        }
    }
}

/// What varies in a line from call to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LineVars {
    /// The caller's name, when known.
    pub name: Option<String>,
    /// A telephone number as it is to be spoken: digits apart, groups separated by commas.
    pub number: Option<String>,
    /// What is needed, when known.
    pub need: Option<String>,
    /// An e-mail address as it is to be spoken: letter by letter.
    pub email: Option<String>,
    /// How soon help is needed, when known: `emergency`, `soon` or `routine`.
    pub urgency: Option<String>,
    /// When the call was, by the business's clock.
    pub time: Option<String>,
    /// The beginning of the message that was left.
    pub message: Option<String>,
    /// What the caller asked and got no answer to.
    pub question: Option<String>,
}

impl LineVars {
    /// Their names in templates.
    pub(super) const NAMES: [&'static str; 8] =
        ["name", "number", "need", "email", "urgency", "time", "message", "question"];
}
