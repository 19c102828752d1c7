//! What of a transcript may be believed: models write plausible words for noise and silence, and repeats itself when lost.

use crate::conversation::Transcript;

/// How sure the model is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Certainty {
    /// Mean log-probability of the words' tokens.
    pub(super) mean_log_probability: f32,
    /// How likely it is that nothing was said.
    pub(super) no_speech: f32,
}

impl Default for Certainty {
    fn default() -> Self {
        Self { mean_log_probability: 0.0, no_speech: 0.0 }
    }
}

impl Certainty {
    /// Of what holds no sound.
    pub(super) const NOTHING: Self = Self { mean_log_probability: 0.0, no_speech: 1.0 };

    /// What is told of these words.
    pub(super) const fn transcript(self, text: String) -> Transcript {
        let Self { mean_log_probability, no_speech } = self;
        Transcript { text, mean_log_probability, no_speech_probability: no_speech, unsure: Vec::new() }
    }

    // OpenAI's own rule (`no_speech_threshold`, `logprob_threshold`), and a stricter one for what is surely no speech.
    fn is_nothing(self) -> bool {
        (self.no_speech > 0.6 && self.mean_log_probability < -1.0) || self.mean_log_probability < -1.3
    }

    fn is_low(self) -> bool {
        self.no_speech > 0.3 || self.mean_log_probability < -0.7
    }
}

// What whisper learned from subtitles and says over silence and noise.
const LEARNED_FROM_SUBTITLES: [&str; 12] = [
    "thanks for watching",
    "thank you for watching",
    "thank you so much for watching",
    "thanks for listening",
    "please subscribe",
    "see you next time",
    "see you in the next video",
    "subtitles by the amara org community",
    "thank you",
    "bye",
    "you",
    "the",
];

/// The words that may be believed; empty when none.
pub(super) fn believable(text: &str, certainty: Certainty, prompt: &str) -> String {
    if certainty.is_nothing() {
        return String::new();
    }
    let text = without_repeats(&without_remarks(text));
    let text = once(&text).to_owned();
    let plain = plain(&text);
    let learned = certainty.is_low() && LEARNED_FROM_SUBTITLES.contains(&plain.as_str());
    let echoed = !prompt.is_empty() && !plain.is_empty() && self::plain(prompt).ends_with(&plain) && plain.len() > 8;
    if plain.is_empty() || learned || echoed { String::new() } else { text }
}

// Remarks such as `[BLANK_AUDIO]`, `(music)`, `*sighs*`: nobody speaks brackets.
fn without_remarks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut closing = None;
    for c in text.chars() {
        match (closing, c) {
            (Some(end), _) if c == end => closing = None,
            (Some(_), _) | (None, '♪') => {}
            (None, '[') => closing = Some(']'),
            (None, '(') => closing = Some(')'),
            (None, '*') => closing = Some('*'),
            (None, _) => kept.push(c),
        }
    }
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

// A short utterance is often written again and again to the end: `1252-1252-1252-12` was said once. Nobody's number is the
// same three digits four times, or four or more three times; one digit may come as often as it likes.
fn once(text: &str) -> &str {
    let places: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| c.is_alphanumeric()).collect();
    let same = |a: usize, b: usize| places[a].1.eq_ignore_ascii_case(&places[b].1);
    let repeats = |period: &usize| {
        let times = if *period == 3 { 4 } else { 3 };
        places.len() >= period * times
            && (*period..places.len()).all(|n| same(n, n - period))
            && (1..*period).any(|n| !same(n, 0))
    };
    let Some(period) = (3..=places.len() / 3).find(repeats) else { return text };
    let (start, _) = places[period];
    text[..start].trim_end_matches(|c: char| c == '-' || c == ',' || c.is_whitespace())
}

// A lost decoder says the same words over and over. Digits and letters are often said several times in earnest.
fn without_repeats(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut kept = words.len();
    for length in 1..=words.len() / 3 {
        if let Some(end) = (0..words.len()).find_map(|start| loop_end(&words, start, length)) {
            kept = kept.min(end);
        }
    }
    words[..kept].join(" ")
}

