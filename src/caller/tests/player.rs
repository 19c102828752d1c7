//! The player in virtual time.

use super::{ms, say, script, sound, step};
use crate::caller::{Action, Cue, Ending, Input, LatencySummary, Output, Player, Progress, Question, Step, StepReport};
use crate::media::level_dbfs;
use std::time::{Duration, Instant};

/// What happened, and when, in ms since the answer.
#[derive(Debug, Default)]
struct Log {
    /// First and last ms of every stretch of sound sent.
    spoke: Vec<(u64, u64)>,
    keys: Vec<(u64, char)>,
    hung_up: Option<u64>,
    ending: Option<Ending>,
    steps: Vec<StepReport>,
    frames: usize,
    progress: Vec<Progress>,
}

/// Plays `steps` against a receptionist who is audible in these spans of ms and hangs up at `bye`.
fn play(steps: Vec<Step>, audible: &[(u64, u64)], bye: Option<u64>) -> Log {
    #[expect(clippy::disallowed_methods, reason = "an arbitrary start: all times are relative to it")]
    let start = Instant::now();
    run(start, Player::new(start, &script(steps)), audible, &[], bye)
}

/// The same with ears for words: she says these, each at its ms.
fn play_hearing(steps: Vec<Step>, audible: &[(u64, u64)], words: &[(u64, &str)], bye: Option<u64>) -> Log {
    #[expect(clippy::disallowed_methods, reason = "an arbitrary start: all times are relative to it")]
    let start = Instant::now();
    let mut script = script(steps);
    script.timing.patience = ms(6_000);
    script.expect = toml::from_str("callback = \"+12125550187\"").unwrap();
    run(start, Player::hearing(start, &script), audible, words, bye)
}

fn run(start: Instant, mut player: Player, audible: &[(u64, u64)], words: &[(u64, &str)], bye: Option<u64>) -> Log {
    let mut log = Log::default();
    let mut words = words.iter().peekable();
    while let Some(now) = player.poll_timeout() {
        let at = (now - start).as_millis() as u64;
        assert!(at < 60_000, "the script never ends");
        let level = if audible.iter().any(|(from, to)| (*from..*to).contains(&at)) { -20.0 } else { -96.0 };
        player.handle_input(now, Input::Arrived { level_dbfs: level });
        if let Some((_, words)) = words.next_if(|(due, _)| at >= *due) {
            player.handle_input(now, Input::Said((*words).to_owned()));
        }
        player.handle_input(now, Input::Tick { heard_dbfs: level });
        if bye.is_some_and(|bye| at >= bye) {
            player.handle_input(now, Input::HungUp);
        }
        while let Some(output) = player.poll_output() {
            log.note(at, output);
        }
    }
    log.ending = player.ending();
    log.steps = player.into_steps();
    log
}

impl Log {
    fn note(&mut self, at: u64, output: Output) {
        match output {
            Output::Frame(frame) => {
                self.frames += 1;
                if level_dbfs(&frame.0) > -45.0 {
                    match self.spoke.last_mut() {
                        Some((_, last)) if at - *last <= 20 => *last = at,
                        _ => self.spoke.push((at, at)),
                    }
                }
            }
            Output::Key(key) => self.keys.push((at, key)),
            Output::HangUp => self.hung_up = Some(at),
            Output::Progress(progress) => self.progress.push(progress),
        }
    }
}

#[test]
fn speaks_when_the_receptionist_has_been_quiet_and_measures_the_reply() {
    let steps = vec![say(Cue::Reply, 50, 10), say(Cue::Reply, 10, 0)];
    let log = play(steps, &[(100, 1_000), (1_300, 2_000), (4_020, 5_000), (6_500, 7_000)], Some(7_100));
    // Last audible frame at 1,980; 500 ms later. The pause of 300 ms at 1,000 ends nothing.
    assert_eq!(log.spoke, [(2_480, 3_460), (5_480, 5_660)]);
    assert_eq!(log.steps[0].speech_ended_at_ms, Some(3_460), "the silence at the WAV's end is no speech");
    assert_eq!(log.steps[0].first_audio_after_ms, Some(560));
    assert_eq!(log.steps[0].heard_ms, 980);
    assert_eq!(log.steps[1].first_audio_after_ms, Some(840));
    assert_eq!(log.ending, Some(Ending::ReceptionistHungUp));
    let latency = LatencySummary::of(&log.steps);
    assert_eq!((latency.count, latency.p50_ms, latency.p95_ms), (2, Some(560), Some(840)));
    assert!(log.progress.contains(&Progress::Replied { after: Duration::from_millis(560) }));
}

