//! What one call was like: its steps, its lead and its turns as rows.

use crate::bench::report::{Observed, Row};
use crate::bench::utterances::Expected;
use crate::bench::words::plain;
use crate::caller::expectation::{compare, faults};
use crate::caller::{Action, CallReport as HeardCall, CallerError, Cue, Script, Seen, Step, StepReport};
use crate::conversation::{Heard, Origin, Speaker, Turn, clauses};
use crate::lead::{Evidence, Slot, SlotName};
use crate::store::CallReport as Kept;
use std::time::Duration;

/// A turn that was cut is written down a little after the caller began.
const SLACK: Duration = Duration::from_millis(500);
/// Words of acknowledgements: a clause of these alone says nothing yet.
#[rustfmt::skip]
const ACKNOWLEDGING: [&str; 37] = [
    "thank", "thanks", "you", "okay", "alright", "all", "right", "i", "see", "understand", "understood", "got", "it", "sure", "great", "of",
    "course", "certainly", "good", "perfect", "noted", "hear", "that", "i'm", "sorry", "to", "um", "one", "moment", "let", "me", "check",
    "very", "well", "yes", "so", "much",
];
/// What listeners say without wanting the floor.
#[rustfmt::skip]
const BACKCHANNELS: [&str; 17] = [
    "uh", "huh", "mm", "hmm", "mhm", "mmhmm", "hm", "yeah", "yep", "yes", "okay", "right", "sure", "i", "see", "ah", "alright",
];
/// Words in details that are made of what was said, and needn't stand in it.
#[rustfmt::skip]
const MADE: [&str; 23] = [
    "the", "a", "an", "in", "on", "at", "of", "and", "to", "my", "is", "for", "by", "from", "with", "st", "ave", "am", "pm", "dr", "rd",
    "it", "there",
];

/// One call, from both ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) script: &'a Script,
    pub(super) round: u32,
    pub(super) heard: Result<&'a HeardCall, &'a CallerError>,
    /// Its record, when there is one.
    pub(super) kept: Option<&'a Kept>,
}

/// The measure of a detail.
pub(super) fn slot_key(slot: SlotName) -> String {
    format!("slot_{slot}")
}

