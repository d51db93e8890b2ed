//! The typed calls about files and quotas.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use super::calls::{delete, get, paged};
use super::upload::{self, Step, Steps, Upload};
use super::{Answer, CallError, Connector, Exchange, Rest};
use crate::protocol::{File, FileId, NewFile, Page, Quotas, RoomId};

/// How often an upload is taken up again without having got on, and how long it waits each time.
const ATTEMPTS: u32 = 5;
const WAIT_MS: u64 = 250;

impl<C: Connector> Rest<C> {
    /// Uploads a file: `POST /files`, then as many `PATCH /files/{id}` as it takes, from where the server is after each
    /// answer that was lost.
    ///
    /// # Errors
    /// See [`CallError`]; so for every call here.
    pub async fn upload(&self, token: &str, upload: &Upload, key: &str) -> Result<File, CallError> {
        let mut steps = Steps::new(upload, key);
        let mut attempts = 0;
        loop {
            match steps.take(self.send(&steps.request().token(token)).await) {
                Step::On => {
                    attempts = 0;
                    sleep(steps.pause()).await;
                }
                Step::Done(answer) => return read(&answer),
                Step::Refused(answer) => return Err(CallError::refused(&answer)),
                Step::Wait { retry_after_ms, exchange } => {
                    attempts += 1;
                    if attempts == ATTEMPTS {
                        return Err(CallError::gave_up(exchange));
                    }
                    sleep(Duration::from_millis(retry_after_ms.unwrap_or(WAIT_MS))).await;
                }
            }
        }
    }

    /// `POST /files`: an upload without a byte yet.
    pub async fn create_upload(&self, token: &str, file: &NewFile, key: &str) -> Result<File, CallError> {
        self.call(&upload::creation(file, key).token(token)).await
    }

    /// `HEAD /files/{id}`: where to go on.
    pub async fn upload_offset(&self, token: &str, file: FileId) -> Result<u64, CallError> {
        let answer = self.successful(&upload::status(file).token(token)).await?;
        answer.upload_offset.ok_or_else(|| CallError::refused(&answer))
    }

    /// `PATCH /files/{id}`: where to go on after these bytes.
    pub async fn continue_upload(
        &self,
        token: &str,
        file: FileId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<u64, CallError> {
        let answer = self.successful(&upload::continuation(file, offset, bytes).token(token)).await?;
        answer.upload_offset.ok_or_else(|| CallError::refused(&answer))
    }

    /// `GET /files/{id}`.
    pub async fn file(&self, token: &str, file: FileId) -> Result<File, CallError> {
        self.call(&get(format!("/files/{file}")).token(token)).await
    }

    /// `GET /files`: the caller's own, uploads under way included.
    pub async fn own_files(&self, token: &str, cursor: Option<&str>) -> Result<Page<File>, CallError> {
        self.call(&get(paged("/files", cursor)).token(token)).await
    }

    /// `GET /rooms/{id}/files`: the complete files of a room.
    pub async fn room_files(&self, token: &str, room: RoomId, cursor: Option<&str>) -> Result<Page<File>, CallError> {
        self.call(&get(paged(&format!("/rooms/{room}/files"), cursor)).token(token)).await
    }

    /// `GET /files/{id}/content`: all of it, of at most 64 MiB; of larger files, [ranges](Rest::download_range).
    pub async fn download(&self, token: &str, file: FileId) -> Result<Bytes, CallError> {
        let request = upload::download(file, None).token(token);
        Ok(self.successful(&request).await?.bytes)
    }

    /// `GET /files/{id}/content`: a range of it, which must not be empty.
    pub async fn download_range(&self, token: &str, file: FileId, range: Range<u64>) -> Result<Bytes, CallError> {
        let request = upload::download(file, Some(range)).token(token);
        Ok(self.successful(&request).await?.bytes)
    }

    /// `DELETE /files/{id}`: deletes a file, or ends an upload.
    pub async fn delete_file(&self, token: &str, file: FileId) -> Result<(), CallError> {
        self.call_without_answer(&delete(format!("/files/{file}")).token(token)).await
    }

    /// `GET /quota`: the caller's and their company's.
    pub async fn quota(&self, token: &str) -> Result<Quotas, CallError> {
        self.call(&get("/quota").token(token)).await
    }
}

impl CallError {
    /// What an exchange that led nowhere says.
    fn gave_up(exchange: Exchange) -> Self {
        match exchange {
            Exchange::Answered(answer) => Self::refused(&answer),
            Exchange::Lost { reason } => Self::Lost(reason),
            Exchange::Unsent { reason } => Self::Unsent(reason),
        }
    }
}

fn read(answer: &Answer) -> Result<File, CallError> {
    serde_json::from_str(&answer.body).map_err(|error| CallError::Unreadable { status: answer.status, error })
}
