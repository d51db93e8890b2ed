//! Uploads a file: creates it with its first bytes, goes on where the server is, and asks where that is whenever an
//! answer was lost. What to say next depends on nothing but what was answered, so the tasks of a client and the typed
//! calls share it.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::rest::{Answer, Exchange, Method, Request};
use super::told::{ToldCreation, ToldPiece, ToldRange};
use crate::protocol::{API_PREFIX, ErrorCode, ErrorReply, File, FileId, NewFile, RoomId, TUS_CONTENT_TYPE};

/// How many bytes go in one request, unless the upload says otherwise.
const PIECE_BYTES: usize = 1 << 20;

/// How many bytes go in one binary frame at most: the server takes frames of 64 KiB.
const FRAME_PIECE_BYTES: usize = 60 << 10;

/// A file to be uploaded, with all its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Whose members may read it.
    pub room: Option<RoomId>,
    /// Its bytes.
    pub content: Bytes,
    /// How many bytes go at once, in one request or one binary frame; at least 1 is taken, and of a frame at most 60 KiB.
    pub piece_bytes: usize,
    /// How long the client rests after each piece, so as to leave the line to others.
    pub pause_ms: u64,
}

/// An upload under way.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    upload: &'a Upload,
    key: &'a str,
    /// The bytes go in binary frames.
    by_frames: bool,
    next: Next,
    rests: bool,
}

/// What is said next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Create,
    Ask(FileId),
    Continue(FileId, u64),
    ReadObject(FileId),
}

/// What an exchange has led to.
#[derive(Debug)]
pub(super) enum Step {
    /// On to the next request.
    On,
    /// The next request, after a while: the last one was not answered, or refused for the time being.
    Wait {
        /// How long the server wants it to be.
        retry_after_ms: Option<u64>,
        /// Why.
        exchange: Exchange,
    },
    /// The file is complete; the answer is its object.
    Done(Answer),
    /// The server refuses it for good.
    Refused(Answer),
}

/// A piece of an upload, to go in a binary frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    pub(super) file: FileId,
    pub(super) offset: u64,
    pub(super) bytes: Bytes,
}

/// What the server said to a piece in a binary frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum PieceReply {
    /// So much of the file is durable.
    Stored(u64),
    /// Nothing of the piece was kept.
    Refused(ErrorReply),
}

impl Upload {
    /// A file of nobody but its owner, in pieces as large as they may be.
    pub fn new(name: impl Into<String>, content_type: impl Into<String>, content: Bytes) -> Self {
        let (name, content_type) = (name.into(), content_type.into());
        Self { name, content_type, room: None, content, piece_bytes: PIECE_BYTES, pause_ms: 0 }
    }

    /// What is said of the file.
    pub fn new_file(&self) -> NewFile {
        NewFile {
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            room: self.room,
            size: self.content.len() as u64,
        }
    }
}

impl<'a> Steps<'a> {
    /// Begins an upload under an idempotency key.
    pub(super) fn new(upload: &'a Upload, key: &'a str) -> Self {
        Self { upload, key, by_frames: false, next: Next::Create, rests: false }
    }

    /// The same, with the bytes in binary frames.
    pub(super) fn by_frames(upload: &'a Upload, key: &'a str) -> Self {
        Self { by_frames: true, ..Self::new(upload, key) }
    }

    /// The next request.
    pub(super) fn request(&self) -> Request {
        match self.next {
            Next::Create if self.by_frames => creation(&self.upload.new_file(), self.key),
            Next::Create => creation_with(&self.upload.new_file(), self.key, self.piece(0)),
            Next::Ask(file) => status(file),
            Next::Continue(file, offset) => continuation(file, offset, self.piece(offset)),
            Next::ReadObject(file) => Request::new(Method::Get, format!("{API_PREFIX}/files/{file}")),
        }
    }

    /// The next piece, if it is to go in a binary frame rather than in a request.
    pub(super) fn frame(&self) -> Option<Piece> {
        match self.next {
            Next::Continue(file, offset) if self.by_frames => Some(Piece { file, offset, bytes: self.piece(offset) }),
            _ => None,
        }
    }

    /// How long to rest before the next request.
    pub(super) fn pause(&self) -> Duration {
        Duration::from_millis(if self.rests { self.upload.pause_ms } else { 0 })
    }