impl Call<'_> {
    pub(super) fn rows(&self, subject: &str, condition: &str) -> Vec<Row> {
        let item = format!("{}/{}", self.script.name, self.round);
        let mut rows = vec![self.whole(Row::new(&item, subject, condition))];
        let Ok(heard) = self.heard else { return rows };
        for (index, step) in heard.steps.iter().enumerate() {
            // Steps come as they are asked for, some twice: they are known by their words.
            let Some(place) = self.script.steps.iter().position(|one| one.action.text() == step.said) else { continue };
            let row = Row::new(format!("{item} step {}", place + 1), subject, condition);
            let until = heard.steps.get(index + 1).map_or(heard.duration_ms, |next| next.sent_at_ms);
            rows.push(self.step(&self.script.steps[place], step, until, row));
        }
        for (index, turn) in self.turns().enumerate().filter(|(_, turn)| turn.speaker == Speaker::Receptionist) {
            rows.extend(stages(turn, Row::new(format!("{item} turn {}", index + 1), subject, condition)));
        }
        rows
    }

    fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.kept.iter().flat_map(|kept| &kept.turns).map(|kept| &kept.turn)
    }

    fn whole(&self, mut row: Row) -> Row {
        row.observe("answered", Observed::Hit(self.heard.is_ok()));
        let heard = match self.heard {
            Ok(heard) => heard,
            Err(error) => {
                row.note("not answered", error.to_string());
                return row;
            }
        };
        row.note("ending", heard.ending.to_string());
        row.observe("completed", Observed::Hit(heard.completed));
        if let Some(after) = heard.greeting_after_ms {
            row.observe("greeting_ms", Observed::Value(after as f64));
        }
        let none = Vec::new();
        let slots = self.kept.map_or(&none, |kept| &kept.slots);
        let wrong = compare(&self.script.expect, slots);
        for slot in self.script.expect.rules().into_keys() {
            row.observe(&slot_key(slot), Observed::Hit(!wrong.iter().any(|mismatch| mismatch.slot == slot)));
        }
        if let Some(rule) = &self.script.expect.callback {
            let number = slots.iter().find(|slot| slot.name == SlotName::Callback);
            let is_wrong = number.is_some_and(|slot| slot.confirmed && !rule.is_met_by(&slot.value));
            row.observe("wrong_confirmed", Observed::Hit(is_wrong));
        }
        let invented = self.invented(slots);
        row.observe("invented", Observed::Hit(!invented.is_empty()));
        let outcome = self.kept.and_then(|kept| kept.outcome.as_deref()).unwrap_or("no record");
        let expected = self.script.expect.outcome.as_deref();
        let ended_well = expected.is_none_or(|expected| expected.split('|').any(|one| one == outcome));
        row.observe("outcome", Observed::Hit(ended_well));
        let texts = self.kept.map_or(0, |kept| {
            kept.texts.iter().filter(|text| text.kind == "text_back" && text.accepted_at.is_some()).count()
        });
        row.observe("texts", Observed::Hit(texts == self.script.expect.texts as usize));
        // The benchmark's plan has nobody to fetch.
        let faults = self.kept.map(|kept| faults(&self.script.expect, &Seen::of(kept, texts, false)));
        let is_right = faults.as_ref().is_some_and(Vec::is_empty);
        row.observe("all_right", Observed::Hit(heard.completed && is_right));
        row.note("outcome", outcome);
        if let Some(faults) = faults.filter(|faults| !faults.is_empty()) {
            row.note("wrong", faults.join("; "));
        }
        if !invented.is_empty() {
            row.note("invented", invented.join("; "));
        }
        row
    }

    /// Details that must not be there, and those with words that neither the script nor the transcript holds. What was misheard is wrong, not invented.
    fn invented(&self, slots: &[Slot]) -> Vec<String> {
        let mut known = Vec::new();
        for step in &self.script.steps {
            known.extend(plain(&step.action.text()));
        }
        known.extend(self.turns().filter(|turn| turn.speaker == Speaker::Caller).flat_map(|turn| plain(&turn.text)));
        let spelled: String = known.iter().filter(|word| word.chars().count() == 1).map(String::as_str).collect();
        let is_known = |word: &String| known.contains(word) || MADE.contains(&word.as_str()) || spelled.contains(word);
        let is_made_up = |slot: &Slot| match slot.name {
            // Made absolute, spelled or written otherwise, or one of three words: their own rules judge them.
            SlotName::Urgency | SlotName::PreferredTime | SlotName::Email => false,
            SlotName::Callback => {
                let said: String =
                    known.iter().filter(|word| word.chars().all(|c| c.is_ascii_digit())).cloned().collect();
                let is_unsaid = |group: &[char]| !said.contains(&group.iter().collect::<String>());
                let digits: Vec<char> = slot.value.chars().filter(char::is_ascii_digit).collect();
                // By the last digits, in pieces as they are dictated and corrected: the country's code is rarely said.
                let pieces =
                    digits.rchunks(4).take(1).chain(digits.get(1..7).into_iter().flat_map(|rest| rest.chunks(3)));
                slot.evidence != Evidence::CallerId && pieces.into_iter().any(is_unsaid)
            }
            SlotName::Name | SlotName::Address | SlotName::Need | SlotName::Question => {
                !plain(&slot.value).iter().all(is_known)
            }
        };
        let found = slots.iter().filter(|slot| self.script.expect.absent.contains(&slot.name) || is_made_up(slot));
        found.map(|slot| format!("{}: {}", slot.name, slot.value)).collect()
    }

    fn step(&self, scripted: &Step, step: &StepReport, until_ms: u64, mut row: Row) -> Row {
        row.note("said", &step.said);
        if let Some(after) = step.first_audio_after_ms {
            row.observe("first_audio_ms", Observed::Value(after as f64));
            let reply = self.reply(step.speech_ended_at_ms.unwrap_or(step.sent_at_ms), until_ms);
            row.observe("content_ms", Observed::Value(content_after(step, after, &reply) as f64));
            row.note("reply", reply);
        }
        let Action::Say { text, .. } = &scripted.action else { return row };
        let is_cut_off = step.spoken_into_after_ms.is_some();
        row.observe("cut_off", Observed::Hit(is_cut_off));
        if let Some(after) = step.spoken_into_after_ms {
            let of = step.speech_ended_at_ms.unwrap_or(step.sent_at_ms).saturating_sub(step.sent_at_ms);
            row.note("spoken into", format!("after {after} of {of} ms"));
        }
        if matches!(Expected::of_words(text), Expected::Digits(_)) {
            row.observe("cut_off_in_number", Observed::Hit(is_cut_off));
        }
        if matches!(scripted.cue, Cue::BargeIn(_)) {
            let words = plain(text);
            let was_cut = self.was_cut(Duration::from_millis(step.sent_at_ms));
            if words.iter().all(|word| BACKCHANNELS.contains(&word.as_str())) {
                row.observe("backchannel_stopped", Observed::Hit(was_cut));
            } else if let Some(after) = step.interrupted_after_ms.filter(|_| was_cut) {
                row.observe("interrupted_ms", Observed::Value(after as f64));
            }
        }
        row
    }

    /// What the receptionist began to say between two moments of the call.
    fn reply(&self, from_ms: u64, until_ms: u64) -> String {
        let range = Duration::from_millis(from_ms).saturating_sub(SLACK)..Duration::from_millis(until_ms);
        let turns =
            self.turns().filter(|turn| turn.speaker == Speaker::Receptionist && range.contains(&turn.started_at));
        turns.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether the receptionist was cut short by what the caller began to say then.
    fn was_cut(&self, at: Duration) -> bool {
        let under_way = |turn: &&Turn| turn.started_at <= at && at <= turn.ended_at + SLACK;
        self.turns().filter(under_way).any(|turn| turn.speaker == Speaker::Receptionist && turn.heard == Heard::Part)
    }
}

