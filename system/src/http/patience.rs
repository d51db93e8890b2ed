//! How long a request may take: so long from its beginning, or from the last time that it got on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::refusal::Refusal;

/// The time limit of one request. A handler whose request lasts long because there is much of it, such as an upload,
/// renews it whenever it got on.
#[derive(Clone, Debug)]
pub struct Patience {
    limit: Duration,
    deadline: Arc<Mutex<Instant>>,
}

impl Patience {
    /// Begins now.
    pub fn new(limit: Duration) -> Self {
        Self { limit, deadline: Arc::new(Mutex::new(Instant::now() + limit)) }
    }

    /// The request got on: the time begins anew.
    pub fn renew(&self) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + self.limit;
    }

    /// Most of the time limit: what waits no longer than this, and then gets on or ends, ends by itself.
    pub fn most(&self) -> Duration {
        self.limit * 3 / 4
    }

    /// Resolves when the time is over.
    pub async fn exhausted(&self) {
        loop {
            let deadline = self.deadline();
            sleep_until(deadline).await;
            if self.deadline() == deadline {
                return;
            }
        }
    }

    fn deadline(&self) -> Instant {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromRequestParts<App> for Patience {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(parts.extensions.get::<Self>().cloned().expect("the outermost layer has put it there"))
    }
}