    /// Goes on by what became of the request.
    pub(super) fn take(&mut self, exchange: Exchange) -> Step {
        self.rests = false;
        let answer = match exchange {
            Exchange::Answered(answer) => answer,
            lost @ (Exchange::Lost { .. } | Exchange::Unsent { .. }) => return self.wait(None, lost),
        };
        // A fresh token was refused too: not the upload is at fault.
        if answer.temporary() || answer.status == 401 {
            return self.wait(answer.retry_after_ms, Exchange::Answered(answer));
        }
        if !answer.succeeded() {
            let elsewhere = answer.problem().map(|problem| problem.code) == Some(ErrorCode::UploadOffsetMismatch);
            if !elsewhere {
                return Step::Refused(answer);
            }
            self.ask();
            return Step::On;
        }
        match self.next {
            Next::ReadObject(_) => return Step::Done(answer),
            Next::Create => match serde_json::from_str::<File>(&answer.body) {
                Ok(file) => self.reached(file.id, answer.upload_offset),
                Err(_) => return Step::Refused(answer),
            },
            Next::Ask(file) => self.reached(file, answer.upload_offset),
            Next::Continue(file, _) => self.stored(file, answer.upload_offset),
        }
        Step::On
    }

    /// Goes on by what became of the piece in a binary frame; nothing: its connection ended.
    ///
    /// # Errors
    /// The server refuses it for good.
    pub(super) fn take_reply(&mut self, reply: Option<PieceReply>) -> Result<Step, ErrorReply> {
        self.rests = false;
        let file = match self.next {
            Next::Continue(file, _) | Next::Ask(file) | Next::ReadObject(file) => file,
            Next::Create => return Ok(Step::On),
        };
        let lost = |reason: &str| Exchange::Lost { reason: reason.to_owned() };
        match reply {
            Some(PieceReply::Stored(offset)) => self.stored(file, Some(offset)),
            Some(PieceReply::Refused(error)) => match error.code {
                ErrorCode::UploadOffsetMismatch => self.ask(),
                // The token ended meanwhile, and is being renewed.
                code if error.temporary || code == ErrorCode::Unauthenticated => {
                    return Ok(self.wait(error.retry_after_ms, lost(&error.message)));
                }
                _ => return Err(error),
            },
            None => return Ok(self.wait(None, lost("the connection ended"))),
        }
        Ok(Step::On)
    }

    /// A piece was stored.
    fn stored(&mut self, file: FileId, offset: Option<u64>) {
        self.reached(file, offset);
        self.rests = matches!(self.next, Next::Continue(..));
    }

    /// The file is at an offset, or was, where none was told.
    fn reached(&mut self, file: FileId, offset: Option<u64>) {
        self.next = match offset {
            Some(offset) if offset >= self.upload.content.len() as u64 => Next::ReadObject(file),
            Some(offset) => Next::Continue(file, offset),
            None => Next::Ask(file),
        };
    }

    /// The same again, or where it is asked first.
    fn wait(&mut self, retry_after_ms: Option<u64>, exchange: Exchange) -> Step {
        self.ask();
        Step::Wait { retry_after_ms, exchange }
    }

    /// Where the upload is, is not known.
    fn ask(&mut self) {
        if let Next::Continue(file, _) = self.next {
            self.next = Next::Ask(file);
        }
    }

    fn piece(&self, offset: u64) -> Bytes {
        let most = if self.by_frames { FRAME_PIECE_BYTES } else { usize::MAX };
        let piece_bytes = self.upload.piece_bytes.clamp(1, most);
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.upload.content.len());
        self.upload.content.slice(from..self.upload.content.len().min(from.saturating_add(piece_bytes)))
    }
}

/// Creates an upload.
pub(super) fn creation(file: &NewFile, key: &str) -> Request {
    creation_with(file, key, Bytes::new())
}

/// Creates an upload with its first bytes.
fn creation_with(file: &NewFile, key: &str, bytes: Bytes) -> Request {
    let told = ToldCreation { file: file.clone(), bytes: bytes.len() as u64 };
    let request = tus(Method::Post, "/files".to_owned())
        .key(key)
        .header("upload-length", file.size.to_string())
        .header("upload-metadata", file.to_metadata())
        .told_as(&told);
    if bytes.is_empty() { request } else { request.bytes(TUS_CONTENT_TYPE, bytes) }
}

/// Asks where an upload is.
pub(super) fn status(file: FileId) -> Request {
    tus(Method::Head, format!("/files/{file}"))
}

/// Goes on with an upload.
pub(super) fn continuation(file: FileId, offset: u64, bytes: Bytes) -> Request {
    tus(Method::Patch, format!("/files/{file}"))
        .header("upload-offset", offset.to_string())
        .told_as(&ToldPiece { offset, bytes: bytes.len() as u64 })
        .bytes(TUS_CONTENT_TYPE, bytes)
}

/// Reads a file's content, all of it or a range.
pub(super) fn download(file: FileId, range: Option<Range<u64>>) -> Request {
    let request = Request::new(Method::Get, format!("{API_PREFIX}/files/{file}/content"));
    let Some(Range { start, end }) = range else { return request };
    let range = format!("bytes={start}-{}", end.saturating_sub(1));
    request.header("range", range).told_as(&ToldRange { from: start, to: end })
}