/// When the first clause begins that is more than an acknowledgement. Clauses are parted by short quiets; where they can't be told apart, by how
/// much of the reply's text lies before.
fn content_after(step: &StepReport, first_ms: u64, reply: &str) -> u64 {
    let clauses = clauses(reply);
    let empty = clauses.iter().take_while(|clause| acknowledges(clause)).count();
    if empty == 0 || empty == clauses.len() {
        return first_ms;
    }
    if let Some([begun, _]) = step.stretches_ms.get(empty) {
        return *begun;
    }
    let length = |some: &[String]| some.iter().map(|clause| clause.chars().count()).sum::<usize>() as f64;
    let ended = step.stretches_ms.last().map_or(first_ms, |[_, ended]| *ended);
    first_ms + (ended.saturating_sub(first_ms) as f64 * length(&clauses[..empty]) / length(&clauses).max(1.0)) as u64
}

fn acknowledges(clause: &str) -> bool {
    let words = plain(clause);
    !clause.contains('?') && words.len() <= 6 && words.iter().all(|word| ACKNOWLEDGING.contains(&word.as_str()))
}

fn stages(turn: &Turn, mut row: Row) -> Option<Row> {
    let stages = [
        ("endpoint_ms", turn.stages.endpoint),
        ("transcript_ms", turn.stages.transcript),
        ("first_text_ms", turn.stages.first_text),
        ("sent_ms", turn.stages.first_audio),
        ("sent_by_model_ms", turn.stages.first_audio.filter(|_| turn.origin == Origin::Model)),
    ];
    for (key, time) in stages {
        if let Some(time) = time {
            row.observe(key, Observed::Value(super::ms(time)));
        }
    }
    if matches!(turn.origin, Origin::Fallback(_)) {
        row.note("origin", "a line of the prompt file, since the language model was late or failed");
    }
    (!row.observed.is_empty()).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TurnId;

    fn step(stretches_ms: &[[u64; 2]]) -> StepReport {
        StepReport {
            first_audio_after_ms: stretches_ms.first().map(|[begun, _]| *begun),
            stretches_ms: stretches_ms.to_vec(),
            ..StepReport::default()
        }
    }

    #[test]
    fn an_acknowledgement_is_no_content() {
        let two = step(&[[600, 1_300], [1_600, 3_600]]);
        assert_eq!(content_after(&two, 600, "Thank you. May I have your name?"), 1_600);
        assert_eq!(content_after(&two, 600, "A leak, I see. May I have your name?"), 600);
        assert_eq!(content_after(&two, 600, "Thank you."), 600, "there is nothing else");
        let one = step(&[[600, 2_600]]);
        let after = content_after(&one, 600, "Thank you. May I have your name?");
        assert!((800..1_300).contains(&after), "a third of two seconds: {after}");
    }

    #[test]
    fn what_nobody_said_is_invented_and_what_was_misheard_is_not() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/callers/speller.toml");
        let script = Script::load(&path).expect("a script");
        let call =
            Call { script: &script, round: 1, heard: Err(&CallerError::NoCodec { to: String::new() }), kept: None };
        let slot = |name, value: &str, evidence| Slot { name, value: value.to_owned(), evidence, confirmed: true };
        for (name, value, evidence, count) in [
            (SlotName::Name, "Alan Wells", Evidence::Turn(TurnId(1)), 0),
            (SlotName::Name, "Peter Wells", Evidence::Turn(TurnId(1)), 1),
            (SlotName::Address, "27 Park Ave in Queens", Evidence::Turn(TurnId(1)), 0),
            (SlotName::Address, "28 Park Avenue", Evidence::Turn(TurnId(1)), 1),
            (SlotName::Callback, "+17185550163", Evidence::CallerId, 0),
            (SlotName::Callback, "+17185550163", Evidence::Turn(TurnId(1)), 1),
            (SlotName::PreferredTime, "Wednesday, November 25", Evidence::Turn(TurnId(1)), 0),
        ] {
            assert_eq!(call.invented(&[slot(name, value, evidence)]).len(), count, "{value}");
        }
    }
}
