//! The player in virtual time.

use super::{ms, say, script};
use crate::caller::{Action, Cue, Ending, Input, LatencySummary, Output, Player, Progress, Step, StepReport};
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
    let mut player = Player::new(start, &script(steps));
    let mut log = Log::default();
    while let Some(now) = player.poll_timeout() {
        let at = (now - start).as_millis() as u64;
        assert!(at < 60_000, "the script never ends");
        let level = if audible.iter().any(|(from, to)| (*from..*to).contains(&at)) { -20.0 } else { -96.0 };
        player.handle_input(now, Input::Arrived { level_dbfs: level });
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
    assert!(!log.steps[0].spoken_into);
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
    assert!(log.steps[0].spoken_into);
    assert_eq!(log.steps[0].first_audio_after_ms, None, "no reply can be told apart");
}

#[test]
fn presses_keys_one_by_one_and_counts_from_the_last() {
    let keys = Step { cue: Cue::Reply, pause: ms(200), action: Action::Keys("19#".to_owned()) };
    let log = play(vec![keys], &[(0, 500), (2_500, 3_000)], Some(4_000));
    assert_eq!(log.keys, [(1_180, '1'), (1_480, '9'), (1_780, '#')]);
    assert_eq!(log.steps[0].first_audio_after_ms, Some(720));
}

#[test]
fn hangs_up_as_scripted() {
    let bye = Step { cue: Cue::BargeIn(ms(700)), pause: ms(100), action: Action::HangUp };
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
