//! Scripts of pushes and frames against what the line hears.

use super::*;

const TURN: TurnId = TurnId(3);

/// Plays frames, each as its events and the runs of equal samples it holds.
fn play(playout: &mut Playout, frames: usize) -> Vec<String> {
    (0..frames)
        .map(|_| {
            let frame = playout.next_frame();
            let mut words: Vec<String> =
                frame.0.chunk_by(|a, b| a == b).map(|run| format!("{}x{}", run.len(), run[0])).collect();
            while let Some(event) = playout.poll_event() {
                words.push(match event {
                    PlayoutEvent::ClauseStarted { turn, clause } => format!("started {turn}.{clause}"),
                    PlayoutEvent::ClauseFinished { turn, clause } => format!("finished {turn}.{clause}"),
                });
            }
            words.join(" ")
        })
        .collect()
}

#[test]
fn clauses_follow_each_other_without_a_gap() {
    let mut playout = Playout::new();
    assert!(playout.is_idle());
    playout.push(TURN, 0, &[1; 100]);
    playout.push(TURN, 1, &[2; 10]);
    playout.push(TURN, 0, &[1; 100]);
    playout.finish(TURN, 0);
    playout.push(TURN, 1, &[2; 120]);
    playout.finish(TURN, 1);
    let expected = ["160x1 started 3.0", "40x1 120x2 finished 3.0 started 3.1", "10x2 150x0 finished 3.1", "160x0"];
    assert_eq!(play(&mut playout, 4), expected);
    assert!(playout.is_idle());
    assert_eq!(playout.underruns(), 0);
}

#[test]
fn a_clause_waits_for_a_whole_frame_and_counts_the_wait() {
    let mut playout = Playout::new();
    playout.push(TURN, 0, &[1; 100]);
    assert_eq!(play(&mut playout, 2), ["160x0", "160x0"]);
    assert_eq!(playout.underruns(), 0, "it had not begun");
    playout.push(TURN, 0, &[1; 100]);
    assert_eq!(play(&mut playout, 2), ["160x1 started 3.0", "160x0"]);
    playout.finish(TURN, 0);
    assert_eq!(play(&mut playout, 1), ["40x1 120x0 finished 3.0"]);
    assert_eq!(playout.underruns(), 1);
}

#[test]
fn a_clause_without_sound_is_finished_all_the_same() {
    let mut playout = Playout::new();
    playout.finish(TURN, 0);
    playout.push(TURN, 1, &[7; 160]);
    playout.finish(TURN, 1);
    assert_eq!(play(&mut playout, 1), ["160x7 finished 3.0 started 3.1 finished 3.1"]);
}

#[test]
fn an_earlier_clause_that_comes_late_does_not_cut_the_one_being_played() {
    let mut playout = Playout::new();
    playout.push(TURN, 1, &[2; 320]);
    playout.finish(TURN, 1);
    assert_eq!(play(&mut playout, 1), ["160x2 started 3.1"]);
    playout.push(TURN, 0, &[1; 160]);
    playout.finish(TURN, 0);
    assert_eq!(play(&mut playout, 2), ["160x2 finished 3.1", "160x1 started 3.0 finished 3.0"]);
}

#[test]
fn stopping_fades_out_and_says_how_far_it_got() {
    let mut playout = Playout::new();
    assert_eq!(playout.stop(), None);
    playout.push(TURN, 0, &[4_000; 640]);
    playout.push(TURN, 1, &[9; 160]);
    play(&mut playout, 1);
    assert_eq!(playout.stop(), Some(StoppedAt { turn: TURN, clause: 0, played: 0.25 }));
    assert!(!playout.is_idle(), "the fade-out is still to be played");
    let faded = playout.next_frame().0;
    assert!(faded[..40].is_sorted_by(|a, b| a > b) && faded[0] > 3_800, "{:?}", &faded[..40]);
    assert_eq!(faded[39..], [0; 121]);
    assert!(playout.is_idle());
    assert_eq!((playout.stop(), playout.poll_event()), (None, None));
}

#[test]
fn what_comes_for_a_stopped_turn_is_dropped_and_the_next_turn_plays() {
    let mut playout = Playout::new();
    playout.push(TURN, 0, &[1; 80]);
    assert_eq!(playout.stop(), Some(StoppedAt { turn: TURN, clause: 0, played: 0.0 }));
    playout.push(TURN, 0, &[1; 800]);
    playout.finish(TURN, 1);
    assert!(playout.is_idle());
    playout.push(TURN.next(), 0, &[5; 160]);
    assert_eq!(play(&mut playout, 1), ["160x5 started 4.0"]);
}

#[test]
fn a_pause_is_silent_and_goes_on_from_the_syllable_it_cut() {
    let mut playout = Playout::new();
    let mut pcm = vec![4_000; 1_600];
    pcm[1_040..1_080].fill(3);
    playout.push(TURN, 0, &pcm);
    playout.finish(TURN, 0);
    play(&mut playout, 8);
    playout.pause();
    playout.pause();
    let faded = playout.next_frame().0;
    assert!(faded[..40].is_sorted_by(|a, b| a > b) && faded[40..] == [0; 120], "{faded:?}");
    playout.push(TURN, 1, &[9; 160]);
    assert_eq!(play(&mut playout, 2), ["160x0", "160x0"]);
    playout.go_on();
    playout.go_on();
    assert_eq!(play(&mut playout, 1), ["40x3 120x4000"]);
    play(&mut playout, 2);
    assert_eq!(play(&mut playout, 1), ["80x4000 80x9 finished 3.0 started 3.1"]);
}

#[test]
fn what_is_paused_can_be_stopped_without_a_sound() {
    let mut playout = Playout::new();
    playout.push(TURN, 0, &[4_000; 640]);
    play(&mut playout, 1);
    playout.pause();
    play(&mut playout, 2);
    assert_eq!(playout.stop(), Some(StoppedAt { turn: TURN, clause: 0, played: 0.25 }));
    assert!(playout.is_idle());
    playout.push(TURN.next(), 0, &[5; 160]);
    assert_eq!(play(&mut playout, 1), ["160x5 started 4.0"]);
}
