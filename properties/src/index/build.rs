//! The one pass that makes an [`Index`] of a trace.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use system::protocol::{Invitation, ServerFrame, SessionId, Snapshot, StreamId, UserId};

use super::{
    Answer, Chunk, Connection, Files, Frame, Log, Operation, Request, Rights, Seen, Sendings, Sessions, Troubles,
    Versions,
};
use crate::telling::Names;
use crate::trace::{At, Belief, DeviceName, Observation, Phase, Trace};

/// A trace, and the ways into it.
#[derive(Debug)]
pub struct Index<'t> {
    /// The trace itself.
    pub trace: &'t Trace,
    /// Every WebSocket connection of every device, by first mention.
    pub(crate) connections: Vec<Connection<'t>>,
    /// Every REST request of every device, by the time of its sending.
    pub(crate) requests: Vec<Request<'t>>,
    /// Which user each device belongs to.
    pub(crate) users: BTreeMap<&'t str, UserId>,
    /// Which device each session was opened by.
    pub(crate) sessions: BTreeMap<SessionId, &'t DeviceName>,
    /// The final logs and when each of their events was committed.
    pub(crate) log: Log<'t>,
    /// Who had which right when, as the final logs tell it.
    pub(crate) rights: Rights<'t>,
    /// Every version of every message, as the final logs tell them.
    pub(crate) versions: Versions<'t>,
    /// Every file, as the final logs tell them.
    pub(crate) files: Files<'t>,
    /// What was sent of each upload.
    pub(crate) sendings: Sendings,
    /// What parts of files are made of, by the file's name and the ends of the part, each with the entry that tells so.
    pub(crate) contents: BTreeMap<(&'t str, u64, u64), (usize, &'t str)>,
    /// The final snapshot of each stream.
    pub(crate) snapshots: BTreeMap<StreamId, &'t Snapshot>,
    /// All invitations at the end, with the entry that tells of them; none where they were not read.
    pub(crate) invitations: Option<(usize, &'t [Invitation])>,
    /// What each device believed at the quiet moment, with its entry.
    pub(crate) beliefs: Vec<(usize, &'t DeviceName, UserId, &'t Belief)>,
    /// The entries at which the run entered each phase.
    pub(crate) phases: BTreeMap<Phase, usize>,
    troubles: OnceCell<Troubles<'t>>,
    handed: OnceCell<Sessions<'t>>,
    names: OnceCell<Names>,
}

impl<'t> Index<'t> {
    /// Indexes a trace.
    pub fn new(trace: &'t Trace) -> Self {
        let mut pass = Pass::default();
        let mut users = BTreeMap::new();
        let mut sessions = BTreeMap::new();
        let mut snapshots = BTreeMap::new();
        let mut invitations = None;
        let mut beliefs = Vec::new();
        let mut phases = BTreeMap::new();
        let mut contents = BTreeMap::new();
        for (entry, observed) in trace.entries.iter().enumerate() {
            match &observed.what {
                Observation::LoggedIn { device, user, session } => {
                    users.insert(&**device, *user);
                    // A double has the session of the device that opened it.
                    sessions.entry(*session).or_insert(device);
                }
                Observation::FinalSnapshot { snapshot } => {
                    snapshots.insert(snapshot.stream, &**snapshot);
                }
                Observation::FinalInvitations { invitations: all } => invitations = Some((entry, all.as_slice())),
                Observation::Believed { device, user, belief } => beliefs.push((entry, device, *user, &**belief)),
                Observation::Phase { phase } => {
                    phases.insert(*phase, entry);
                }
                Observation::Content { file, from, to, described } => {
                    contents.insert((&**file, *from, *to), (entry, &**described));
                }
                what => pass.observe(entry, what, &users),
            }
        }
        let log = Log::new(trace);
        let rights = Rights::new(&log);
        let versions = Versions::new(&log);
        let files = Files::new(&log);
        let Pass { connections, requests, .. } = pass;
        let sendings = Sendings::new(&requests, &connections, &files);
        Self {
            trace,
            connections,
            requests,
            users,
            sessions,
            log,
            rights,
            versions,
            files,
            sendings,
            contents,
            snapshots,
            invitations,
            beliefs,
            phases,
            troubles: OnceCell::new(),
            handed: OnceCell::new(),
            names: OnceCell::new(),
        }
    }

