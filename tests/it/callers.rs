//! Every scripted caller phones in, over real SIP and RTP, and is served by the real models.

use crate::harness::{
    Backstop, PATIENCE, PROFILE, end_of, own, real, repository, run_alone, wait_for, wait_until_unused,
};
use crate::peers::Phone;
use crate::routing::{CELL_THEN_RECEPTIONIST, routing_of, timeline};
use backstop::caller::expectation::compare;
use backstop::caller::{CallOptions, CallReport as CallerReport, Script};
use backstop::conversation::{Heard, Origin, Speaker};
use backstop::id::CallId;
use backstop::phone::PhoneNumber;
use backstop::server::Notice;
use backstop::store::CallReport;

struct Outcome {
    caller: CallerReport,
    call: CallReport,
}

fn phone_in(name: &str, change: impl FnOnce(&mut CallOptions)) -> Outcome {
    run_alone(async { phone_in_to(real().await, name, change).await })
}

async fn phone_in_to(backstop: &Backstop, name: &str, change: impl FnOnce(&mut CallOptions)) -> Outcome {
    let path = repository().join(format!("fixtures/callers/{name}.toml"));
    let script = Script::load(&path).expect("a good script");
    let texts_before = backstop.sink.received().len();
    let mut notices = backstop.server.watch();
    let out = tempfile::tempdir().expect("a folder");
    let mut options = CallOptions::new(backstop.uri(), script);
    options.out_dir = Some(out.path().to_owned());
    change(&mut options);
    let expect = options.script.expect.clone();
    let from = match &options.from {
        Some(number) => PhoneNumber::parse(number, "US").ok(),
        None => options.script.from.clone(),
    };
    let talking = tokio::spawn(async move { backstop::caller::run(options, &mut |_| {}).await });
    let call: CallId = wait_for(&mut notices, |notice| match notice {
        Notice::Ringing { call, caller, .. } if caller == from => Some(call),
        _ => None,
    })
    .await;
    end_of(&mut notices, call).await;
    let caller = talking.await.expect("no panic").expect("the call is made");
    let call = backstop.report(call).await;
    let shown = || format!("{name}: {}", serde_json::to_string_pretty(&call).unwrap_or_default());
    assert!(caller.completed, "{}: {}", caller.ending, shown());
    let wrong = compare(&expect, &call.slots);
    assert!(wrong.is_empty(), "{wrong:?} {}", shown());
    if let Some(outcome) = &expect.outcome {
        assert_eq!(call.outcome.as_ref(), Some(outcome), "{}", shown());
    }
    let texts = backstop.sink.wait_for(texts_before + expect.texts as usize, PATIENCE).await;
    assert_eq!(texts.len() - texts_before, expect.texts as usize, "{}", shown());
    wait_until_unused(backstop).await;
    Outcome { caller, call }
}

/// Every receptionist's turn after the greeting says how long each stage took, and none had to be a fallback.
fn assert_measured(call: &CallReport) {
    let turns: Vec<_> = call.turns.iter().map(|kept| &kept.turn).collect();
    let answers = turns.iter().filter(|turn| turn.speaker == Speaker::Receptionist).skip(1);
    for turn in answers.filter(|turn| turn.heard != Heard::Nothing) {
        assert!(!matches!(turn.origin, Origin::Fallback(_)), "a fallback: {turn:?}");
    }
    assert!(turns.iter().filter(|turn| turn.stages.first_audio.is_some()).count() >= 3, "{turns:?}");
    assert!(call.turns.iter().all(|kept| kept.prompt_hash == call.prompt_hash), "each turn has its prompt's hash");
}

#[test]
fn burst_pipe_becomes_a_lead_and_a_text() {
    let Outcome { caller, call } = phone_in("burst_pipe", |_| {});
    assert_measured(&call);
    let greeting = &call.turns[0].turn.text.to_lowercase();
    assert!(greeting.contains("automated") && greeting.contains("recorded"), "the disclosure comes first: {greeting}");
    assert!(caller.latency.count >= 5, "{caller:?}");
    let recording = hound::WavReader::open(call.recording.as_ref().expect("recorded")).expect("a WAV");
    assert_eq!(recording.spec().channels, 2);
    let seconds = f64::from(recording.duration()) / 8_000.0;
    let lasted = call.duration_ms.expect("ended") as f64 / 1_000.0;
    assert!((seconds - lasted).abs() < 1.5, "{seconds} s recorded of {lasted} s");
    assert_recorded_both(recording);
}

