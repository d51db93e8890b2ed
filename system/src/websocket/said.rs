//! A frame as what it asks for: a command as text, or a chunk of an upload as bytes.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;

use super::session::Session;
use crate::protocol::{ChunkFrame, ClientFrame, Command, ErrorCode, FrameError};
use crate::refusal::Refusal;

/// Something that a client asked for.
#[derive(Debug)]
pub(super) struct Said {
    /// Comes back with the answer.
    pub(super) id: Option<String>,
    /// What it is.
    pub(super) asked: Asked,
    /// Names it in the log, and in the events that it causes.
    pub(super) correlation: String,
}

/// What a client can ask for.
#[derive(Debug)]
pub(super) enum Asked {
    Command(Command),
    Chunk(ChunkFrame),
}

impl Said {
    /// Reads a frame. None: it was refused, or is none of the protocol's.
    pub(super) fn read(session: &Session, message: &Message) -> Option<Self> {
        match message {
            Message::Text(text) => Self::text(session, text.as_str()),
            Message::Binary(frame) => Self::binary(session, frame),
            _ => None,
        }
    }

    fn text(session: &Session, text: &str) -> Option<Self> {
        let asked = within(session, text.len()).and_then(|()| ClientFrame::parse(text));
        let frame = told(session, asked)?;
        Some(Self::new(session, frame.id, Asked::Command(frame.command)))
    }

    fn binary(session: &Session, frame: &Bytes) -> Option<Self> {
        let asked = within(session, frame.len()).and_then(|()| ChunkFrame::parse(frame));
        let chunk = told(session, asked)?;
        Some(Self::new(session, Some(chunk.request.to_string()), Asked::Chunk(chunk)))
    }

    fn new(session: &Session, id: Option<String>, asked: Asked) -> Self {
        Self { id, asked, correlation: session.app.platform.new_uuid().to_string() }
    }

    /// Its name, as it is measured and logged.
    pub(super) fn kind(&self) -> &'static str {
        match &self.asked {
            Asked::Command(command) => command.kind(),
            Asked::Chunk(_) => "chunk",
        }
    }
}

fn within(session: &Session, bytes: usize) -> Result<(), FrameError> {
    let limit_bytes = session.app.config.websocket.frame_bytes;
    if bytes <= limit_bytes {
        return Ok(());
    }
    let message = format!("the frame is larger than {limit_bytes} bytes");
    Err(FrameError { id: None, code: ErrorCode::TooLarge, message })
}

/// What was read; a mistake is told.
fn told<T>(session: &Session, read: Result<T, FrameError>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(FrameError { id, code, message }) => {
            session.app.metrics.websocket.unreadable(code);
            session.refuse(id, &Refusal::new(code, message));
            None
        }
    }
}