#[test]
fn speaks_over_the_receptionist_and_measures_how_soon_she_yields() {
    let log = play(vec![say(Cue::BargeIn(ms(1_500)), 100, 0)], &[(100, 1_900), (4_000, 5_000)], Some(6_000));
    assert_eq!(log.spoke, [(1_600, 3_580)]);
    assert_eq!(log.steps[0].interrupted_after_ms, Some(300));
    assert_eq!(log.steps[0].first_audio_after_ms, Some(420));
    assert_eq!(log.steps[0].spoken_into_after_ms, None);
}

#[test]
fn a_receptionist_who_finishes_before_the_barge_in_is_answered() {
    let log = play(vec![say(Cue::BargeIn(ms(1_500)), 10, 0)], &[(100, 600)], Some(3_000));
    assert_eq!(log.spoke, [(1_080, 1_260)]);
    assert_eq!(log.steps[0].interrupted_after_ms, None);
}

#[test]
fn tells_when_the_receptionist_speaks_into_the_callers_words() {
    let log = play(vec![say(Cue::Reply, 100, 0)], &[(0, 500), (1_500, 5_000)], Some(6_000));
    assert_eq!(log.steps[0].spoken_into_after_ms, Some(520), "from 980 to 1,500 ms");
    assert_eq!(log.steps[0].first_audio_after_ms, None, "no reply can be told apart");
}

#[test]
fn presses_keys_one_by_one_and_counts_from_the_last() {
    let keys = step(Cue::Reply, ms(200), Action::Keys("19#".to_owned()));
    let log = play(vec![keys], &[(0, 500), (2_500, 3_000)], Some(4_000));
    assert_eq!(log.keys, [(1_180, '1'), (1_480, '9'), (1_780, '#')]);
    assert_eq!(log.steps[0].first_audio_after_ms, Some(720));
}

#[test]
fn hangs_up_as_scripted() {
    let bye = step(Cue::BargeIn(ms(700)), ms(100), Action::HangUp);
    let log = play(vec![bye], &[(0, 5_000)], None);
    assert_eq!((log.hung_up, log.ending), (Some(800), Some(Ending::CallerHungUp)));
}

#[test]
fn gives_up_when_nobody_speaks_and_when_nobody_hangs_up() {
    let log = play(vec![say(Cue::Reply, 10, 0)], &[], None);
    assert_eq!((log.hung_up, log.ending), (Some(3_000), Some(Ending::NoReply(1))));
    let log = play(vec![], &[(0, 1_000)], None);
    assert_eq!((log.hung_up, log.ending), (Some(2_980), Some(Ending::Lingered)));
}

#[test]
fn a_call_that_ends_early_says_before_which_step() {
    let steps = || vec![say(Cue::Reply, 50, 0), say(Cue::Reply, 50, 0)];
    assert_eq!(play(steps(), &[(0, 500)], Some(300)).ending, Some(Ending::CutShort(1)));
    assert_eq!(play(steps(), &[(0, 500)], Some(1_200)).ending, Some(Ending::CutShort(1)));
    assert_eq!(play(steps(), &[(0, 500)], Some(2_500)).ending, Some(Ending::CutShort(2)));
}

#[test]
fn gives_one_frame_for_every_beat() {
    let log = play(vec![say(Cue::Nothing, 5, 0)], &[], Some(1_000));
    assert_eq!((log.spoke, log.frames), (vec![(0, 80)], 51));
}

/// A line for questions; its length in frames tells it from others.
fn answer(frames: usize, when: &[Question]) -> Step {
    Step { when: when.to_vec(), ..say(Cue::Reply, frames, 0) }
}

impl Log {
    fn lines(&self) -> Vec<&str> {
        self.steps.iter().map(|step| step.said.as_str()).collect()
    }
}

