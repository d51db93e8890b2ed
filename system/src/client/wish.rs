//! Whether a client is wanted to be connected, and how its tasks learn that this changed.

use tokio::sync::watch;

/// What is wanted of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// Be connected, perform operations.
    Open,
    /// Stay away, perform nothing, keep everything.
    Closed,
    /// End: it was shut down, or the server sent it away for good.
    Ended,
}

/// One task's view of the wish.
#[derive(Clone, Debug)]
pub(super) struct Wishes(watch::Receiver<Wish>);

impl Wishes {
    pub(super) fn new(receiver: watch::Receiver<Wish>) -> Self {
        Self(receiver)
    }

    /// Resolves when the client is wanted to be open; false: it never will be again.
    pub(super) async fn opened(&mut self) -> bool {
        match self.0.wait_for(|wish| *wish != Wish::Closed).await {
            Ok(wish) => *wish == Wish::Open,
            Err(_) => false,
        }
    }

    /// Resolves when the client is no longer wanted to be open.
    pub(super) async fn withdrawn(&mut self) {
        // An error says that the sender is gone: nobody wants anything any more.
        let _ = self.0.wait_for(|wish| *wish != Wish::Open).await;
    }
}
