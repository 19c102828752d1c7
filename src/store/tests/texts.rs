//! The outbox's rows.

use super::{at, end, start, text_for, url};
use crate::store::{Store, TextReport};
use crate::textback::{Claim, Delivery, Entry, State};

async fn queued(store: &Store) -> Entry {
    let start = start();
    store.begin_call(&start).await.unwrap();
    let text = text_for(&start);
    store.finish_call(&end(&start, Some(text.clone()))).await.unwrap();
    assert_eq!(store.last_text_to(&text.to).await.unwrap(), Some(at(60)));
    due(store, &text.dedupe_key, 60).await.unwrap()
}

async fn due(store: &Store, key: &str, now: i64) -> Option<Entry> {
    store.due_texts(at(now), 1_000).await.unwrap().into_iter().find(|entry| entry.dedupe_key == key)
}

async fn report(store: &Store, key: &str) -> TextReport {
    let call = key.strip_prefix("key-").unwrap().parse().unwrap();
    store.call(call).await.unwrap().unwrap().texts.remove(0)
}

pub(super) async fn goes_through_its_states(store: &Store) {
    let entry = queued(store).await;
    let key = entry.dedupe_key.as_str();
    assert_eq!((entry.state, entry.attempt, entry.due_at), (State::Due, 0, at(60)));
    assert!(due(store, key, 59).await.is_none(), "not before its time");
    assert!(store.next_text_due().await.unwrap().unwrap() <= at(60));

    // One of two workers gets it; while it is sent it is nobody else's.
    let claim = entry.claim(at(60)).unwrap();
    let (one, two) = tokio::join!(store.text_sending(&entry, &claim), store.text_sending(&entry, &claim));
    assert_ne!(one.unwrap(), two.unwrap());
    assert!(due(store, key, 119).await.is_none());

    // The worker is killed: the claim runs out and another takes it up; what the first says late about its try is void.
    let stuck = due(store, key, 120).await.unwrap();
    let again: Claim = stuck.claim(at(120)).unwrap();
    assert!(again.maybe_sent && store.text_sending(&stuck, &again).await.unwrap());
    store.text_retry(key, 1, at(0), "late").await.unwrap();
    assert!(due(store, key, 121).await.is_none());
    store.text_retry(key, 2, at(130), "HTTP 503").await.unwrap();
    assert_eq!(due(store, key, 130).await.unwrap().attempt, 2);

    // A report may overtake the mark; reports come twice and out of order.
    let sid = format!("SM-{key}");
    store.text_status(&sid, Delivery::Sent).await.unwrap();
    store.text_accepted(key, &sid, at(131)).await.unwrap();
    for (status, counts) in [
        (Delivery::Queued, Delivery::Sent),
        (Delivery::Delivered, Delivery::Delivered),
        (Delivery::Sent, Delivery::Delivered),
        (Delivery::Delivered, Delivery::Delivered),
        (Delivery::Failed, Delivery::Delivered),
    ] {
        store.text_status(&sid, status).await.unwrap();
        assert_eq!(report(store, key).await.delivery, Some(counts), "{status}");
    }
    store.text_gave_up(key, "late").await.unwrap();
    store.text_accepted(key, "SM-other", at(999)).await.unwrap();
    let report = report(store, key).await;
    assert_eq!((report.state.as_str(), report.accepted_at, report.why), ("accepted", Some(at(131)), None));
    assert_eq!(report.provider_id, Some(sid));
    assert!(due(store, key, 99_999).await.is_none());
}

#[tokio::test]
async fn a_text_goes_through_its_states_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    goes_through_its_states(&Store::open(&url(folder.path())).await.unwrap()).await;
}

#[tokio::test]
async fn an_opt_out_withdraws_what_waits() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let entry = queued(&store).await;
    store.opt_out(&entry.to, at(61)).await.unwrap();
    store.opt_out(&entry.to, at(62)).await.unwrap();
    assert!(store.is_opted_out(&entry.to).await.unwrap());
    assert!(due(&store, &entry.dedupe_key, 999).await.is_none());
    let claim = entry.claim(at(61)).unwrap();
    assert!(!store.text_sending(&entry, &claim).await.unwrap(), "a worker that had read it before loses it");
    store.text_retry(&entry.dedupe_key, 0, at(0), "late").await.unwrap();
    assert!(due(&store, &entry.dedupe_key, 999).await.is_none());
    store.opt_in(&entry.to).await.unwrap();
    assert!(!store.is_opted_out(&entry.to).await.unwrap());
}

#[tokio::test]
async fn an_unreadable_row_does_not_hold_up_the_others() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let (broken, good) = (queued(&store).await, queued(&store).await);
    sqlx::query("UPDATE texts SET recipient = 'x' WHERE dedupe_key = $1")
        .bind(&broken.dedupe_key)
        .execute(&store.pool)
        .await
        .unwrap();
    assert_eq!(store.due_texts(at(60), 10).await.unwrap(), [good]);
    assert!(store.due_texts(at(60), 10).await.unwrap().iter().all(|entry| entry.dedupe_key != broken.dedupe_key));
}
