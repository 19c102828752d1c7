//! The worker's promises: a failing provider is tried again, a crash makes no second text, two workers share.

use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::store::{CallEnd, CallStart, NewText, Store, TextReport};
use crate::textback::{Claim, Delivery, Kind, LEASE};
use crate::texting::sink::SmsSink;
use crate::texting::{MemorySender, TextError, TextSender, run_outbox};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const LIMIT: Duration = Duration::from_secs(20);

/// Ends a call with a text that is due now.
async fn queue(store: &Store) -> CallId {
    let (id, now) = (CallId(Uuid::now_v7()), Timestamp::now());
    let to = PhoneNumber::parse("+12125550142", "US").unwrap();
    let start = CallStart {
        id,
        started_at: now,
        caller: Some(to.clone()),
        called: String::new(),
        prompt_hash: String::new(),
        profile: String::new(),
        outgoing: false,
        returns: None,
    };
    store.begin_call(&start).await.unwrap();
    let text = NewText {
        kind: Kind::TextBack,
        to,
        body: format!("Co: hello. STOP {id}"),
        dedupe_key: id.to_string(),
        due_at: now,
    };
    let end = CallEnd {
        id,
        ended_at: now,
        duration: Duration::ZERO,
        outcome: "farewell".into(),
        recording: None,
        counters: serde_json::Value::Null,
        text: Some(text),
        notice: None,
    };
    store.finish_call(&end).await.unwrap();
    id
}

async fn report(store: &Store, id: CallId) -> TextReport {
    store.call(id).await.unwrap().unwrap().texts.remove(0)
}

struct Worker {
    cancel: CancellationToken,
    wake: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Worker {
    fn start<S: TextSender + 'static>(store: &Store, sender: S) -> Self {
        let (cancel, wake) = (CancellationToken::new(), Arc::new(Notify::new()));
        let task = tokio::spawn(run_outbox(store.clone(), Arc::new(sender), cancel.clone(), Arc::clone(&wake)));
        Self { cancel, wake, task }
    }

    /// Texts under way are written down before it returns.
    async fn stop(self) {
        self.cancel.cancel();
        tokio::time::timeout(LIMIT, self.task).await.unwrap().unwrap();
    }
}

async fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(&format!("sqlite:{}", folder.path().join("backstop.db").display())).await.unwrap()
}

#[tokio::test]
async fn a_text_goes_out_as_soon_as_it_is_woken() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sink) = (store(&folder).await, SmsSink::start().await.unwrap());
    let worker = Worker::start(&store, sink.sender("+12125550100").unwrap());
    let id = queue(&store).await;
    worker.wake.notify_one();
    assert_eq!(sink.wait_for(1, LIMIT).await.len(), 1);
    worker.stop().await;
    let report = report(&store, id).await;
    assert_eq!((report.state.as_str(), report.attempt), ("accepted", 1));
    assert_eq!(report.provider_id, Some(sink.received()[0].sid.clone()));
    assert_eq!(report.delivery, Some(Delivery::Queued));
}

#[tokio::test]
async fn a_provider_that_fails_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sink) = (store(&folder).await, SmsSink::start().await.unwrap());
    sink.fail_next(2);
    let id = queue(&store).await;
    // The pauses of the core are 2 s and 10 s: instead of waiting, each try's next time is drawn near.
    for tries in 1..=3 {
        let worker = Worker::start(&store, sink.sender("+12125550100").unwrap());
        let mut requests = sink.watch_requests();
        tokio::time::timeout(LIMIT, requests.wait_for(|n| *n >= tries)).await.unwrap().unwrap();
        worker.stop().await;
        let report = report(&store, id).await;
        assert_eq!(report.attempt as usize, tries);
        if tries < 3 {
            assert_eq!(
                (report.state.as_str(), report.why.as_deref()),
                ("due", Some("HTTP 503: 20503 Service unavailable"))
            );
            assert!(store.next_text_due().await.unwrap().unwrap() > Timestamp::now(), "it waits");
            draw_near(&store).await;
        }
    }
    assert_eq!((report(&store, id).await.state.as_str(), sink.received().len()), ("accepted", 1));
}

async fn draw_near(store: &Store) {
    let later = Timestamp::now() + LEASE;
    for entry in store.due_texts(later, 10).await.unwrap() {
        let claim = entry.claim(later).unwrap();
        store.text_sending(&entry, &Claim { attempt: entry.attempt, ..claim }).await.unwrap();
        store.text_retry(&entry.dedupe_key, entry.attempt, Timestamp::now(), "HTTP 503").await.unwrap();
    }
}

#[tokio::test]
async fn a_crash_between_sending_and_mark_makes_no_second_text() {
    for tokens in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let sink = SmsSink::start().await.unwrap();
        if !tokens {
            sink.ignore_tokens();
        }
        let sender = sink.sender("+12125550100").unwrap();
        let killed = store(&folder).await;
        let id = queue(&killed).await;
        // A worker claims the text a lease ago, the provider takes it, and the process is gone before the mark.
        let entry = killed.due_texts(Timestamp::now(), 1).await.unwrap().remove(0);
        let claim = entry.claim(Timestamp::now()).unwrap();
        let ran_out = Claim { until: Timestamp::now(), ..claim };
        assert!(killed.text_sending(&entry, &ran_out).await.unwrap());
        let text = super::OutgoingText {
            to: entry.to.clone(),
            body: entry.body.clone(),
            idempotency_key: entry.dedupe_key.clone(),
            queued_at: entry.queued_at,
            maybe_sent: claim.maybe_sent,
        };
        sender.send(&text).await.unwrap();

        let store = store(&folder).await;
        let worker = Worker::start(&store, sender);
        let accepted = async {
            while report(&store, id).await.state != "accepted" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, accepted).await.unwrap();
        worker.stop().await;
        assert_eq!(sink.received().len(), 1, "tokens honoured: {tokens}");
        let report = report(&store, id).await;
        assert_eq!((report.attempt, report.provider_id), (2, Some(sink.received()[0].sid.clone())));
    }
}

#[tokio::test]
async fn a_final_refusal_is_given_up_and_others_go_on() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let sender = MemorySender::default();
    sender.fail_with([TextError::Final { why: "HTTP 400: 21211".into() }]);
    let refused = queue(&store).await;
    Worker::run_until_idle(&store, &sender).await;
    let report = report(&store, refused).await;
    assert_eq!((report.state.as_str(), report.why.as_deref()), ("gave_up", Some("HTTP 400: 21211")));
    queue(&store).await;
    Worker::run_until_idle(&store, &sender).await;
    assert_eq!(sender.sent().len(), 1);
}

impl Worker {
    async fn run_until_idle(store: &Store, sender: &MemorySender) {
        let worker = Self::start(store, sender.clone());
        let idle = async {
            while store.next_text_due().await.unwrap().is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, idle).await.unwrap();
        worker.stop().await;
    }
}

#[tokio::test]
async fn two_workers_never_send_one_text_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (store, sink) = (store(&folder).await, SmsSink::start().await.unwrap());
    sink.ignore_tokens();
    for _ in 0..30 {
        queue(&store).await;
    }
    let workers: Vec<_> = (0..2).map(|_| Worker::start(&store, sink.sender("+12125550100").unwrap())).collect();
    sink.wait_for(30, LIMIT).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!((sink.received().len(), sink.requests()), (30, 30));
    assert!(store.next_text_due().await.unwrap().is_none());
}
