//! Scripts of signals and the actions they lead to.

use super::{Action, Call, LegSignal, Outcome, QueueSignal, Signal};
use crate::conversation::EndReason;
use crate::id::LegId;
use crate::routing::{CancelReason, Endpoint, Executor, LeaveReason, PersonId, Plan, QueueId, Standing, Step};
use crate::timer::epoch;
use std::time::Duration;

const DESK: LegId = LegId(1);

fn play(script: &[(u64, Signal)]) -> Vec<Action> {
    run(Plan::receptionist_only(), script)
}

/// What is done for a call with this plan, without the notes for its timeline.
fn run(plan: Plan, script: &[(u64, Signal)]) -> Vec<Action> {
    let start = epoch();
    let mut call = Call::new(Executor::new(plan, 1, &Standing::new()));
    let mut actions = Vec::new();
    for (ms, signal) in script {
        call.handle_input(start + Duration::from_millis(*ms), signal.clone());
        actions.extend(std::iter::from_fn(|| call.poll_output()));
    }
    actions.retain(|action| !matches!(action, Action::Note(_)));
    actions
}

fn desk() -> Endpoint {
    Endpoint::Phone { person: PersonId("dana".to_owned()), user: "dana".to_owned() }
}

fn ring_desk() -> Step {
    Step::Ring { endpoint: desk(), timeout: Duration::from_secs(10) }
}

fn desk_then_receptionist() -> Plan {
    Plan {
        name: "office".to_owned(),
        steps: vec![ring_desk(), Step::Receptionist, Step::Voicemail],
        longest: Duration::from_mins(1),
        escalation: Vec::new(),
    }
}

#[test]
fn a_leg_that_answers_is_connected_and_the_call_ends_with_either_side() {
    let rung = [(0, Signal::Invited), (300, Signal::Leg(DESK, LegSignal::Ringing))];
    let up = [(2_000, Signal::Leg(DESK, LegSignal::Answered)), (2_050, Signal::Confirmed)];
    let begun = [Action::Ring, Action::Dial { leg: DESK, endpoint: desk() }, Action::Answer, Action::Bridge(DESK)];
    let by_desk = [&rung[..], &up[..], &[(60_000, Signal::Leg(DESK, LegSignal::Gone))]].concat();
    let ended = [Action::HangUp, Action::Close(Outcome::Answered)];
    assert_eq!(run(desk_then_receptionist(), &by_desk), [&begun[..], &ended[..]].concat());
    let by_caller = [&rung[..], &up[..], &[(60_000, Signal::HungUp)]].concat();
    let cancel = Action::CancelLeg { leg: DESK, why: CancelReason::CallerGone };
    assert_eq!(
        run(desk_then_receptionist(), &by_caller),
        [&begun[..], &[cancel, Action::Close(Outcome::Answered)]].concat()
    );
}

#[test]
fn a_leg_that_rings_for_ever_is_let_go_and_the_receptionist_takes_the_call() {
    let script = [(0, Signal::Invited), (300, Signal::Leg(DESK, LegSignal::Ringing)), (10_000, Signal::Tick)];
    let cancel = Action::CancelLeg { leg: DESK, why: CancelReason::Timeout };
    let dial = Action::Dial { leg: DESK, endpoint: desk() };
    assert_eq!(run(desk_then_receptionist(), &script), [Action::Ring, dial, cancel, Action::Answer, Action::Converse]);
}

#[test]
fn no_leg_outlives_a_caller_who_gives_up() {
    let script = [(0, Signal::Invited), (4_000, Signal::Cancelled)];
    let cancel = Action::CancelLeg { leg: DESK, why: CancelReason::CallerGone };
    assert_eq!(run(desk_then_receptionist(), &script)[2..], [cancel, Action::Close(Outcome::Cancelled)]);
}

#[test]
fn a_receptionist_who_fails_hands_on_to_the_voicemail() {
    let failed = [(0, Signal::Invited), (20, Signal::Confirmed), (9_000, Signal::Ended(EndReason::Failed))];
    assert_eq!(play(&failed)[3..], [Action::TakeMessage]);
    let taken = [&failed[..], &[(30_000, Signal::MessageTaken(true))]].concat();
    assert_eq!(play(&taken)[4..], [Action::HangUp, Action::Close(Outcome::Voicemail)]);
    let hung_up = [&failed[..], &[(20_000, Signal::HungUp), (21_000, Signal::MessageTaken(false))]].concat();
    assert_eq!(play(&hung_up)[4..], [Action::FinishConversation, Action::Close(Outcome::NoMessage)]);
}

