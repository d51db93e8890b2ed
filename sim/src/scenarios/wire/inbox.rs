//! What one WebSocket has heard so far. Whoever waits for a frame takes it out; the others stay.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use system::protocol::ServerFrame;
use tokio::sync::Notify;

/// What was heard, and how it ended.
#[derive(Default)]
pub(super) struct Inbox {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Default)]
struct State {
    heard: Vec<Heard>,
    end: Option<End>,
}

struct Heard {
    frame: Arc<ServerFrame>,
    text: Arc<str>,
    is_taken: bool,
}

/// How a WebSocket ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// The close code, where one was received.
    pub(super) code: Option<u16>,
    /// In a person's words.
    pub(super) reason: String,
}

impl Inbox {
    pub(super) fn put(&self, frame: Arc<ServerFrame>, text: Arc<str>) {
        self.lock().heard.push(Heard { frame, text, is_taken: false });
        self.news.notify_waiters();
    }

    pub(super) fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.news.notify_waiters();
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Option<End> {
        self.lock().end.clone()
    }

    /// Everything, taken or not, in the order in which it came.
    pub(super) fn all(&self) -> Vec<Arc<ServerFrame>> {
        self.lock().heard.iter().map(|heard| heard.frame.clone()).collect()
    }

    /// The texts of the same, to the byte.
    pub(super) fn texts(&self) -> Vec<Arc<str>> {
        self.lock().heard.iter().map(|heard| heard.text.clone()).collect()
    }

    /// Waits for a frame that `fits` and that nobody took, and takes it; how the socket ended, if none can come any more.
    pub(super) async fn take(&self, fits: impl Fn(&ServerFrame) -> bool) -> Result<ServerFrame, End> {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            // From here on nothing is missed, even before it is waited for.
            news.as_mut().enable();
            {
                let mut state = self.lock();
                let found = state.heard.iter_mut().find(|heard| !heard.is_taken && fits(&heard.frame));
                if let Some(heard) = found {
                    heard.is_taken = true;
                    return Ok((*heard.frame).clone());
                }
                if let Some(end) = &state.end {
                    return Err(end.clone());
                }
            }
            news.await;
        }
    }

    /// Waits for the end.
    pub(super) async fn until_ended(&self) -> End {
        // A frame that fits nothing never comes.
        match self.take(|_| false).await {
            Ok(_) => unreachable!("no frame fits"),
            Err(end) => end,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