fn tus(method: Method, path: String) -> Request {
    Request::new(method, format!("{API_PREFIX}{path}")).header("tus-resumable", crate::protocol::TUS_VERSION.to_owned())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn answer(status: u16, body: &str, upload_offset: Option<u64>) -> Exchange {
        let body = body.to_owned();
        Exchange::Answered(Answer { status, body, bytes: Bytes::new(), upload_offset, retry_after_ms: None })
    }

    fn lost() -> Exchange {
        Exchange::Lost { reason: "cut".to_owned() }
    }

    #[test]
    fn whatever_is_lost_it_goes_on_where_the_server_is() {
        let content = Bytes::from(vec![b'x'; PIECE_BYTES + 5]);
        let size = content.len() as u64;
        let upload = Upload::new("a", "text/plain", content);
        let mut steps = Steps::new(&upload, "key");
        assert!(matches!(steps.take(lost()), Step::Wait { .. }));
        assert_eq!(steps.next, Next::Create, "under the same key");
        let id = FileId(Uuid::from_u128(7));
        let created = format!(
            r#"{{"id":"{id}","owner":"{id}","company":"{id}","name":"a","content_type":"text/plain","size":{size},"offset":0,
            "state":"uploading","created_at":"2026-11-21T10:00:00Z"}}"#
        );
        assert!(matches!(steps.take(answer(201, &created, Some(1 << 20))), Step::On));
        assert_eq!(steps.next, Next::Continue(id, 1 << 20));
        assert!(matches!(steps.take(lost()), Step::Wait { .. }));
        assert_eq!(steps.next, Next::Ask(id));
        assert!(matches!(steps.take(answer(503, "", None)), Step::Wait { .. }));
        assert!(matches!(steps.take(answer(200, "", Some(size - 2))), Step::On));
        assert_eq!(steps.next, Next::Continue(id, size - 2));
        assert_eq!(steps.piece(size - 2).len(), 2);
        assert!(matches!(steps.take(answer(204, "", Some(size))), Step::On));
        assert_eq!(steps.next, Next::ReadObject(id));
        assert!(matches!(steps.take(answer(200, &created, None)), Step::Done(_)));
    }

    #[test]
    fn a_refusal_ends_it() {
        let upload = Upload::new("a", "a/b", Bytes::new());
        assert!(matches!(Steps::new(&upload, "key").take(answer(413, "", None)), Step::Refused(_)));
    }

    #[test]
    fn by_frames_it_goes_in_pieces_with_rests_and_asks_where_it_is_when_the_connection_ends() {
        let mut upload = Upload::new("a", "a/b", Bytes::from(vec![b'x'; 100_000]));
        (upload.piece_bytes, upload.pause_ms) = (1 << 20, 50);
        let mut steps = Steps::by_frames(&upload, "key");
        let id = FileId(Uuid::from_u128(7));
        assert!(steps.frame().is_none(), "it is created over REST");
        steps.reached(id, Some(0));
        assert_eq!(steps.frame().map(|piece| (piece.offset, piece.bytes.len())), Some((0, FRAME_PIECE_BYTES)));
        assert_eq!(steps.pause(), Duration::ZERO);
        assert!(matches!(steps.take_reply(Some(PieceReply::Stored(61_440))), Ok(Step::On)));
        assert_eq!(steps.pause(), Duration::from_millis(50), "between two pieces");
        assert!(matches!(steps.take_reply(None), Ok(Step::Wait { .. })));
        assert_eq!((steps.next, steps.frame()), (Next::Ask(id), None));
        steps.reached(id, Some(61_440));
        let refused = |code, temporary| {
            let (message, correlation_id) = ("no".to_owned(), "c".to_owned());
            Some(PieceReply::Refused(ErrorReply { code, message, temporary, retry_after_ms: None, correlation_id }))
        };
        assert!(matches!(steps.take_reply(refused(ErrorCode::UploadOffsetMismatch, false)), Ok(Step::On)));
        assert_eq!(steps.next, Next::Ask(id));
        steps.reached(id, Some(70_000));
        assert!(matches!(steps.take_reply(refused(ErrorCode::Unavailable, true)), Ok(Step::Wait { .. })));
        steps.reached(id, Some(70_000));
        assert!(steps.take_reply(refused(ErrorCode::NotFound, false)).is_err());
        assert!(matches!(steps.take_reply(Some(PieceReply::Stored(100_000))), Ok(Step::On)));
        assert_eq!((steps.next, steps.pause()), (Next::ReadObject(id), Duration::ZERO));
    }
}
