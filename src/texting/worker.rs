//! The outbox worker: claims due texts, sends them side by side, writes down what came of it.

use super::{OutgoingText, TextError, TextSender};
use crate::store::{Store, StoreError};
use crate::textback::{Claim, Delivery, Entry, Outcome, Step};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Texts under way at once; more wait in the store.
const AT_ONCE: usize = 8;

/// Another process may write to the same database without waking this worker.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// After the database failed.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Sends due texts until `cancel`; texts under way are then waited for. Wake it when a text was queued: it looks by
/// itself only when one is due, or after half a minute. Several workers may share one database: a row is claimed in SQL.
pub async fn run_outbox<S: TextSender + 'static>(
    store: Store,
    sender: Arc<S>,
    cancel: CancellationToken,
    wake: Arc<Notify>,
) {
    let mut under_way = JoinSet::new();
    while !cancel.is_cancelled() {
        let rest = match take_due(&store, &sender, &mut under_way).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!(error = %error, source = std::error::Error::source(&error), "the outbox rests");
                REST_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = cancel.cancelled() => break,
            Some(ended) = under_way.join_next() => if let Err(error) = ended {
                // Its claim runs out and it is taken up again.
                tracing::error!(%error, "a text's sending broke off");
            },
            // With every place taken only a finished text can change anything.
            _ = tokio::time::timeout(rest, wake.notified()), if under_way.len() < AT_ONCE => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Starts what is due and free places allow; gives how long nothing more will be due.
async fn take_due<S: TextSender + 'static>(
    store: &Store,
    sender: &Arc<S>,
    under_way: &mut JoinSet<()>,
) -> Result<Duration, StoreError> {
    let now = Timestamp::now();
    for entry in store.due_texts(now, AT_ONCE.saturating_sub(under_way.len()) as u32).await? {
        match entry.claim(now) {
            Ok(claim) => {
                if store.text_sending(&entry, &claim).await? {
                    under_way.spawn(send_one(store.clone(), Arc::clone(sender), entry, claim));
                }
            }
            Err(Some(Step::GiveUp { why })) => store.text_gave_up(&entry.dedupe_key, &why).await?,
            Err(_) => {}
        }
    }
    let next = store.next_text_due().await?;
    Ok(next.map_or(LONGEST_REST, |at| {
        let rest = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
        // Times are kept in whole milliseconds: don't wake just before one.
        (rest + Duration::from_millis(1)).min(LONGEST_REST)
    }))
}

async fn send_one<S: TextSender>(store: Store, sender: Arc<S>, entry: Entry, claim: Claim) {
    let text = OutgoingText {
        to: entry.to.clone(),
        body: entry.body.clone(),
        idempotency_key: entry.dedupe_key.clone(),
        queued_at: entry.queued_at,
        maybe_sent: claim.maybe_sent,
    };
    let answer = sender.send(&text).await;
    let status = answer.as_ref().ok().and_then(|receipt| receipt.status.parse::<Delivery>().ok());
    let outcome = match answer {
        Ok(receipt) => Outcome::Accepted { provider_id: receipt.provider_id },
        Err(TextError::Transient { why, retry_after }) => Outcome::Transient { retry_after, why },
        Err(TextError::Final { why }) => Outcome::Final { why },
    };
    let now = Timestamp::now();
    let step = claim.settle(now, outcome, jitter());
    if let Err(error) = write_down(&store, &entry, claim, now, step, status).await {
        // The claim runs out, and the text is looked for at the provider before it is sent again.
        tracing::error!(text = %entry.dedupe_key, error = %error, "what came of a text was not kept");
    }
}

async fn write_down(
    store: &Store,
    entry: &Entry,
    claim: Claim,
    now: Timestamp,
    step: Step,
    status: Option<Delivery>,
) -> Result<(), StoreError> {
    let key = &entry.dedupe_key;
    match step {
        Step::Accepted { provider_id } => {
            store.text_accepted(key, &provider_id, now).await?;
            tracing::info!(text = %key, to = %entry.to, attempt = claim.attempt, "the text is with the provider");
            match status {
                Some(status) => store.text_status(&provider_id, status).await,
                None => Ok(()),
            }
        }
        Step::Retry { due_at, why } => {
            tracing::warn!(text = %key, attempt = claim.attempt, %due_at, why, "the text will be tried again");
            store.text_retry(key, claim.attempt, due_at, &why).await
        }
        Step::GiveUp { why } => {
            tracing::error!(text = %key, attempt = claim.attempt, why, "the text was given up");
            store.text_gave_up(key, &why).await
        }
    }
}

/// 0 to 1, from the random tail of a fresh id.
fn jitter() -> f64 {
    let bytes = *Uuid::now_v7().as_bytes();
    f64::from(u16::from_be_bytes([bytes[14], bytes[15]])) / f64::from(u16::MAX)
}