fn assert_recorded_both(mut recording: hound::WavReader<std::io::BufReader<std::fs::File>>) {
    let samples: Vec<i16> = recording.samples().map(|sample| sample.expect("a sample")).collect();
    for (side, name) in [(0, "caller"), (1, "receptionist")] {
        let loud = samples.iter().skip(side).step_by(2).filter(|sample| sample.unsigned_abs() > 500).count();
        assert!(loud > 8_000, "the {name} is on the recording: {loud} loud samples");
    }
}

#[test]
fn speller_is_written_as_spelt() {
    phone_in("speller", |_| {});
}

#[test]
fn corrector_gets_the_number_put_right() {
    phone_in("corrector", |_| {});
}

#[test]
fn interrupter_stops_the_receptionist() {
    let Outcome { caller, call } = phone_in("interrupter", |_| {});
    let cut = call.turns.iter().find(|kept| kept.turn.heard == Heard::Part);
    assert!(cut.is_some(), "the interrupted turn keeps only what was heard: {:?}", call.turns);
    let stopped = caller.steps.iter().find_map(|step| step.interrupted_after_ms);
    assert!(stopped.is_some_and(|ms| ms < 1_500), "speech stops soon after the caller begins: {stopped:?} ms");
}

#[test]
fn hangs_up_leaves_a_partial_lead() {
    phone_in("hangs_up", |_| {});
}

#[test]
fn dictates_is_not_cut_off_in_mid_number() {
    phone_in("dictates", |_| {});
}

#[test]
fn keypad_digits_are_the_evidence() {
    let Outcome { call, .. } = phone_in("keypad", |_| {});
    let callback = call.slots.iter().find(|slot| slot.name == backstop::lead::SlotName::Callback).expect("kept");
    assert!(matches!(callback.evidence, backstop::lead::Evidence::Keypad(_)), "{callback:?}");
}

#[test]
fn silent_is_asked_and_let_go() {
    phone_in("silent", |_| {});
}

#[test]
fn asker_is_answered_in_the_models_words() {
    let Outcome { call, .. } = phone_in("asker", |_| {});
    assert!(call.turns.iter().any(|kept| kept.turn.origin == Origin::Model), "{:?}", call.turns);
}

#[test]
fn withheld_gets_no_offer_of_its_own_number() {
    phone_in("withheld", |_| {});
}

#[test]
fn burst_pipe_on_a_bad_line_by_tcp() {
    let Outcome { call, .. } = phone_in("burst_pipe", |options| {
        options.transport = backstop::sip::Transport::Tcp;
        options.codec = Some(backstop::media::Codec::Pcma);
        options.network.loss = 0.02;
        options.network.jitter = std::time::Duration::from_millis(30);
        options.seed = 7;
        // A name is said once and read back by nobody: whether a lost packet takes a syllable of it is chance. All else is asked of this
        // line as of a good one.
        options.script.expect.name = None;
    });
    assert!(
        call.slots.iter().any(|slot| slot.name == backstop::lead::SlotName::Name),
        "a name was taken: {:?}",
        call.slots
    );
}

#[test]
fn the_owner_is_not_there_and_the_receptionist_makes_a_lead_of_it() {
    let call = run_alone(async {
        let owners = Phone::new("cell", 1_000.0, 10.0, &["--act", "ring"]).await;
        let escalate = "escalate = [{ ring = \"dana/cell\", seconds = 5 }]\n[[number]]";
        let toml = CELL_THEN_RECEPTIONIST.replace("[[number]]", escalate);
        let routing = routing_of(&toml, &[owners.peer.port()]);
        let backstop = own(PROFILE, |config| config.routing = routing).await;
        let call = phone_in_to(&backstop, "burst_pipe", |_| {}).await.call;
        owners.peer.finish().await;
        call
    });
    let told = timeline(&call);
    let mut rest = told.as_str();
    for line in [
        "dana's browser failed with 480",
        "dana's cell rings",
        "dana's cell let go: no answer in time",
        "the receptionist",
        "the receptionist asks for a person",
        "dana's cell let go: no answer in time",
        "nobody came: the receptionist goes on",
    ] {
        let at = rest.find(line).unwrap_or_else(|| panic!("`{line}` does not come in its turn:\n{told}"));
        rest = &rest[at + line.len()..];
    }
    assert_eq!(call.texts.len(), 1, "one text: {:?}", call.texts);
}
