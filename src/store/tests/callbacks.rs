//! Promises to call back.

use super::{at, end, start, text_for};
use crate::store::{Callback, Store};

pub(super) async fn are_kept_until_they_are_done(store: &Store) {
    let (first, second) = (start(), start());
    for call in [&first, &second] {
        store.begin_call(call).await.unwrap();
        store.finish_call(&end(call, None)).await.unwrap();
    }
    let callback = |call: &crate::store::CallStart| Callback {
        call: call.id,
        queue: "service".to_owned(),
        number: call.caller.clone().unwrap(),
        priority: 1,
        failed: 0,
        not_before: None,
        until: at(14_400),
    };
    let ours = [first.id, second.id];
    let kept = async || -> Vec<Callback> {
        let all = store.callbacks().await.unwrap();
        all.into_iter().filter(|kept| ours.contains(&kept.call)).collect()
    };
    store.keep_callback(&callback(&second), at(20)).await.unwrap();
    store.keep_callback(&callback(&first), at(10)).await.unwrap();
    let failed = Callback { failed: 1, not_before: Some(at(300)), ..callback(&first) };
    // A second try later doesn't cost the caller their place.
    store.keep_callback(&failed, at(30)).await.unwrap();
    assert_eq!(kept().await, [failed, callback(&second)]);
    store.callback_done(second.id).await.unwrap();
    assert_eq!(kept().await.len(), 1);
    let text = text_for(&first);
    assert!(store.give_callback_up(first.id, at(400), Some(&text)).await.unwrap());
    assert!(!store.give_callback_up(first.id, at(400), Some(&text)).await.unwrap(), "one text");
    assert!(kept().await.is_empty());
    assert_eq!(store.call(first.id).await.unwrap().unwrap().texts.len(), 1);
}

#[tokio::test]
async fn are_kept_until_they_are_done_in_sqlite() {
    are_kept_until_they_are_done(&Store::open("sqlite::memory:").await.unwrap()).await;
}
