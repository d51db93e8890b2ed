//! Watches one device, records everything that crosses its wires, and writes down what later steps may name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use properties::trace::{DeviceName, Observation, Received};
use system::client::{Observer, ReplicaError};
use system::protocol::{
    ChunkFrame, ClientFrame, Event, EventBody, ServerFrame, SessionId, StreamId, Timestamp, UserId,
};

use super::recorder::Recorder;
use crate::operations::Book;

/// The observer of one device.
pub(super) struct Watcher {
    device: DeviceName,
    recorder: Recorder,
    book: Book,
    /// How many requests the device had made before this one watched it: its numbers go on.
    earlier: u32,
    requests: AtomicU32,
}

impl Watcher {
    pub(super) fn new(device: &str, recorder: Recorder, book: Book) -> Self {
        Self::going_on(device, recorder, book, 0)
    }

    /// The observer of a device that has made so many requests already.
    pub(super) fn going_on(device: &str, recorder: Recorder, book: Book, earlier: u32) -> Self {
        Self { device: device.into(), recorder, book, earlier, requests: AtomicU32::new(earlier) }
    }

    /// How many requests the device has made.
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    fn device(&self) -> DeviceName {
        self.device.clone()
    }
}

impl Observer for Watcher {
    fn logged_in(&self, user: UserId, session: SessionId) {
        self.book.add_session(&self.device, session);
        self.recorder.record(Observation::LoggedIn { device: self.device(), user, session });
    }

    fn connection_opened(&self, connection: u32, user: UserId, token_expires_at: Timestamp) {
        let device = self.device();
        self.recorder.record(Observation::ConnectionOpened { device, connection, user, token_expires_at });
    }

    fn connection_closed(&self, connection: u32, code: Option<u16>, reason: &str) {
        let (device, reason) = (self.device(), reason.to_owned());
        self.recorder.record(Observation::ConnectionClosed { device, connection, code, reason });
    }

    fn frame_sent(&self, connection: u32, frame: &Arc<ClientFrame>) {
        let (device, frame) = (self.device(), frame.clone());
        self.recorder.record(Observation::FrameSent { device, connection, frame });
    }

    fn chunk_sent(&self, connection: u32, chunk: &ChunkFrame) {
        let ChunkFrame { file, offset, request, ref bytes } = *chunk;
        let (device, bytes) = (self.device(), bytes.len() as u64);
        self.recorder.record(Observation::ChunkSent { device, connection, request, file, offset, bytes });
    }

    fn frame_received(&self, connection: u32, text: &Arc<str>, frame: &Arc<ServerFrame>) {
        match &**frame {
            ServerFrame::Event(Event { body: EventBody::MessageCreated(message), .. }) => {
                self.book.add_message(&message.body, message.id);
            }
            ServerFrame::Event(Event { body: EventBody::ThreadOpened(thread), .. }) => {
                self.book.add_thread(thread.root, thread.id);
            }
            ServerFrame::Event(Event {
                body: EventBody::FileCreated(file) | EventBody::FileCompleted(file), ..
            }) => {
                self.book.add_file(file);
            }
            ServerFrame::Event(Event { body: EventBody::RoomCreated(room), .. }) => {
                if let Some(id) = room.conversation.as_ref().and_then(|conversation| conversation.id.as_deref()) {
                    self.book.add_room(id, room.id);
                }
            }
            _ => {}
        }
        let (device, frame) = (self.device(), Received::already_read(text.clone(), frame.clone()));
        self.recorder.record(Observation::FrameReceived { device, connection, frame });
    }

    fn frame_unreadable(&self, connection: u32, text: &str, error: &str) {
        let (device, text, error) = (self.device(), text.into(), error.to_owned());
        self.recorder.record(Observation::FrameUnreadable { device, connection, text, error });
    }

    fn requested(&self, request: u32, method: &'static str, path: &str, idempotency_key: Option<&str>, body: &str) {
        let (device, method, path, body) = (self.device(), method.into(), path.into(), body.into());
        let request = self.earlier + request;
        self.requests.store(request, Ordering::Relaxed);
        let idempotency_key = idempotency_key.map(Into::into);
        self.recorder.record(Observation::Requested { device, request, method, path, idempotency_key, body });
    }

    fn upload_offset(&self, request: u32, offset: u64) {
        let request = self.earlier + request;
        self.recorder.record(Observation::UploadOffset { device: self.device(), request, offset });
    }

    fn answered(&self, request: u32, status: u16, body: &str) {
        let (device, request, body) = (self.device(), self.earlier + request, body.into());
        self.recorder.record(Observation::Answered { device, request, status, body });
    }

    fn answer_lost(&self, request: u32, reason: &str) {
        let (device, request, reason) = (self.device(), self.earlier + request, reason.to_owned());
        self.recorder.record(Observation::AnswerLost { device, request, reason });
    }

    fn refused(&self, operation: &str, reason: &str) {
        let (device, operation, reason) = (self.device(), operation.to_owned(), reason.to_owned());
        self.recorder.record(Observation::Refused { device, operation, reason });
    }

    fn replica_broken(&self, stream: StreamId, error: &ReplicaError) {
        let (device, error) = (self.device(), error.to_string());
        self.recorder.record(Observation::ReplicaBroken { device, stream, error });
    }
}