    /// The entry at which a request was first sent under its key: for one that is sent again, long before itself.
    pub(crate) fn first_sending(&self, request: &Request<'_>) -> usize {
        let Some(key) = request.key else { return request.entry };
        let same = |other: &&Request<'_>| other.user == request.user && other.key == Some(key);
        self.requests.iter().find(same).map_or(request.entry, |first| first.entry)
    }

    /// What went wrong, whom it concerned and for how long.
    pub(crate) fn troubles(&self) -> &Troubles<'t> {
        self.troubles.get_or_init(|| Troubles::new(self.trace))
    }

    /// The tokens that were handed out, by session, and the ends of sessions.
    pub(crate) fn handed(&self) -> &Sessions<'t> {
        self.handed.get_or_init(|| Sessions::new(&self.requests, &self.log))
    }

    /// When something was observed.
    pub(crate) fn at(&self, entry: usize) -> At {
        self.trace.entries[entry].at
    }

    /// What people call everything. Built when first asked, for only a violation needs it.
    pub(crate) fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::new(self))
    }

    /// What was observed at `entry`.
    pub(crate) fn what(&self, entry: usize) -> &'t Observation {
        &self.trace.entries[entry].what
    }
}

/// What the pass knows of connections and requests so far.
#[derive(Default)]
struct Pass<'t> {
    devices: BTreeMap<&'t str, usize>,
    connections: Vec<Connection<'t>>,
    connection_of: BTreeMap<(usize, u32), usize>,
    requests: Vec<Request<'t>>,
    request_of: BTreeMap<(usize, u32), usize>,
}

impl<'t> Pass<'t> {
    fn observe(&mut self, entry: usize, what: &'t Observation, users: &BTreeMap<&str, UserId>) {
        match what {
            Observation::ConnectionOpened { device, connection, user, token_expires_at: _ } => {
                self.connection(device, *connection).user = Some(*user);
            }
            Observation::ConnectionClosed { device, connection, .. } => {
                self.connection(device, *connection).closed = Some(entry);
            }
            Observation::FrameSent { device, connection, frame } => {
                self.connection(device, *connection).frames.push(Frame { entry, seen: Seen::Sent(frame) });
            }
            Observation::ChunkSent { device, connection, request, file, offset, bytes } => {
                let chunk = Chunk { request: *request, file: *file, end: offset + bytes };
                self.connection(device, *connection).frames.push(Frame { entry, seen: Seen::Chunk(chunk) });
            }
            Observation::FrameReceived { device, connection, frame, .. } => {
                let connection = self.connection(device, *connection);
                if let ServerFrame::Welcome(_, welcome) = &**frame {
                    connection.user = Some(welcome.user);
                }
                connection.frames.push(Frame { entry, seen: Seen::Received(frame) });
            }
            Observation::FrameUnreadable { device, connection, .. } => {
                self.connection(device, *connection).frames.push(Frame { entry, seen: Seen::Unreadable });
            }
            Observation::Requested { device, request, method, path, idempotency_key, body } => {
                let key = (self.device(device), *request);
                self.request_of.insert(key, self.requests.len());
                self.requests.push(Request {
                    entry,
                    device,
                    user: users.get(&**device).copied(),
                    operation: Operation::parse(method, path),
                    path,
                    key: idempotency_key.as_deref(),
                    body,
                    upload_offset: None,
                    answer: None,
                    lost: None,
                });
            }
            Observation::UploadOffset { device, request, offset } => {
                let key = (self.device(device), *request);
                if let Some(&request) = self.request_of.get(&key) {
                    self.requests[request].upload_offset = Some(*offset);
                }
            }
            Observation::Answered { device, request, status, body } => {
                let key = (self.device(device), *request);
                if let Some(&request) = self.request_of.get(&key) {
                    self.requests[request].answer = Some(Answer { entry, status: *status, body });
                }
            }
            Observation::AnswerLost { device, request, .. } => {
                let key = (self.device(device), *request);
                if let Some(&request) = self.request_of.get(&key) {
                    self.requests[request].lost = Some(entry);
                }
            }
            _ => {}
        }
    }

    fn device(&mut self, device: &'t DeviceName) -> usize {
        let next = self.devices.len();
        *self.devices.entry(&**device).or_insert(next)
    }

    fn connection(&mut self, device: &'t DeviceName, number: u32) -> &mut Connection<'t> {
        let key = (self.device(device), number);
        let place = *self.connection_of.entry(key).or_insert_with(|| {
            self.connections.push(Connection::new(device));
            self.connections.len() - 1
        });
        &mut self.connections[place]
    }
}