// Where to cut when the `length` words from `start` come more often than people say them, one after the other.
fn loop_end(words: &[&str], start: usize, length: usize) -> Option<usize> {
    let phrase = words.get(start..start + length)?;
    let is_spelled =
        phrase.iter().any(|word| word.matches('-').count() > 1 && !word.contains(|c: char| c.is_ascii_digit()));
    let times_allowed = if is_spelled || length > 1 { 2 } else { 5 };
    if phrase.iter().all(|word| is_counted(word)) {
        return None;
    }
    let same = |other: &[&str]| other.len() == length && other.iter().zip(phrase).all(|(a, b)| plain(a) == plain(b));
    let times = words[start..].chunks(length).take_while(|chunk| same(chunk)).count();
    (times > times_allowed).then_some(start + length)
}

fn is_counted(word: &str) -> bool {
    let word = plain(word);
    word.chars().count() == 1 || word.chars().all(|c| c.is_ascii_digit())
}

fn plain(text: &str) -> String {
    let letters = text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Certainty, believable};

    const SURE: Certainty = Certainty { mean_log_probability: -0.2, no_speech: 0.01 };
    const UNSURE: Certainty = Certainty { mean_log_probability: -0.9, no_speech: 0.4 };

    #[test]
    fn remarks_are_no_speech() {
        for text in [" [BLANK_AUDIO]", "(music)", "*sighs*", "♪ ♪", "[MUSIC PLAYING]", "..."] {
            assert_eq!(believable(text, SURE, ""), "", "{text}");
        }
        assert_eq!(believable(" (laughs) Yes, please.", SURE, ""), "Yes, please.");
    }

    #[test]
    fn subtitles_words_count_only_when_sure() {
        assert_eq!(believable("Thank you.", SURE, ""), "Thank you.");
        assert_eq!(believable("Thank you.", UNSURE, ""), "");
        assert_eq!(believable("Thanks for watching!", UNSURE, ""), "");
        assert_eq!(believable("My sink is leaking.", UNSURE, ""), "My sink is leaking.");
    }

    #[test]
    fn improbable_words_are_dropped() {
        let nothing = Certainty { mean_log_probability: -1.2, no_speech: 0.7 };
        assert_eq!(believable("My sink is leaking.", nothing, ""), "");
    }

    #[test]
    fn loops_are_cut_but_digits_and_letters_are_not() {
        assert_eq!(believable("I need help. I need help. I need help. I need help.", SURE, ""), "I need help.");
        assert_eq!(believable("so so so so so so so", SURE, ""), "so");
        assert_eq!(believable("M-A-R-K. M-A-R-K. M-A-R-K. M-", SURE, ""), "M-A-R-K.");
        assert_eq!(believable("no no no", SURE, ""), "no no no");
        assert_eq!(believable("5 5 5 5 5 5 5", SURE, ""), "5 5 5 5 5 5 5");
        assert_eq!(believable("555 555 555 5555", SURE, ""), "555 555 555 5555");
    }

    #[test]
    fn what_is_written_again_to_the_end_was_said_once() {
        assert_eq!(believable("1252-1252-1252-1252-12", SURE, ""), "1252");
        assert_eq!(believable("1 5 2 1 7 1 5 2 1 7 1 5 2 1 7 1", SURE, ""), "1 5 2 1 7");
        assert_eq!(believable("G2-89 G2-89 G2-89", SURE, ""), "G2-89");
        assert_eq!(believable("212-212-2122", SURE, ""), "212-212-2122");
    }

    #[test]
    fn the_prompt_itself_is_no_answer() {
        let prompt = "My phone number is 734-291-6085.";
        assert_eq!(believable("734-291-6085", SURE, prompt), "");
        assert_eq!(believable("734-291-6086", SURE, prompt), "734-291-6086");
    }
}
