//! Binary frames: chunks of uploads that were created over REST. A refused chunk leaves the connection open and changes
//! nothing.

use axum::body::Bytes;

use super::session::Session;
use crate::domain::files;
use crate::protocol::{ChunkFrame, ChunkStored, ErrorCode, FrameError, ServerFrame};
use crate::refusal::{Answer, Refusal};

/// Handles one binary frame: a chunk of an upload that was created over REST.
pub(super) async fn handle(session: &Session, frame: &Bytes) {
    let limit_bytes = session.app.config.websocket.frame_bytes;
    if frame.len() > limit_bytes {
        let detail = format!("the frame is larger than {limit_bytes} bytes");
        return session.refuse(None, &Refusal::new(ErrorCode::TooLarge, detail));
    }
    let chunk = match ChunkFrame::parse(frame) {
        Ok(chunk) => chunk,
        Err(FrameError { id, code, message }) => return session.refuse(id, &Refusal::new(code, message)),
    };
    let id = Some(chunk.request.to_string());
    let correlation = session.app.platform.new_uuid().to_string();
    match store(session, chunk, &correlation).await {
        Ok(stored) => session.reply(&ServerFrame::ChunkStored(id, stored)),
        Err(refusal) => session.refuse_as(id, &refusal, correlation),
    }
}

async fn store(session: &Session, chunk: ChunkFrame, correlation: &str) -> Answer<ChunkStored> {
    if !session.is_greeted() {
        return Err(Refusal::new(ErrorCode::UnexpectedCommand, "say `hello` first"));
    }
    let (actor, limits) = (session.handle.actor, session.app.file_limits());
    let ChunkFrame { file, offset, bytes, .. } = chunk;
    let stored = session
        .app
        .store
        .write(correlation, move |draft| files::append(draft, actor, &limits, file, offset, &bytes))
        .await?;
    Ok(ChunkStored { file, offset: stored.offset })
}
