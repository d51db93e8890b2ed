//! Uploads a file: creates it with its first bytes, goes on where the server is, and asks where that is whenever an
//! answer was lost. What to say next depends on nothing but what was answered, so the tasks of a client and the typed
//! calls share it.

use bytes::Bytes;

use super::rest::{Answer, Exchange, Method, Request};
use crate::protocol::{API_PREFIX, ErrorCode, File, FileId, NewFile, RoomId, TUS_CONTENT_TYPE};

/// How many bytes go in one request.
const PIECE_BYTES: usize = 1 << 20;

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
}

/// An upload under way.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    upload: &'a Upload,
    key: &'a str,
    next: Next,
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

impl Upload {
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
        Self { upload, key, next: Next::Create }
    }

    /// The next request.
    pub(super) fn request(&self) -> Request {
        match self.next {
            Next::Create => creation(&self.upload.new_file(), self.key).bytes(TUS_CONTENT_TYPE, self.piece(0)),
            Next::Ask(file) => status(file),
            Next::Continue(file, offset) => continuation(file, offset, self.piece(offset)),
            Next::ReadObject(file) => Request::new(Method::Get, format!("{API_PREFIX}/files/{file}")),
        }
    }

    /// Goes on by what became of the request.
    pub(super) fn take(&mut self, exchange: Exchange) -> Step {
        let answer = match exchange {
            Exchange::Answered(answer) => answer,
            lost @ (Exchange::Lost { .. } | Exchange::Unsent { .. }) => {
                self.ask();
                return Step::Wait { retry_after_ms: None, exchange: lost };
            }
        };
        // A fresh token was refused too: not the upload is at fault.
        if answer.temporary() || answer.status == 401 {
            self.ask();
            return Step::Wait { retry_after_ms: answer.retry_after_ms, exchange: Exchange::Answered(answer) };
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
            Next::Ask(file) | Next::Continue(file, _) => self.reached(file, answer.upload_offset),
        }
        Step::On
    }

    /// The file is at an offset, or was, where none was told.
    fn reached(&mut self, file: FileId, offset: Option<u64>) {
        self.next = match offset {
            Some(offset) if offset >= self.upload.content.len() as u64 => Next::ReadObject(file),
            Some(offset) => Next::Continue(file, offset),
            None => Next::Ask(file),
        };
    }

    /// Where the upload is, is not known.
    fn ask(&mut self) {
        if let Next::Continue(file, _) = self.next {
            self.next = Next::Ask(file);
        }
    }

    fn piece(&self, offset: u64) -> Bytes {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.upload.content.len());
        self.upload.content.slice(from..self.upload.content.len().min(from + PIECE_BYTES))
    }
}

/// Creates an upload.
pub(super) fn creation(file: &NewFile, key: &str) -> Request {
    tus(Method::Post, "/files".to_owned())
        .key(key)
        .header("upload-length", file.size.to_string())
        .header("upload-metadata", file.to_metadata())
}

/// Asks where an upload is.
pub(super) fn status(file: FileId) -> Request {
    tus(Method::Head, format!("/files/{file}"))
}

/// Goes on with an upload.
pub(super) fn continuation(file: FileId, offset: u64, bytes: Bytes) -> Request {
    tus(Method::Patch, format!("/files/{file}"))
        .header("upload-offset", offset.to_string())
        .bytes(TUS_CONTENT_TYPE, bytes)
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
        let upload = Upload { name: "a".into(), content_type: "text/plain".into(), room: None, content };
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
        let upload = Upload { name: "a".into(), content_type: "a/b".into(), room: None, content: Bytes::new() };
        assert!(matches!(Steps::new(&upload, "key").take(answer(413, "", None)), Step::Refused(_)));
    }
}
