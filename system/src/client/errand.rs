//! What a conversation has to wait for beside frames: snapshots, new tokens, the time to say something again. Each
//! errand is a task that ends with its conversation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::backoff::Backoff;
use super::calls::snapshot_request;
use super::outbox::Ticket;
use super::session::SentAway;
use super::shared::Shared;
use super::{Connector, Exchange};
use crate::protocol::{Snapshot, StreamId};

/// An errand that is done.
#[derive(Debug)]
pub(super) enum Errand {
    /// A snapshot was fetched.
    Fetched(Box<Snapshot>),
    /// There is a token that nobody distrusts.
    Renewed,
    /// It is time to send this message again.
    SendAgain(Ticket),
}

/// The errands under way.
#[derive(Debug, Default)]
pub(super) struct Errands {
    tasks: JoinSet<Result<Errand, SentAway>>,
    fetching: BTreeMap<StreamId, AbortHandle>,
}

impl Errands {
    /// Fetches the snapshot of `stream`, unless that is under way. `patiently`: the last one did not help, so wait a
    /// moment first.
    pub(super) fn fetch<C: Connector>(&mut self, shared: &Arc<Shared<C>>, stream: StreamId, patiently: bool) {
        if !self.fetching.contains_key(&stream) {
            let task = self.tasks.spawn(fetch(shared.clone(), stream, patiently));
            self.fetching.insert(stream, task);
        }
    }

    /// The snapshot of `stream` is no longer needed.
    pub(super) fn forget(&mut self, stream: StreamId) {
        if let Some(task) = self.fetching.remove(&stream) {
            task.abort();
        }
    }

    /// Waits for a token that nobody distrusts.
    pub(super) fn renew<C: Connector>(&mut self, shared: &Arc<Shared<C>>) {
        let shared = shared.clone();
        self.tasks.spawn(async move { shared.session.access().await.map(|_| Errand::Renewed) });
    }

    /// Waits until a message is to be sent again.
    pub(super) fn send_again(&mut self, ticket: Ticket, after: Duration) {
        self.tasks.spawn(async move {
            sleep(after).await;
            Ok(Errand::SendAgain(ticket))
        });
    }

    /// The next errand that is done; none while there is none.
    pub(super) async fn next(&mut self) -> Option<Result<Errand, SentAway>> {
        loop {
            match self.tasks.join_next_with_id().await? {
                Ok((id, Ok(Errand::Fetched(snapshot)))) => {
                    // Aborting comes too late for a task that is done: what it fetched may be about a former
                    // subscription.
                    if self.fetching.get(&snapshot.stream).is_some_and(|task| task.id() == id) {
                        self.fetching.remove(&snapshot.stream);
                        return Some(Ok(Errand::Fetched(snapshot)));
                    }
                }
                Ok((_, done)) => return Some(done),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            }
        }
    }
}

/// Asks until there is a snapshot. A refusal is no end: when the right to the stream was lost, the server says so on
/// the connection, and this is aborted.
async fn fetch<C: Connector>(shared: Arc<Shared<C>>, stream: StreamId, patiently: bool) -> Result<Errand, SentAway> {
    let mut backoff = Backoff::new(&shared.config.timing);
    if patiently {
        sleep(backoff.next(&*shared.platform)).await;
    }
    loop {
        let exchange = shared.session.send(snapshot_request(stream)).await?;
        let mut retry_after_ms = None;
        if let Exchange::Answered(answer) = exchange {
            if answer.succeeded()
                && let Ok(snapshot) = serde_json::from_str::<Snapshot>(&answer.body)
                && snapshot.stream == stream
            {
                return Ok(Errand::Fetched(Box::new(snapshot)));
            }
            retry_after_ms = answer.retry_after_ms;
        }
        let wait = backoff.next(&*shared.platform);
        sleep(wait.max(Duration::from_millis(retry_after_ms.unwrap_or(0)))).await;
    }
}
