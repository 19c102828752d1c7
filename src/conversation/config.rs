//! How patient a conversation is. All times are whole milliseconds in files.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The times and limits of one conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConversationConfig {
    /// A frame at or above this probability holds speech, 0 to 1.
    pub speech_probability: f32,
    /// So much speech within a short while starts an utterance; less is a click.
    #[serde(rename = "min_speech_ms", with = "millis")]
    pub min_speech: Duration,
    /// After so much silence the utterance is transcribed ahead of its end.
    #[serde(rename = "eager_pause_ms", with = "millis")]
    pub eager_pause: Duration,
    /// Silence that ends an utterance.
    #[serde(rename = "endpoint_ms", with = "millis")]
    pub endpoint: Duration,
    /// Silence that ends an utterance whose words are a whole answer to what was asked.
    #[serde(rename = "short_endpoint_ms", with = "millis")]
    pub short_endpoint: Duration,
    /// Silence that ends an utterance which does not sound as if the caller were done.
    #[serde(rename = "unsure_endpoint_ms", with = "millis")]
    pub unsure_endpoint: Duration,
    /// Silence that ends an utterance in the middle of digits, letters or a sentence left hanging.
    #[serde(rename = "patient_endpoint_ms", with = "millis")]
    pub patient_endpoint: Duration,
    /// The longest utterance; it is taken as it is then.
    #[serde(rename = "max_utterance_ms", with = "millis")]
    pub max_utterance: Duration,
    /// The longest speech without a pause; what goes on is the voices around the caller, and is taken as it is.
    #[serde(rename = "max_breath_ms", with = "millis")]
    pub max_breath: Duration,
    /// So much speech of the caller makes the receptionist pause. She goes on when no more follows.
    #[serde(rename = "hush_ms", with = "millis")]
    pub hush: Duration,
    /// So much speech of the caller stops the receptionist; a shorter "uh-huh" or cough never does.
    #[serde(rename = "barge_in_ms", with = "millis")]
    pub barge_in: Duration,
    /// So much speech of the caller takes a reply back that is not to be heard yet.
    #[serde(rename = "go_on_ms", with = "millis")]
    pub go_on: Duration,
    /// How long the language model's choice or first words may take before a line of the prompt file is spoken instead.
    #[serde(rename = "reply_budget_ms", with = "millis")]
    pub reply_budget: Duration,
    /// How long the language model may stall within a reply.
    #[serde(rename = "reply_stall_ms", with = "millis")]
    pub reply_stall: Duration,
    /// How long a transcript may take.
    #[serde(rename = "transcript_budget_ms", with = "millis")]
    pub transcript_budget: Duration,
    /// Silence of the caller until "are you still there?".
    #[serde(rename = "idle_prompt_ms", with = "millis")]
    pub idle_prompt: Duration,
    /// Silence of the caller until the call is ended.
    #[serde(rename = "idle_end_ms", with = "millis")]
    pub idle_end: Duration,
    /// The longest conversation.
    #[serde(rename = "max_length_ms", with = "millis")]
    pub max_length: Duration,
    /// A pause that ends a number being keyed in.
    #[serde(rename = "keypad_pause_ms", with = "millis")]
    pub keypad_pause: Duration,
    /// After the caller hung up, how long answers to open requests are awaited.
    #[serde(rename = "drain_ms", with = "millis")]
    pub drain: Duration,
    /// Whether the language model words an answer itself where none of the prompt file's facts is one. Small models promise too much then.
    pub words_freely: bool,
    /// Whether a person can be asked for during the conversation.
    pub escalates: bool,
    /// How often one detail is asked for again before it is left out.
    pub max_reasks: u8,
    /// Most tokens in a reply of the language model.
    pub max_reply_tokens: usize,
}

impl Default for ConversationConfig {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            speech_probability: 0.5,
            min_speech: ms(120),
            eager_pause: ms(140),
            endpoint: ms(500),
            short_endpoint: ms(300),
            unsure_endpoint: ms(1_000),
            patient_endpoint: ms(2_000),
            max_utterance: ms(20_000),
            max_breath: ms(10_000),
            hush: ms(120),
            barge_in: ms(500),
            go_on: ms(240),
            reply_budget: ms(2_500),
            reply_stall: ms(3_000),
            transcript_budget: ms(8_000),
            idle_prompt: ms(10_000),
            idle_end: ms(20_000),
            max_length: ms(600_000),
            keypad_pause: ms(4_000),
            drain: ms(3_000),
            words_freely: false,
            escalates: false,
            max_reasks: 2,
            max_reply_tokens: 80,
        }
    }
}

mod millis {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::ConversationConfig;
    use std::time::Duration;

    #[test]
    fn is_written_in_milliseconds_and_refuses_unknown_keys() {
        let config: ConversationConfig = toml::from_str("endpoint_ms = 700").expect("valid");
        assert_eq!(config.endpoint, Duration::from_millis(700));
        assert_eq!(config.barge_in, ConversationConfig::default().barge_in);
        assert!(toml::from_str::<ConversationConfig>("endpoint = 700").is_err());
        let text = toml::to_string(&config).expect("serialisable");
        assert_eq!(toml::from_str::<ConversationConfig>(&text).expect("valid"), config);
    }
}
