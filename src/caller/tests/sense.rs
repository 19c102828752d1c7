//! The words of every script that goes by order alone, understood by the product's own reading of transcripts, give what the
//! script expects: one that contradicts itself would blame the call. Callers who answer what they are asked may be beyond it.

use super::fixtures::{folder, scripts};
use crate::caller::{Action, Script};
use crate::lead::{Asked, SlotName, understand};

fn in_order() -> impl Iterator<Item = Script> {
    scripts().into_iter().filter(|script| script.steps.iter().all(|step| step.when.is_empty()))
}

/// Every value of `slot` that the script's words hold as answers to `asked`.
fn understood(script: &Script, slot: SlotName, asked: Asked) -> Vec<String> {
    let said = script.steps.iter().filter_map(|step| match &step.action {
        Action::Say { text, .. } => Some(text.replace(" … ", " ")),
        Action::Sound { .. } | Action::Keys(_) | Action::HangUp => None,
    });
    let values = said.flat_map(|said| understand(asked, &said, "US").values);
    values.filter(|(name, _)| *name == slot).map(|(_, value)| value).collect()
}

#[test]
fn the_words_hold_what_is_expected() {
    for script in in_order() {
        let rules = script.expect.rules();
        for (slot, asked) in [
            (SlotName::Need, Asked::Need),
            (SlotName::Name, Asked::Name),
            (SlotName::Address, Asked::Address),
            (SlotName::PreferredTime, Asked::PreferredTime),
            (SlotName::Urgency, Asked::Urgency),
        ] {
            let Some(rule) = rules.get(&slot) else { continue };
            let values = understood(&script, slot, asked);
            assert!(values.iter().any(|value| rule.is_met_by(value)), "{}: {slot}: {values:?}", script.name);
        }
    }
}

/// What is asked before a step, by the end of its sound's name.
fn topic(wav: &str) -> Option<(SlotName, Asked)> {
    let topics = [
        ("_need", SlotName::Need, Asked::Need),
        ("_name", SlotName::Name, Asked::Name),
        ("_address", SlotName::Address, Asked::Address),
        ("_urgency", SlotName::Urgency, Asked::Urgency),
        ("_time", SlotName::PreferredTime, Asked::PreferredTime),
    ];
    let stem = wav.strip_suffix(".wav")?;
    topics.into_iter().find(|(end, ..)| stem.ends_with(end)).map(|(_, slot, asked)| (slot, asked))
}

#[test]
fn no_answer_gives_away_what_a_later_step_answers() {
    for script in in_order() {
        let text = std::fs::read_to_string(folder().join(format!("{}.toml", script.name))).unwrap();
        let steps = text.parse::<toml::Table>().unwrap().remove("step").map(|steps| steps.as_array().unwrap().clone());
        let answers: Vec<(SlotName, Asked, String)> = steps
            .unwrap_or_default()
            .iter()
            .filter_map(|step| {
                let (slot, asked) = topic(step.get("wav")?.as_str()?)?;
                Some((slot, asked, step.get("say")?.as_str()?.to_owned()))
            })
            .collect();
        for (index, (_, asked, said)) in answers.iter().enumerate() {
            let later: Vec<SlotName> = answers[index + 1..].iter().map(|(slot, ..)| *slot).collect();
            let given = understand(*asked, said, "US").values;
            let spoilt = given.iter().find(|(slot, _)| later.contains(slot));
            assert_eq!(spoilt, None, "{}: `{said}`: the receptionist will not ask", script.name);
        }
        // What nobody answers must be evident from the need.
        let is_answered = |wanted: SlotName| answers.iter().any(|(slot, ..)| *slot == wanted);
        if script.expect.urgency.is_some() && !is_answered(SlotName::Urgency) {
            let need = understand(Asked::Need, &answers[0].2, "US").values;
            assert!(need.iter().any(|(slot, _)| *slot == SlotName::Urgency), "{}", script.name);
        }
    }
}
