//! How fast a connection may speak: first it is warned, then read more slowly, then closed with 4029 (REQUIREMENTS.md
//! WS-11). Reading later is what slows a client down: its frames wait in its own buffers, and nobody else's.

use std::time::Duration;

use tokio::time::sleep;

use super::session::Session;
use crate::hub::Closing;
use crate::limits::Bucket;
use crate::metrics::Limit;
use crate::protocol::{CloseCode, ErrorCode, ServerFrame, Warning};

/// How many binary frames in a row may be none of the protocol's before the connection is closed with 1003.
const UNREADABLE: u32 = 16;

/// The pace of one connection.
#[derive(Debug)]
pub(super) struct Pace {
    bucket: Option<Bucket>,
    /// How many frames had to wait since the last that had not.
    throttled: u32,
    unreadable: u32,
}

impl Pace {
    pub(super) fn new(session: &Session) -> Self {
        Self { bucket: session.app.limits.frames(), throttled: 0, unreadable: 0 }
    }

    /// Waits until the next frame may be handled.
    pub(super) async fn keep(&mut self, session: &Session) -> Result<(), Closing> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        let Err(mut wait) = bucket.take() else {
            self.throttled = 0;
            return Ok(());
        };
        self.throttled += 1;
        let limits = &session.app.metrics.limits;
        if self.throttled == 1 {
            limits.hit(Limit::FramesWarned);
            warn(session, wait);
            return Ok(());
        }
        let most = session.app.limits.settings().frames_throttled;
        if most > 0 && self.throttled > most {
            limits.hit(Limit::FramesClosed);
            return Err(Closing::after_queue(CloseCode::RateLimited, 1_000));
        }
        limits.hit(Limit::FramesThrottled);
        loop {
            sleep(wait).await;
            match bucket.take() {
                Ok(_) => return Ok(()),
                Err(longer) => wait = longer,
            }
        }
    }

    /// A frame was of the protocol, or a binary one was not.
    pub(super) fn readable(&mut self, readable: bool) -> Result<(), Closing> {
        self.unreadable = if readable { 0 } else { self.unreadable + 1 };
        match self.unreadable {
            UNREADABLE.. => Err(Closing::after_queue(CloseCode::UnsupportedData, 0)),
            _ => Ok(()),
        }
    }
}

fn warn(session: &Session, wait: Duration) {
    let rate = session.app.limits.settings().frames_per_second;
    let warning = Warning {
        code: ErrorCode::RateLimited,
        message: format!("send at most {rate} frames a second: what comes faster is read later"),
        retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1),
    };
    session.reply(&ServerFrame::Warning(warning));
}
