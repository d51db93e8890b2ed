//! Everything that can be observed. What stands here of an observation is also in `docs/traces.md`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use system::protocol::{
    ClientFrame, ConnectionList, Epoch, Event, FileId, Invitation, PresenceList, SessionId, Snapshot, StreamId,
    Timestamp, UserId,
};

use super::{Belief, FaultChange, FaultKind, Idle, Phase, Received, SeenPresence, ServerChange, frame};

/// The name of one client program of one user: `ana/phone`.
pub type DeviceName = Arc<str>;

/// A word that the observer knows before it observes anything: the name of a method, of a level, of a fault. Read from a
/// file, it is a text like any other.
pub type Word = Cow<'static, str>;

/// One thing that was observed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Observation {
    /// The run entered its next phase.
    Phase {
        /// Which.
        phase: Phase,
    },
    /// A step of the history began.
    Step {
        /// Its number in the history.
        step: u32,
        /// The device that it is a step of.
        device: DeviceName,
        /// What it does, in a person's words.
        text: String,
    },
    /// A step of the history could not be done, because what it names does not exist (yet).
    Skipped {
        /// Its number in the history.
        step: u32,
        /// What is missing.
        why: String,
    },
    /// What a part of a file is made of: whoever made the history knows.
    Content {
        /// The file's name, unique in the history.
        file: Arc<str>,
        /// Where the part begins.
        from: u64,
        /// Where it ends: the first byte that is not in it.
        to: u64,
        /// Its bytes, as `system::client` describes content.
        described: Arc<str>,
    },
    /// A fault began or ended.
    Fault {
        /// Its kind.
        kind: FaultKind,
        /// Its step in the history.
        step: u32,
        /// Began or ended.
        change: FaultChange,
        /// In a person's words.
        text: String,
    },
    /// A fault did something: it held back bytes, broke a connection, lost a write.
    FaultEffect {
        /// Its kind.
        kind: FaultKind,
        /// In a person's words.
        text: String,
    },
    /// A device logged in, or began with the login of another.
    LoggedIn {
        /// The device.
        device: DeviceName,
        /// Its user.
        user: UserId,
        /// The session of this login.
        session: SessionId,
    },
    /// A device's WebSocket was welcomed.
    ConnectionOpened {
        /// The device.
        device: DeviceName,
        /// Counts the device's WebSocket connections from 1.
        connection: u32,
        /// Its user.
        user: UserId,
        /// When its token ends, by the server's clock.
        token_expires_at: Timestamp,
    },
    /// A device's WebSocket ended, in whichever way.
    ConnectionClosed {
        /// The device.
        device: DeviceName,
        /// Which connection.
        connection: u32,
        /// The close code, where one was received.
        code: Option<u16>,
        /// In a person's words.
        reason: String,
    },
    /// A device sent a WebSocket frame.
    FrameSent {
        /// The device.
        device: DeviceName,
        /// Which connection.
        connection: u32,
        /// The frame. Written as its text.
        #[serde(with = "frame::sent")]
        #[schemars(with = "String")]
        frame: Arc<ClientFrame>,
    },
    /// A device sent a chunk of an upload in a binary WebSocket frame.
    ChunkSent {
        /// The device.
        device: DeviceName,
        /// Which connection.
        connection: u32,
        /// The number that comes back as the `id` of the answer.
        request: u32,
        /// The file.
        file: FileId,
        /// Where the bytes begin.
        offset: u64,
        /// How many they are.
        bytes: u64,
    },
    /// A device received a WebSocket frame.
    FrameReceived {
        /// The device.
        device: DeviceName,
        /// Which connection.
        connection: u32,
        /// The frame. Written as its text, to the byte.
        #[serde(rename = "text")]
        frame: Received,
    },
    /// A device received a WebSocket frame that is none of the protocol's.
    FrameUnreadable {
        /// The device.
        device: DeviceName,
        /// Which connection.
        connection: u32,
        /// The frame's text.
        text: Arc<str>,
        /// What is wrong with it.
        error: String,
    },
    /// What the server pushed does not fit a device's copy of a stream.
    ReplicaBroken {
        /// The device.
        device: DeviceName,
        /// The stream.
        stream: StreamId,
        /// What does not fit.
        error: String,
    },
    /// A device sent a REST request.
    Requested {
        /// The device.
        device: DeviceName,
        /// Counts the device's requests from 1. A retry is a request of its own.
        request: u32,
        /// The HTTP method.
        method: Word,
        /// Path and query.
        path: Arc<str>,
        /// The idempotency key, where it has one.
        idempotency_key: Option<Arc<str>>,
        /// The body's text; passwords and tokens are in it, for the world is made up. Of uploads and ranges it is what
        /// `system::client` tells of them.
        body: Arc<str>,
    },
    /// The answer to a REST request, which comes next, says where an upload is.
    UploadOffset {
        /// The device.
        device: DeviceName,
        /// Which request.
        request: u32,
        /// How many bytes are durable.
        offset: u64,
    },
    /// A REST request was answered.
    Answered {
        /// The device.
        device: DeviceName,
        /// Which request.
        request: u32,
        /// The HTTP status.
        status: u16,
        /// The body's text, to the byte; of a file's content, `system::client`'s description.
        body: Arc<str>,
    },
    /// No answer to a REST request came: whether it took effect is not known.
    AnswerLost {
        /// The device.
        device: DeviceName,
        /// Which request.
        request: u32,
        /// In a person's words.
        reason: String,
    },
    /// A device gave up an operation for good, because the server refused it.
    Refused {
        /// The device.
        device: DeviceName,
        /// Which operation, in a person's words.
        operation: String,
        /// The server's error code and message.
        reason: String,
    },
    /// After the heal, a device was first seen connected and with all that the server has.
    Recovered {
        /// The device.
        device: DeviceName,
        /// Simulated milliseconds since the heal.
        after_ms: u64,
    },
    /// What a device believes at the end of the quiet period.
    Believed {
        /// The device.
        device: DeviceName,
        /// Its user.
        user: UserId,
        /// All that it believes.
        belief: Arc<Belief>,
    },
    /// Whom a device that follows the company sees: at the end of the quiet period, and when half of the users have left.
    SawPresence {
        /// The device.
        device: DeviceName,
        /// What it sees; absent: nobody told it.
        seen: Option<Arc<SeenPresence>>,
    },
    /// The server committed an event (its structured log).
    Committed {
        /// The stream.
        stream: StreamId,
        /// The position.
        seq: u64,
        /// The event's type.
        kind: Arc<str>,
    },
    /// Anything else that the server logged.
    Logged {
        /// `ERROR`, `WARN` or `INFO`.
        level: Word,
        /// The message.
        message: Arc<str>,
        /// Its fields.
        fields: BTreeMap<Word, String>,
    },
    /// The server's process began, or ended.
    Server {
        /// Counts the server's starts from 1.
        incarnation: u32,
        /// What happened to it.
        change: ServerChange,
    },
    /// What a conversation file held when all was quiet.
    FinalFeedFile {
        /// Its name.
        file: Arc<str>,
        /// All of it.
        text: Arc<str>,
    },
    /// What the server holds in a stream, read by the auditor when all was quiet.
    FinalSnapshot {
        /// The snapshot.
        snapshot: Arc<Snapshot>,
    },
    /// The whole log of a stream, read by the auditor when all was quiet.
    FinalLog {
        /// The stream.
        stream: StreamId,
        /// The history that the events count in.
        epoch: Epoch,
        /// From the first to the last.
        events: Arc<Vec<Event>>,
    },
    /// A stream of which the server says that it is not there, read by the auditor when all was quiet.
    FinalGone {
        /// The stream.
        stream: StreamId,
    },
    /// All invitations into the company, read by the auditor when all was quiet.
    FinalInvitations {
        /// Those that were accepted, taken back or have ended too.
        invitations: Vec<Invitation>,
    },
    /// A final read could not be done.
    FinalReadFailed {
        /// Which.
        what_was_read: String,
        /// What went wrong.
        reason: String,
    },
    /// What was done in a time in which nobody asked for anything.
    Idled {
        /// All of it.
        idle: Idle,
    },
    /// What the server counts of its live objects, read by its operator when a time in which nobody asked for anything was
    /// over. The reading itself is in it.
    LiveObjects {
        /// The gauges of its metrics, without the prefix that all share.
        gauges: BTreeMap<Word, i64>,
    },
    /// The run did not come to its end by itself.
    Hung {
        /// How many simulated milliseconds after its beginning the world gave up.
        after_ms: u64,
    },
    /// The live connections, read by the auditor after everybody had left.
    FinalConnections {
        /// The list.
        list: ConnectionList,
    },
    /// Who is online, read by the auditor after everybody had left.
    FinalPresence {
        /// The list.
        list: PresenceList,
    },
}

impl Observation {
    /// The device that did or saw it; none for what the world, the server or the auditor's final reads did.
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Step { device, .. }
            | Self::LoggedIn { device, .. }
            | Self::ConnectionOpened { device, .. }
            | Self::ConnectionClosed { device, .. }
            | Self::FrameSent { device, .. }
            | Self::ChunkSent { device, .. }
            | Self::FrameReceived { device, .. }
            | Self::FrameUnreadable { device, .. }
            | Self::ReplicaBroken { device, .. }
            | Self::Requested { device, .. }
            | Self::UploadOffset { device, .. }
            | Self::Answered { device, .. }
            | Self::AnswerLost { device, .. }
            | Self::Refused { device, .. }
            | Self::Recovered { device, .. }
            | Self::Believed { device, .. }
            | Self::SawPresence { device, .. } => Some(device),
            _ => None,
        }
    }
}
