//! The store against a real SQLite file; against PostgreSQL too when `BACKSTOP_TEST_POSTGRES` names an empty database.

mod callbacks;
mod pages;
mod texts;
mod users;

use super::{CallEnd, CallStart, Finished, NewText, Store, StoreError};
use crate::conversation::{Heard, Origin, Speaker, StageTimes, Turn};
use crate::id::{CallId, TurnId};
use crate::lead::{Evidence, Slot, SlotName};
use crate::phone::PhoneNumber;
use crate::textback::Kind;
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

fn url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("backstop.db").display())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn number() -> PhoneNumber {
    // Another one each time, so that runs against one PostgreSQL database do not meet.
    let tail = Uuid::now_v7().as_u128() % 10_000_000;
    PhoneNumber::parse(&format!("+1929{tail:07}"), "US").unwrap()
}

fn start() -> CallStart {
    CallStart {
        id: CallId(Uuid::now_v7()),
        started_at: at(0),
        caller: Some(number()),
        called: "+12125550100".into(),
        prompt_hash: "abc".into(),
        profile: "small".into(),
        outgoing: false,
        returns: None,
    }
}

fn turn(id: u32, text: &str) -> Turn {
    Turn {
        id: TurnId(id),
        speaker: Speaker::Receptionist,
        text: text.into(),
        started_at: Duration::from_millis(u64::from(id) * 1_000),
        ended_at: Duration::from_millis(u64::from(id) * 1_000 + 700),
        heard: Heard::Whole,
        origin: Origin::Fallback("farewell".into()),
        stages: StageTimes { first_audio: Some(Duration::from_micros(812_345)), ..StageTimes::default() },
    }
}

fn slot(name: SlotName, value: &str) -> Slot {
    Slot { name, value: value.into(), evidence: Evidence::Turn(TurnId(1)), confirmed: true }
}

fn text_for(start: &CallStart) -> NewText {
    NewText {
        kind: Kind::TextBack,
        to: start.caller.clone().unwrap(),
        body: "Harbor Plumbing: hello. Reply STOP to opt out.".into(),
        dedupe_key: format!("key-{}", start.id),
        due_at: at(60),
    }
}

fn end(start: &CallStart, text: Option<NewText>) -> CallEnd {
    CallEnd {
        id: start.id,
        ended_at: at(60),
        duration: Duration::from_mins(1),
        outcome: "farewell".into(),
        recording: Some("/tmp/x.wav".into()),
        counters: json!({"lost": 3}),
        text,
        notice: None,
    }
}

/// One call as it goes, in whichever database.
async fn keeps_a_whole_call(store: &Store) {
    let start = start();
    store.begin_call(&start).await.unwrap();
    store.begin_call(&start).await.unwrap();
    store.add_turn(start.id, &turn(0, "Harbor Plumbing, how can I help you today?"), "abc").await.unwrap();
    store.add_turn(start.id, &turn(1, "My sink leaks"), "abc").await.unwrap();
    store.add_turn(start.id, &Turn { heard: Heard::Part, ..turn(0, "Harbor Plumbing, how") }, "abc").await.unwrap();
    store.add_event(start.id, Duration::from_millis(20), "hold", &json!({"on": true})).await.unwrap();
    store.add_event(start.id, Duration::from_millis(10), "answered", &json!(null)).await.unwrap();
    store.save_slot(start.id, &slot(SlotName::Need, "a sink")).await.unwrap();
    store.save_slot(start.id, &slot(SlotName::Need, "a leaking sink")).await.unwrap();
    store.save_slot(start.id, &slot(SlotName::Name, "Dana")).await.unwrap();
    store.save_slot(start.id, &slot(SlotName::Address, "12 Elm St")).await.unwrap();
    store.clear_slot(start.id, SlotName::Address).await.unwrap();

    let finished = store.finish_call(&end(&start, Some(text_for(&start)))).await.unwrap();
    assert_eq!(finished, Finished { first: true, text_queued: true });
    store.save_slot(start.id, &slot(SlotName::Name, "Mallory")).await.unwrap();
    store.clear_slot(start.id, SlotName::Need).await.unwrap();

    let report = store.call(start.id).await.unwrap().unwrap();
    assert_eq!((report.started_at, report.ended_at, report.duration_ms), (at(0), Some(at(60)), Some(60_000)));
    assert_eq!((report.caller, report.outcome.as_deref()), (start.caller.clone(), Some("farewell")));
    assert_eq!(report.counters, Some(json!({"lost": 3})));
    let turns: Vec<_> = report.turns.into_iter().map(|kept| kept.turn).collect();
    assert_eq!(turns, [Turn { heard: Heard::Part, ..turn(0, "Harbor Plumbing, how") }, turn(1, "My sink leaks")]);
    assert_eq!(report.slots, [slot(SlotName::Name, "Dana"), slot(SlotName::Need, "a leaking sink")]);
    let events: Vec<_> = report.events.iter().map(|event| (event.at_ms, event.kind.as_str())).collect();
    assert_eq!(events, [(10, "answered"), (20, "hold")]);
    assert_eq!((report.texts.len(), report.texts[0].state.as_str()), (1, "due"));

    let lead = store.leads(1_000).await.unwrap().into_iter().find(|lead| lead.call == start.id).unwrap();
    assert_eq!((Some(lead.id), lead.slots), (report.lead, report.slots));
    let line = store.calls(1_000).await.unwrap().into_iter().find(|line| line.id == start.id).unwrap();
    assert_eq!((line.turns, line.name.as_deref(), line.text.as_deref()), (2, Some("Dana"), Some("due")));
    assert!(store.call(CallId(Uuid::now_v7())).await.unwrap().is_none());
}

