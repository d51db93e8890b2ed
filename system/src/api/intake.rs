//! Takes the body of an upload in: reads it as it comes, outside of any transaction, and has it stored piece by piece.
//!
//! What was stored is durable and moves the upload's offset, whatever becomes of the rest. With a checksum the body is
//! one piece: none of it is stored before all of it is checked.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::FromRequestParts;
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt};
use http::request::Parts;
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::domain::files;
use crate::http::{Caller, Correlation, Patience};
use crate::metrics::Way;
use crate::platform::blocking;
use crate::protocol::{Checksum, ErrorCode, File};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Describe, Operation};
use crate::store::{Actor, CHUNK_BYTES};

/// Who sends bytes of an upload, and by which request.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) actor: Actor,
    pub(super) correlation: String,
    patience: Patience,
}

impl Describe for Sender {
    fn describe(operation: &mut Operation<'_>) {
        Caller::describe(operation);
        Correlation::describe(operation);
    }
}

impl FromRequestParts<App> for Sender {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Answer<Self> {
        let Caller(actor) = Caller::from_request_parts(parts, app).await?;
        let Correlation(correlation) = Correlation::from_request_parts(parts, app).await?;
        let patience = Patience::from_request_parts(parts, app).await?;
        Ok(Self { actor, correlation, patience })
    }
}

/// An upload that goes on.
pub(super) struct Intake<'a> {
    app: &'a App,
    sender: Sender,
    /// As of the last commit.
    file: File,
}

/// Why reading stopped.
enum Read {
    /// There is enough to be stored.
    Enough,
    /// The body is complete.
    End,
    /// The client is gone, or what it sends is no HTTP.
    Broken,
    /// Nothing, or too little, came for too long.
    Stalled,
}

impl<'a> Intake<'a> {
    pub(super) fn new(app: &'a App, sender: Sender, file: File) -> Self {
        Self { app, sender, file }
    }

    /// Takes the whole body; the file as it is then.
    ///
    /// # Errors
    /// Those of [`files::append`]; [`ErrorCode::BodyTooSlow`], [`ErrorCode::ChecksumMismatch`],
    /// [`ErrorCode::TooLarge`]; [`ErrorCode::InvalidRequest`] for a body that breaks off.
    pub(super) async fn take(self, body: Body, checksum: Option<Checksum>) -> Answer<File> {
        let body = body.into_data_stream();
        match checksum {
            Some(checksum) => self.take_checked(body, checksum).await,
            None => self.take_as_it_comes(body).await,
        }
    }

    async fn take_as_it_comes(mut self, mut body: BodyDataStream) -> Answer<File> {
        let most_bytes = self.app.config.uploads.buffer_bytes;
        let mut waiting = BytesMut::new();
        loop {
            let read = self.read(&mut body, &mut waiting, most_bytes, true).await;
            if !waiting.is_empty() {
                self.store(waiting.split().freeze()).await?;
            }
            match read {
                Read::Enough => {}
                Read::End => return Ok(self.file),
                Read::Broken => return Err(broken()),
                Read::Stalled => return Err(self.stalled()),
            }
        }
    }

    async fn take_checked(mut self, mut body: BodyDataStream, checksum: Checksum) -> Answer<File> {
        let most_bytes = self.app.config.uploads.checksum_bytes;
        let mut waiting = BytesMut::new();
        loop {
            let read = self.read(&mut body, &mut waiting, most_bytes.saturating_add(1), false).await;
            if waiting.len() > most_bytes {
                let detail = format!("a body with an Upload-Checksum has at most {most_bytes} bytes: send several");
                return Err(Refusal::new(ErrorCode::TooLarge, detail));
            }
            match read {
                Read::Enough => self.sender.patience.renew(),
                Read::End => break,
                Read::Broken => return Err(broken()),
                Read::Stalled => return Err(self.stalled()),
            }
        }
        let bytes = waiting.freeze();
        let checked = bytes.clone();
        if !blocking(&*self.app.platform, move || checksum.matches(&checked)).await {
            let detail = "the body does not have its Upload-Checksum: nothing of it was kept, send it again";
            return Err(Refusal::new(ErrorCode::ChecksumMismatch, detail));
        }
        self.store(bytes).await?;
        Ok(self.file)
    }

    /// Reads until there is a chunk more; `greedily`: and then what else is there already, up to `most_bytes` in all.
    async fn read(&self, body: &mut BodyDataStream, waiting: &mut BytesMut, most_bytes: usize, greedily: bool) -> Read {
        let stalled_at = Instant::now() + self.stall_timeout();
        let enough = waiting.len() + CHUNK_BYTES;
        loop {
            let frame = if waiting.len() < enough {
                match timeout_at(stalled_at, body.next()).await {
                    Ok(frame) => frame,
                    Err(_) => return Read::Stalled,
                }
            } else if waiting.len() >= most_bytes || !greedily {
                return Read::Enough;
            } else {
                match body.next().now_or_never() {
                    Some(frame) => frame,
                    None => return Read::Enough,
                }
            };
            match frame {
                Some(Ok(bytes)) => waiting.extend_from_slice(&bytes),
                Some(Err(_)) => return Read::Broken,
                None => return Read::End,
            }
        }
    }

    /// Has `bytes` stored at the upload's offset.
    async fn store(&mut self, bytes: Bytes) -> Answer<()> {
        let count = bytes.len();
        let (actor, id, offset, limits) = (self.sender.actor, self.file.id, self.file.offset, self.app.file_limits());
        let stored = self
            .app
            .store
            .write(&self.sender.correlation, move |draft| files::append(draft, actor, &limits, id, offset, &bytes));
        self.file = stored.await?;
        self.app.metrics.files.uploaded(Way::Http, count);
        self.sender.patience.renew();
        Ok(())
    }

    fn stall_timeout(&self) -> Duration {
        Duration::from_millis(self.app.config.uploads.stall_timeout_ms).min(self.sender.patience.most())
    }

    fn stalled(&self) -> Refusal {
        let detail = format!(
            "less than {CHUNK_BYTES} bytes came within {} ms: what came is kept, go on where the upload is",
            self.stall_timeout().as_millis()
        );
        Refusal::new(ErrorCode::BodyTooSlow, detail)
    }
}

fn broken() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, "the body ended before it was complete: go on where the upload is")
}
