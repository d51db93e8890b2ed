//! Chunks of uploads that were created over REST, by binary frames. A refused one leaves the connection open and changes
//! nothing.

use super::session::Session;
use crate::domain::files;
use crate::metrics::Way;
use crate::protocol::{ChunkFrame, ChunkStored};
use crate::refusal::Answer;

/// Has a chunk stored.
pub(super) async fn store(session: &Session, chunk: ChunkFrame, correlation: &str) -> Answer<ChunkStored> {
    let (actor, limits) = (session.handle.actor, session.app.file_limits());
    let ChunkFrame { file, offset, bytes, .. } = chunk;
    let count = bytes.len();
    let stored = session
        .app
        .store
        .write(correlation, move |draft| files::append(draft, actor, &limits, file, offset, &bytes))
        .await?;
    session.app.metrics.files.uploaded(Way::WebSocket, count);
    Ok(ChunkStored { file, offset: stored.offset })
}