#[tokio::test]
async fn keeps_a_whole_call_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    keeps_a_whole_call(&Store::open(&url(&folder.path().join("made on the way"))).await.unwrap()).await;
    keeps_a_whole_call(&Store::open("sqlite::memory:").await.unwrap()).await;
}

#[tokio::test]
async fn keeps_a_whole_call_in_postgres() {
    let Ok(url) = std::env::var("BACKSTOP_TEST_POSTGRES") else {
        println!("skipped: BACKSTOP_TEST_POSTGRES names no database");
        return;
    };
    let store = Store::open(&url).await.unwrap();
    keeps_a_whole_call(&store).await;
    texts::goes_through_its_states(&store).await;
    callbacks::are_kept_until_they_are_done(&store).await;
    pages::know_who_calls_and_who_may_call_back(&store).await;
    users::sign_in_and_out(&store).await;
    users::are_invited_once(&store).await;
    users::see_their_calls(&store).await;
    store.close().await;
}

/// A kill at store level: nothing is closed, the files are only opened again.
#[tokio::test]
async fn a_kill_loses_no_turn_and_makes_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let start = start();
    let killed = Store::open(&url(folder.path())).await.unwrap();
    killed.begin_call(&start).await.unwrap();
    killed.add_turn(start.id, &turn(0, "hello"), "abc").await.unwrap();
    killed.add_turn(start.id, &turn(1, "my sink leaks"), "abc").await.unwrap();
    killed.save_slot(start.id, &slot(SlotName::Need, "my sink leaks")).await.unwrap();

    let store = Store::open(&url(folder.path())).await.unwrap();
    let unfinished = store.unfinished_calls().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let call = &unfinished[0];
    assert_eq!((call.id, &call.caller, call.turns.len(), call.slots.len()), (start.id, &start.caller, 2, 1));
    assert_eq!(call.lasted(), Duration::from_millis(1_700));

    for first in [true, false] {
        let interrupted = CallEnd { outcome: "interrupted".into(), ..end(&start, Some(text_for(&start))) };
        let finished = store.finish_call(&interrupted).await.unwrap();
        assert_eq!(finished, Finished { first, text_queued: first });
    }
    assert!(store.unfinished_calls().await.unwrap().is_empty());
    assert_eq!(store.due_texts(at(60), 10).await.unwrap().len(), 1);
    assert_eq!(store.leads(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_silent_call_makes_no_lead_and_one_key_makes_one_text() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let (one, two) = (start(), start());
    for (call, queued) in [(&one, true), (&two, false)] {
        store.begin_call(call).await.unwrap();
        let finished = store.finish_call(&end(call, Some(text_for(&one)))).await.unwrap();
        assert_eq!(finished, Finished { first: true, text_queued: queued });
    }
    assert!(store.leads(10).await.unwrap().is_empty());
    assert!(store.add_turn(CallId(Uuid::now_v7()), &turn(0, "x"), "abc").await.is_err(), "a call must be begun");
    let unknown = store.finish_call(&end(&start(), None)).await;
    assert!(matches!(unknown, Err(StoreError::UnknownCall(_))));
}

#[tokio::test]
async fn many_calls_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url(folder.path())).await.unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        calls.spawn(async move { keeps_a_whole_call(&store).await });
    }
    calls.join_all().await;
    assert_eq!(store.calls(100).await.unwrap().len(), 20);
}

#[tokio::test]
async fn says_what_is_wrong_with_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("file"), "x").unwrap();
    std::fs::write(path("no.db"), "this is no database, but it is long enough to be looked at as one".repeat(20))
        .unwrap();
    std::fs::create_dir(path("folder")).unwrap();
    let newer = Store::open(&format!("sqlite:{}", path("newer.db").display())).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 3").execute(&newer.pool).await.unwrap();
    newer.close().await;
    Store::open(&format!("sqlite:{}", path("read.db").display())).await.unwrap().close().await;

    for (name, words) in [
        ("file/backstop.db", "its folder"),
        ("no.db", "not a database"),
        ("folder", "unable to open"),
        ("newer.db", "newer Backstop (schema 9999)"),
        ("read.db?mode=ro", "readonly"),
    ] {
        let error = Store::open(&format!("sqlite:{}", path(name).display())).await.unwrap_err();
        let told = error.to_string();
        let place = path(name).display().to_string().replace("?mode=ro", "");
        for part in ["database.url", words, &place, "or set database.url to"] {
            assert!(told.contains(part), "{name}: {told}");
        }
    }
    let error = Store::open("mysql://root:secret@host/db").await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }));
    assert!(!error.to_string().contains("secret"));
    let error = Store::open("postgres://root:secret@127.0.0.1:1/db").await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1/db") && !error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn who_is_on_duty_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url(folder.path())).await.unwrap();
    store.tell_agent("dana", "free", at(1)).await.unwrap();
    store.pause_agent("dana", true, at(2)).await.unwrap();
    store.log_agent("eli", false, at(3)).await.unwrap();
    store.pause_agent("eli", true, at(4)).await.unwrap();
    store.tell_agent("dana", "talking", at(5)).await.unwrap();
    store.close().await;
    let store = Store::open(&url(folder.path())).await.unwrap();
    let told = |agents: Vec<super::Agent>| {
        let one =
            |agent: &super::Agent| format!("{} {} {} {:?}", agent.person, agent.logged_in, agent.paused, agent.state);
        agents.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(told(store.agents().await.unwrap()), ["dana true true \"talking\"", "eli false true \"\""]);
    store.log_agent("eli", true, at(6)).await.unwrap();
    store.pause_agent("dana", false, at(7)).await.unwrap();
    assert_eq!(told(store.agents().await.unwrap()), ["dana true false \"talking\"", "eli true false \"\""]);
}