const ANSWERED: [Action; 3] = [Action::Ring, Action::Answer, Action::Converse];

#[test]
fn a_call_is_answered_and_ends_after_its_farewell() {
    let actions = play(&[(0, Signal::Invited), (20, Signal::Confirmed), (60_000, Signal::Ended(EndReason::Farewell))]);
    assert_eq!(actions[..3], ANSWERED);
    assert_eq!(actions[3..], [Action::HangUp, Action::Close(Outcome::Ended(EndReason::Farewell))]);
}

#[test]
fn what_a_caller_said_before_hanging_up_is_gathered_first() {
    let script = [(0, Signal::Invited), (20, Signal::Confirmed), (9_000, Signal::HungUp)];
    assert_eq!(play(&script)[3..], [Action::FinishConversation]);
    let ended = [&script[..], &[(9_400, Signal::Ended(EndReason::CallerHungUp)), (9_500, Signal::HungUp)]].concat();
    assert_eq!(play(&ended)[3..], [Action::FinishConversation, Action::Close(Outcome::Ended(EndReason::CallerHungUp))]);
}

#[test]
fn an_answer_that_is_never_confirmed_is_taken_back() {
    let script = [(0, Signal::Invited), (31_000, Signal::Tick), (32_000, Signal::Tick)];
    assert_eq!(play(&script)[3..], [Action::HangUp, Action::FinishConversation]);
    let confirmed = [(0, Signal::Invited), (20, Signal::Confirmed), (32_000, Signal::Tick)];
    assert_eq!(play(&confirmed)[3..], []);
}

#[test]
fn an_unacceptable_call_is_refused_and_closed_once() {
    let actions = play(&[(0, Signal::Unacceptable(488)), (1, Signal::HungUp), (2, Signal::Broken)]);
    assert_eq!(actions, [Action::Reject(488), Action::Close(Outcome::Rejected)]);
}

#[test]
fn whatever_comes_a_call_is_closed_once_and_then_silent() {
    let last = [Signal::HungUp, Signal::MediaLost, Signal::ShutDown, Signal::Broken, Signal::Cancelled];
    for signal in last {
        let script = [
            (0, Signal::Invited),
            (5, Signal::Confirmed),
            (10, Signal::Held(true)),
            (900, signal.clone()),
            (950, Signal::HungUp),
            (1_000, Signal::Ended(EndReason::CallerHungUp)),
            (1_100, Signal::Ended(EndReason::CallerHungUp)),
            (1_200, Signal::Invited),
        ];
        let actions = play(&script);
        let closes = actions.iter().filter(|action| matches!(action, Action::Close(_))).count();
        assert_eq!(closes, 1, "{signal:?}: {actions:?}");
        assert!(matches!(actions.last(), Some(Action::Close(_))), "{signal:?}: {actions:?}");
    }
}

#[test]
fn who_talks_with_a_person_is_not_missed_when_the_talk_is_broken_off() {
    let up = [(0, Signal::Invited), (2_000, Signal::Leg(DESK, LegSignal::Answered)), (2_050, Signal::Confirmed)];
    for broken in [Signal::MediaLost, Signal::ShutDown, Signal::Broken] {
        let script = [&up[..], &[(9_000, broken)]].concat();
        assert_eq!(run(desk_then_receptionist(), &script).last(), Some(&Action::Close(Outcome::CutOff)));
    }
    assert!(!Outcome::CutOff.wants_text() && Outcome::ShutDown.wants_text());
}

#[test]
fn a_caller_whose_call_broke_gets_what_is_left() {
    let now = epoch();
    let answered = Signal::Leg(DESK, LegSignal::Answered);
    let failed = Signal::Ended(EndReason::Failed);
    let receptionist = Some(vec![Step::Receptionist, Step::Voicemail]);
    let cases = [
        ("while it rings", desk_then_receptionist(), vec![Signal::Invited], receptionist.clone()),
        ("with a person", desk_then_receptionist(), vec![Signal::Invited, answered], receptionist),
        ("with the receptionist", Plan::receptionist_only(), vec![Signal::Invited], Some(vec![Step::Voicemail])),
        ("at the voicemail", Plan::receptionist_only(), vec![Signal::Invited, failed], None),
        ("after the caller hung up", desk_then_receptionist(), vec![Signal::Invited, Signal::HungUp], None),
    ];
    for (what, plan, signals, expected) in cases {
        let mut call = Call::new(Executor::new(plan, 1, &Standing::new()));
        for signal in signals {
            call.handle_input(now, signal);
        }
        assert_eq!(call.fallback().map(|plan| plan.steps), expected, "{what}");
    }
}