#[test]
fn answers_what_is_asked_in_whatever_order_and_again_when_asked_again() {
    let steps = vec![
        answer(10, &[Question::Name]),
        answer(11, &[Question::Address]),
        answer(12, &[Question::Urgency]),
        answer(13, &[Question::AnythingElse]),
    ];
    let log = play_hearing(
        steps,
        &[(0, 1_000), (3_000, 4_000), (6_000, 7_000), (9_000, 10_000), (12_000, 13_000)],
        &[
            (1_000, "What's the address?"),
            (4_000, "Sorry, what's the address?"),
            (7_000, "May I have your name?"),
            (10_000, "Is there anything else?"),
            (13_000, "Thank you. Goodbye."),
        ],
        Some(13_100),
    );
    assert_eq!(log.lines(), ["11", "11", "10", "13"], "how soon was never asked");
    assert_eq!(log.ending, Some(Ending::ReceptionistHungUp));
}

#[test]
fn denies_a_wrong_read_back_and_agrees_to_the_right_one() {
    let steps = || vec![answer(10, &[Question::ReadBack]), answer(11, &[Question::WrongReadBack])];
    let audible = [(0, 1_000), (3_000, 4_000)];
    let (wrong, right) =
        ("I have 2 1 2, 5 5 5, 0 1 8 6. Is that right?", "I have 2 1 2, 5 5 5, 0 1 8 7. Is that right?");
    let log = play_hearing(steps(), &audible, &[(1_000, wrong), (4_000, right)], Some(6_000));
    assert_eq!(log.lines(), ["11", "10"]);
    assert_eq!(play(steps(), &audible, Some(6_000)).lines(), ["10", "11"], "without words the order counts");
}

#[test]
fn what_may_not_be_asked_is_left_out_without_words() {
    let mut optional = answer(10, &[Question::Name]);
    optional.optional = true;
    let log = play(vec![optional, answer(11, &[Question::Need])], &[(0, 500)], Some(3_000));
    assert_eq!((log.lines(), log.ending), (vec!["11"], Some(Ending::ReceptionistHungUp)));
}

#[test]
fn words_that_ask_nothing_are_waited_out() {
    let steps = || vec![answer(10, &[Question::Name]), say(Cue::Reply, 11, 0)];
    let asks = [(400, "I'll pass that on."), (2_400, "May I have your name?"), (4_000, "Thank you.")];
    let log = play_hearing(steps(), &[(0, 400), (2_000, 2_400), (3_600, 4_000)], &asks, Some(6_000));
    assert_eq!(log.spoke[0].0, 2_880, "not after the first words: {log:?}");
    assert_eq!(log.lines(), ["10", "11"], "a step for no question comes in its place");
    let silent = play_hearing(steps(), &[(0, 400)], &[], Some(6_000));
    assert_eq!(silent.spoke[0].0, 3_880, "words that never come are not waited for without end");
}

#[test]
fn a_sound_is_no_answer_and_its_reply_is_not_measured() {
    let cough = step(Cue::BargeIn(ms(300)), ms(0), Action::Sound { name: "cough".to_owned(), sound: sound(10, 0) });
    let log = play(vec![cough, say(Cue::Reply, 10, 0)], &[(0, 2_000), (4_000, 4_500)], Some(5_000));
    assert_eq!(log.spoke.iter().map(|(from, _)| *from).collect::<Vec<_>>(), [300, 2_480]);
    assert_eq!((log.steps[0].said.as_str(), log.steps[0].first_audio_after_ms), ("[cough]", None));
}

#[test]
fn a_machine_that_is_hung_up_on_has_played_its_script() {
    let sounding = || step(Cue::Nothing, ms(0), Action::Sound { name: "fax".to_owned(), sound: sound(100, 0) });
    assert_eq!(play(vec![sounding()], &[], Some(1_000)).ending, Some(Ending::ReceptionistHungUp));
    let early = play(vec![sounding(), say(Cue::Reply, 10, 0)], &[], Some(1_000)).ending;
    assert_eq!(early, Some(Ending::CutShort(1)), "a sound before other steps has to be over");
}
