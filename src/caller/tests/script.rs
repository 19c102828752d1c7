//! Scripts: what is read, what is refused, what is compared.

use crate::caller::expectation::{Expect, compare, faults};
use crate::caller::{Action, Cue, Question, Script, Seen};
use crate::id::TurnId;
use crate::lead::{Evidence, Slot, SlotName};
use std::path::Path;

const HEAD: &str = "name = \"x\"\ndescription = \"d\"\n";

/// Loads a script of this text, with a sound `a.wav` of one second beside it.
fn load(text: &str) -> Result<Script, String> {
    let folder = tempfile::tempdir().unwrap();
    crate::caller::wav::write(&folder.path().join("a.wav"), &[&[1_000; 8_000]]).unwrap();
    crate::caller::wav::write(&folder.path().join("stereo.wav"), &[&[1; 80], &[1; 80]]).unwrap();
    let law = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x02\0\0\0\xff\x80";
    std::fs::write(folder.path().join("law.wav"), law).unwrap();
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
        Action::Sound { .. } | Action::Keys(_) | Action::HangUp => 0,
    });
    assert_eq!(sounds.collect::<Vec<_>>(), [8_000, 20_000, 0, 0]);
    let cues: Vec<Cue> = script.steps.iter().map(|step| step.cue).collect();
    assert_eq!(cues, [Cue::Reply, Cue::BargeIn(super::ms(1_500)), Cue::Nothing, Cue::Reply]);
}

#[test]
fn reads_what_came_later() {
    let script = load(&format!(
        "{HEAD}prompt = \"dentist\"\n[line]\nloss = 0.03\njitter_ms = 20\nnoise = \"a.wav\"\nsnr_db = 10\n\
         [[step]]\nwhen = \"name\"\nsay = \"a\"\nwav = \"law.wav\"\n\
         [[step]]\nwhen = [\"number\", \"keypad\"]\noptional = true\nvoice = \"b\"\ndigits = \"1\"\n\
         [[step]]\nsound = \"a.wav\"\nrepeat = 3\n"
    ))
    .unwrap();
    assert_eq!(script.prompt.as_deref(), Some("dentist"));
    assert!(
        script
            .line
            .noise
            .as_ref()
            .is_some_and(|(path, snr_db)| path.ends_with("a.wav") && (*snr_db - 10.0).abs() < f32::EPSILON)
    );
    let [Action::Say { sound, .. }, Action::Keys(_), Action::Sound { name, sound: thrice }] =
        [&script.steps[0].action, &script.steps[1].action, &script.steps[2].action]
    else {
        panic!("{:?}", script.steps);
    };
    // 0xFF is silence, 0x80 the loudest (ITU-T G.711, table 2).
    assert_eq!(sound.as_slice(), [0, 32_124]);
    assert_eq!((name.as_str(), thrice.len()), ("a", 24_000));
    assert_eq!(script.steps[1].when, [Question::Number, Question::Keypad]);
    assert!(script.steps[1].optional);
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
        (&format!("{HEAD}[line]\nloss = 3"), ["line.loss", "0 to 1"]),
        (&format!("{HEAD}[line]\nnoise = \"a.wav\""), ["line.noise", "snr_db"]),
        (&format!("{HEAD}[[step]]\nsound = \"a.wav\"\ndigits = \"1\""), ["step[1].sound", "alone"]),
        (&format!("{HEAD}[[step]]\noptional = true\ndigits = \"1\""), ["step[1].optional", "when"]),
        (&format!("{HEAD}[[step]]\nrepeat = 2\ndigits = \"1\""), ["step[1].repeat", "sound"]),
        (&format!("{HEAD}[[step]]\nwhen = \"age\"\ndigits = \"1\""), ["x.toml", "when"]),
        (
            &format!("{HEAD}[expect]\nconfirmed = [\"name\"]\nnot_confirmed = [\"name\"]"),
            ["expect.confirmed", "remove one"],
        ),
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

#[test]
fn tells_all_that_is_not_as_expected_of_a_call() {
    let expect: Expect = toml::from_str(
        "name = \"Dana\"\nconfirmed = [\"callback\"]\nnot_confirmed = [\"name\"]\nsaid = [\"leave|outside\", \"911\"]\n\
         unsaid = [\"free of charge|is free\"]\nescalated = true\nuninterrupted = true\noutcome = \"farewell|idle\"",
    )
    .unwrap();
    let confirmed = |name, value, confirmed| Slot { confirmed, ..slot(name, value) };
    let good = Seen {
        slots: vec![confirmed(SlotName::Name, "Dana", false), confirmed(SlotName::Callback, "+12125550142", true)],
        outcome: Some("idle".to_owned()),
        said: "Please go outside and call 911.".to_owned(),
        cut: 0,
        escalated: None,
        texts: 1,
    };
    assert_eq!(faults(&expect, &good), [""; 0]);
    let bad = Seen {
        slots: vec![confirmed(SlotName::Name, "Dan", true), confirmed(SlotName::Callback, "+12125550142", false)],
        outcome: Some("failed".to_owned()),
        said: "The visit is free.".to_owned(),
        cut: 2,
        escalated: Some(false),
        texts: 0,
    };
    assert_eq!(
        faults(&expect, &bad),
        [
            "name: expected `Dana`, found `Dan`",
            "callback: is not confirmed",
            "name: is confirmed, though the caller did not agree",
            "the receptionist did not say `leave|outside`",
            "the receptionist did not say `911`",
            "the receptionist said `free of charge|is free`",
            "no person was fetched",
            "2 of the receptionist's turns were cut off, expected none",
            "the call ended as `failed`, expected `farewell|idle`",
            "0 texts were delivered, expected 1",
        ]
    );
}