#[test]
fn a_caller_who_was_answered_is_not_answered_again() {
    assert_eq!(play(&[(0, Signal::Reached)]), [Action::Converse]);
}

/// The receptionist has a call, and asks for a person.
fn a_person_asked_for() -> [(u64, Signal); 3] {
    [(0, Signal::Invited), (20, Signal::Confirmed), (9_000, Signal::Escalate(vec![ring_desk()]))]
}

#[test]
fn the_receptionists_caller_is_connected_with_the_person_whom_she_asked_for() {
    let asked = a_person_asked_for();
    let answered = [&asked[..], &[(12_000, Signal::Leg(DESK, LegSignal::Answered))]].concat();
    let dialled = [Action::Dial { leg: DESK, endpoint: desk() }, Action::AskToAccept(DESK)];
    assert_eq!(play(&answered)[3..], dialled);
    let accepted = [&answered[..], &[(15_000, Signal::Leg(DESK, LegSignal::Accepted))]].concat();
    assert_eq!(play(&accepted)[5..], [Action::Bridge(DESK)]);
    let over = [&accepted[..], &[(60_000, Signal::Leg(DESK, LegSignal::Gone))]].concat();
    assert_eq!(play(&over)[6..], [Action::HangUp, Action::Close(Outcome::Answered)]);
}

#[test]
fn the_receptionist_goes_on_when_nobody_comes() {
    let asked = a_person_asked_for();
    let nobody = [&asked[..], &[(19_000, Signal::Tick)]].concat();
    let cancel = Action::CancelLeg { leg: DESK, why: CancelReason::Timeout };
    assert_eq!(play(&nobody)[4..], [cancel, Action::Resume]);
    let ended = [&nobody[..], &[(40_000, Signal::Ended(EndReason::Farewell))]].concat();
    assert_eq!(play(&ended)[6..], [Action::HangUp, Action::Close(Outcome::Ended(EndReason::Farewell))]);
}

#[test]
fn a_caller_who_hangs_up_while_a_person_is_sought_leaves_no_leg_and_what_was_said() {
    let asked = a_person_asked_for();
    let hung_up = [&asked[..], &[(12_000, Signal::HungUp)]].concat();
    let cancel = Action::CancelLeg { leg: DESK, why: CancelReason::CallerGone };
    assert_eq!(play(&hung_up)[4..], [cancel, Action::FinishConversation]);
}

fn line_then_receptionist() -> (QueueId, Plan) {
    let queue = QueueId("service".to_owned());
    let hold = Step::Queue { queue: queue.clone(), timeout: Duration::from_mins(5) };
    (queue, Plan { steps: vec![hold, Step::Receptionist], ..Plan::receptionist_only() })
}

#[test]
fn who_asks_to_be_called_back_hears_it_to_the_end_and_is_let_go() {
    let (queue, plan) = line_then_receptionist();
    let asked =
        [(0, Signal::Invited), (50, Signal::Confirmed), (9_000, Signal::Queue(QueueSignal::CallbackWanted))].to_vec();
    let begun = [
        Action::Ring,
        Action::Answer,
        Action::Join(queue.clone()),
        Action::Leave(queue, LeaveReason::Callback),
        Action::PromiseCallback,
    ];
    // What the queues say meanwhile is of no matter any more.
    let late = (9_500, Signal::Queue(QueueSignal::Over("nobody is on duty")));
    for (end, hang_up) in [(Signal::Announced, true), (Signal::HungUp, false), (Signal::ShutDown, true)] {
        let script = [&asked[..], &[late.clone(), (14_000, end)]].concat();
        let ended = [hang_up.then_some(Action::HangUp), Some(Action::Close(Outcome::Callback))];
        let ended: Vec<Action> = ended.into_iter().flatten().collect();
        assert_eq!(run(plan.clone(), &script), [&begun[..], &ended[..]].concat());
    }
}

#[test]
fn whom_we_called_takes_the_callers_place_without_another_answer() {
    let (queue, plan) = line_then_receptionist();
    let script = [(0, Signal::Reached), (3_000, Signal::HungUp)];
    let gone = Action::Leave(queue.clone(), LeaveReason::CallerGone);
    assert_eq!(run(plan, &script), [Action::Join(queue), gone, Action::Close(Outcome::Cancelled)]);
}
