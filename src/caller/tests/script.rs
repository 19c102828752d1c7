//! Scripts: what is read, what is refused, what is compared.

use crate::caller::expectation::{Expect, compare};
use crate::caller::{Action, Cue, Script};
use crate::id::TurnId;
use crate::lead::{Evidence, Slot, SlotName};
use std::path::Path;

const HEAD: &str = "name = \"x\"\ndescription = \"d\"\n";

/// Loads a script of this text, with a sound `a.wav` of one second beside it.
fn load(text: &str) -> Result<Script, String> {
    let folder = tempfile::tempdir().unwrap();
    crate::caller::wav::write(&folder.path().join("a.wav"), &[&[1_000; 8_000]]).unwrap();
    crate::caller::wav::write(&folder.path().join("stereo.wav"), &[&[1; 80], &[1; 80]]).unwrap();
    let path = folder.path().join("x.toml");
    std::fs::write(&path, text).unwrap();
    Script::load(&path).map_err(|error| error.to_string())
}

#[test]
fn reads_every_kind_of_step() {
    let script = load(&format!(
        "{HEAD}from = \"(212) 555-0142\"\ncodec = \"pcma\"\n\
         [[step]]\nsay = \"a\"\nwav = \"a.wav\"\npause_ms = 50\n\
         [[step]]\nsay = [\"a\", \"b\"]\nwav = [\"a.wav\", \"a.wav\"]\nsilence_ms = 500\nbarge_in_ms = 1500\n\
         [[step]]\ndigits = \"12#\"\nafter = \"nothing\"\n[[step]]\nhang_up = true\n"
    ))
    .unwrap();
    assert_eq!(script.from.map(|from| from.e164().to_owned()).as_deref(), Some("+12125550142"));
    let sounds = script.steps.iter().map(|step| match &step.action {
        Action::Say { sound, .. } => sound.len(),
        Action::Keys(_) | Action::HangUp => 0,
    });
    assert_eq!(sounds.collect::<Vec<_>>(), [8_000, 20_000, 0, 0]);
    let cues: Vec<Cue> = script.steps.iter().map(|step| step.cue).collect();
    assert_eq!(cues, [Cue::Reply, Cue::BargeIn(super::ms(1_500)), Cue::Nothing, Cue::Reply]);
}

#[test]
fn every_fault_names_its_key_and_the_way_out() {
    for (text, parts) in [
        ("nmae = \"x\"", ["x.toml", "nmae"]),
        ("name = \"y\"\ndescription = \"d\"", ["name", "file's name"]),
        (&format!("{HEAD}from = \"+1 212 867 5309\""), ["from", "555 01xx"]),
        (&format!("{HEAD}from = \"12\""), ["from", "country code"]),
        (&format!("{HEAD}quiet_ms = 1"), ["quiet_ms", "use 100 or more"]),
        (&format!("{HEAD}[[step]]\nsay = \"a\""), ["step[1].wav", "each piece"]),
        (&format!("{HEAD}[[step]]\nsay = \"a\"\nwav = \"b.wav\""), ["b.wav", "make_audio.py"]),
        (&format!("{HEAD}[[step]]\nsay = \"a\"\nwav = \"stereo.wav\""), ["2 channels", "8,000 Hz"]),
        (&format!("{HEAD}[[step]]\ndigits = \"1x\""), ["step[1].digits", "0 to 9"]),
        (&format!("{HEAD}[[step]]\npause_ms = 5"), ["step[1].say", "hang_up = true"]),
        (&format!("{HEAD}[[step]]\nhang_up = true\n[[step]]\ndigits = \"1\""), ["step[1].hang_up", "last"]),
        (
            &format!("{HEAD}[[step]]\ndigits = \"1\"\nafter = \"reply\"\nbarge_in_ms = 500"),
            ["barge_in_ms", "leave one"],
        ),
        (&format!("{HEAD}[[step]]\nsay = \"a\"\nwav = \"a.wav\"\nsilence_ms = 5"), ["silence_ms", "lists"]),
        (&format!("{HEAD}[expect]\noutcome = \"fine\""), ["expect.outcome", "farewell"]),
        (&format!("{HEAD}[expect]\nname = \"\""), ["expect.name", "absent"]),
        (&format!("{HEAD}[expect]\nname = \"A\"\nabsent = [\"name\"]"), ["expect.absent", "remove one"]),
    ] {
        let error = load(text).expect_err(text);
        assert!(parts.iter().all(|part| error.contains(part)), "{text}\n{error}");
    }
    let missing = Script::load(Path::new("/nowhere/x.toml")).unwrap_err().to_string();
    assert!(missing.contains("/nowhere/x.toml") && missing.contains("fixtures/callers"), "{missing}");
}

fn slot(name: SlotName, value: &str) -> Slot {
    Slot { name, value: value.to_owned(), evidence: Evidence::Turn(TurnId(1)), confirmed: false }
}

#[test]
fn compares_a_lead_with_what_is_expected() {
    let expect: Expect = toml::from_str(
        "name = \"Dana Whitfield\"\nneed = { contains = [\"burst\", \"pipe\"] }\n\
         address = { any = [\"418 Maple Street\", \"418 Maple St\"] }\nabsent = [\"urgency\"]",
    )
    .unwrap();
    assert_eq!(expect.texts, 1);
    let good = [
        slot(SlotName::Name, "dana  whitfield."),
        slot(SlotName::Need, "A pipe has burst"),
        slot(SlotName::Address, "418 Maple St"),
        slot(SlotName::PreferredTime, "whenever"),
    ];
    assert_eq!(compare(&expect, &good), []);
    let bad = [slot(SlotName::Name, "Dan"), slot(SlotName::Need, "a pipe"), slot(SlotName::Urgency, "soon")];
    let told: Vec<String> = compare(&expect, &bad).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "name: expected `Dana Whitfield`, found `Dan`",
            "address: expected `418 Maple Street` or `418 Maple St`, found nothing",
            "need: expected something with `burst` and `pipe`, found `a pipe`",
            "urgency: expected nothing, found `soon`",
        ]
    );
}
