//! What was observed in one run: data, in the order in which it was observed, and nothing judged yet.
//!
//! A trace is written by whoever ran the history (the simulated world) and read by the properties. It knows the wire
//! types of the backend and nothing of the backend's insides, nor of the world's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use system::protocol::{
    ClientFrame, ConnectionList, Epoch, Event, FileId, Invitation, Presence, PresenceList, Role, RoomId, ServerFrame,
    SessionId, Snapshot, SnapshotState, StreamId, Timestamp, UserId,
};

/// Everything that was observed in one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trace {
    /// In the order of observation; `at` never runs backwards on one host, but may between two hosts.
    pub entries: Vec<Entry>,
}

/// One observation.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// When, in simulated time since the run began.
    pub at: At,
    /// What.
    #[serde(flatten)]
    pub what: Observation,
}

/// Simulated time since the run began, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(pub u64);

impl At {
    /// How many milliseconds this is.
    pub fn as_ms(self) -> u64 {
        self.0 / 1_000
    }
}

impl fmt::Display for At {
    /// As a report tells it: `4.216 s`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03} s", self.0 / 1_000_000, self.0 / 1_000 % 1_000);
        formatter.pad_integral(true, "", &text)
    }
}

/// The name of one client program of one user: `ana/phone`.
pub type DeviceName = Arc<str>;

/// One thing that was observed.
#[derive(Clone, Debug, Serialize)]
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
        /// The frame.
        #[serde(serialize_with = "as_text")]
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
        /// The frame's text, to the byte.
        text: Arc<str>,
        /// The same, read.
        #[serde(skip)]
        frame: Arc<ServerFrame>,
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
        method: &'static str,
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
        level: &'static str,
        /// The message.
        message: Arc<str>,
        /// Its fields.
        fields: BTreeMap<&'static str, String>,
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
        gauges: BTreeMap<&'static str, i64>,
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

/// The parts of a run, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The company, its users and rooms come to be, in calm weather.
    Setup,
    /// The history's steps are done, its faults happen.
    Storm,
    /// All faults are over; devices must find back.
    Healed,
    /// Every device is in step with the server, or 30 s have passed.
    Quiet,
    /// Half of the users have left, and the server had the time to notice.
    Parted,
    /// Every device has closed its connections.
    Left,
    /// The last reads are done.
    End,
}

/// A kind of fault, and what a property may have to know of it. It is written as its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FaultKind {
    /// Its name in the list of faults.
    pub name: &'static str,
    /// What it is done to.
    pub concerns: Concern,
    /// Whether it lasts for a while; otherwise it is over at once.
    pub lasts: bool,
}

impl Serialize for FaultKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// What a fault is done to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Concern {
    /// The connections of some devices.
    Connections,
    /// The server's process: it ends, and is started again.
    Process,
    /// The power of the server's machine.
    Power,
    /// The server's disk: it refuses what it is asked for.
    Disk,
    /// The speed of the server's machine.
    Work,
    /// The server's wall clock.
    Clock,
    /// What tokens are signed with.
    Tokens,
}

/// Whether a fault began or ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultChange {
    /// From now on.
    Began,
    /// Until now.
    Ended,
}

/// What happened to the server's process.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ServerChange {
    /// It was started.
    Started,
    /// It accepts connections.
    Listening,
    /// It was told to stop and stopped by itself.
    Stopped,
    /// It was killed; its disk kept everything that it had written.
    Killed,
    /// The power failed; its disk kept what was synced, and an arbitrary part of the rest.
    PowerLost {
        /// How many unsynced writes were lost, wholly or in part.
        lost_writes: usize,
        /// How many unsynced writes there were.
        unsynced_writes: usize,
    },
    /// It refused to start, or gave up.
    Failed {
        /// Its own words.
        reason: String,
    },
    /// Its code panicked.
    Panicked {
        /// The panic's message and place.
        message: String,
        /// Who called whom, the innermost first; no part of the run's fingerprint, since builds differ in it.
        #[serde(serialize_with = "for_people")]
        backtrace: Vec<String>,
    },
}

/// What a device believes: its replica of the streams that it follows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Belief {
    /// It has a welcomed connection.
    pub connected: bool,
    /// It wants one: the history did not close it, and the server did not send it away for good.
    pub wants_connection: bool,
    /// Its role, as last heard.
    pub role: Option<Role>,
    /// Operations that were not answered yet.
    pub outbox: usize,
    /// Its replica of each followed stream.
    pub streams: BTreeMap<StreamId, Replica>,
    /// The streams that it may follow, and left at its own wish.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub left: BTreeSet<StreamId>,
}

/// Whom a device sees.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SeenPresence {
    /// Everybody who is not offline, by identifier.
    pub users: Vec<Presence>,
    /// Who is not among `users` is offline.
    pub complete: bool,
    /// Who is shown as typing, and where.
    pub typing: Vec<(RoomId, UserId)>,
}

/// What was done in a time in which nobody asked for anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Idle {
    /// How long it was, in simulated milliseconds.
    pub for_ms: u64,
    /// How many devices were connected when it began.
    pub devices: u64,
    /// How often a task of the server was polled.
    pub server_polls: u64,
    /// How often a task of the devices was polled: of all of them together.
    pub device_polls: u64,
    /// How often the server read, wrote or synced its disk.
    pub disk_operations: u64,
    /// How many tasks of the server lived when it began.
    pub tasks_before: u64,
    /// How many tasks of the server lived when it ended.
    pub tasks_after: u64,
    /// How long the server's database was when it began.
    pub disk_bytes_before: u64,
    /// How long the server's database was when it ended.
    pub disk_bytes_after: u64,
}

/// A device's copy of one stream's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Replica {
    /// The last event applied.
    pub seq: u64,
    /// The history that it counts in.
    pub epoch: Epoch,
    /// Absent until a snapshot was taken.
    pub state: Option<SnapshotState>,
}

fn as_text<S: Serializer>(frame: &Arc<ClientFrame>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&frame.to_text())
}

/// In a file of text, but not where bytes are hashed.
fn for_people<S: Serializer>(lines: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    let lines = if serializer.is_human_readable() { lines } else { &[] };
    lines.serialize(serializer)
}
