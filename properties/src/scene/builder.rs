//! What happens in a scene until it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use system::protocol::{
    Ack, AckObject, ClientFrame, Command, Company, CompanyId, Conversation, Epoch, Event, EventBody, FeedSource,
    Follow, Hello, Member, MemberRemoved, Message, MessageId, MessageSend, Role, Room, RoomDeleted, RoomId, RoomLeft,
    ServerFrame, SessionId, StreamId, StreamPosition, StreamState, ThreadId, Timestamp, User, UserId, Visibility,
    Welcome,
};
use uuid::Uuid;

use crate::telling::user_of;
use crate::trace::{At, Concern, Entry, FaultChange, FaultKind, Observation, Phase, ServerChange, Trace};

/// When a scene begins, by the server's clock.
const NOON: i64 = 1_800_000_000_000;

/// How long a token is good for, unless a test says otherwise.
const TOKEN_MS: u64 = 3_600_000;

/// A world in which everything goes well, unless a test interferes.
pub(crate) struct Scene {
    pub(crate) trace: Trace,
    /// What the server holds.
    pub(crate) logs: BTreeMap<StreamId, Vec<Event>>,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) devices: BTreeMap<String, Device>,
    rooms: BTreeMap<String, Room>,
    company: Company,
    now_us: u64,
    ids: u128,
}

/// A device, and what it read.
#[derive(Default)]
pub(crate) struct Device {
    pub(crate) open: bool,
    pub(crate) connection: u32,
    requests: u32,
    /// What the open connection follows.
    follows: BTreeSet<StreamId>,
    positions: BTreeMap<StreamId, u64>,
}

impl Scene {
    /// A company with its auditor and nobody else.
    pub(crate) fn empty() -> Self {
        let created_at = Timestamp(NOON);
        let company = Company { id: CompanyId(Uuid::from_u128(1)), name: "Acme".into(), created_at };
        let mut scene = Self {
            trace: Trace::default(),
            logs: BTreeMap::new(),
            users: BTreeMap::new(),
            devices: BTreeMap::new(),
            rooms: BTreeMap::new(),
            company,
            now_us: 0,
            ids: 1,
        };
        scene.observe(Observation::Phase { phase: Phase::Setup });
        scene.server(ServerChange::Started);
        scene.server(ServerChange::Listening);
        let auditor = scene.new_user("auditor", Role::Owner);
        scene.company.created_at = scene.now();
        let company = (scene.company_stream(), EventBody::CompanyCreated(scene.company.clone()));
        let bodies = [company].into_iter().chain(scene.creation(auditor)).collect();
        scene.commit("auditor", bodies);
        scene.logs_in("auditor");
        scene
    }

    /// Ana and Ben are in room general, Gil is a guest, and ana/phone and ben/phone are connected.
    pub(crate) fn company() -> Self {
        let mut scene = Self::empty();
        scene.has_user("ana", Role::Member);
        scene.has_user("ben", Role::Member);
        scene.has_user("gil", Role::Guest);
        scene.has_room("general", Visibility::Private, &["ana", "ben"]);
        for device in ["ana/phone", "ben/phone"] {
            scene.logs_in(device);
            scene.opens(device);
        }
        scene.observe(Observation::Phase { phase: Phase::Storm });
        scene
    }

    pub(crate) fn observe(&mut self, what: Observation) -> usize {
        self.now_us += 1_000;
        self.trace.entries.push(Entry { at: At(self.now_us), what });
        self.trace.entries.len() - 1
    }

    pub(crate) fn server(&mut self, change: ServerChange) {
        self.observe(Observation::Server { incarnation: 1, change });
    }

    pub(crate) fn fault(&mut self, kind: &'static str, text: &str) {
        let (kind, change, text) = (kind_of_fault(kind), FaultChange::Began, text.to_owned());
        self.observe(Observation::Fault { kind: kind.clone(), step: 1, change, text: text.clone() });
        self.observe(Observation::FaultEffect { kind, text });
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        self.now_us += ms * 1_000;
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(NOON).plus_ms(self.now_us / 1_000)
    }

    pub(crate) fn user(&self, name: &str) -> UserId {
        self.users[name].id
    }

    pub(crate) fn room(&self, name: &str) -> RoomId {
        self.rooms[name].id
    }

    pub(crate) fn room_stream(&self, name: &str) -> StreamId {
        StreamId::Room(self.room(name))
    }

    pub(crate) fn company_stream(&self) -> StreamId {
        StreamId::Company(self.company.id)
    }

    /// Commits one mutation: all of its events, under one correlation id.
    pub(crate) fn commit(&mut self, sender: &str, bodies: Vec<(StreamId, EventBody)>) -> Vec<Event> {
        let (sender, timestamp, correlation_id) = (self.user(sender), self.now(), format!("c{}", self.id()));
        let mut events = Vec::new();
        for (stream, body) in bodies {
            let log = self.logs.entry(stream).or_default();
            let seq = log.last().map_or(0, |event| event.seq) + 1;
            let correlation_id = correlation_id.clone();
            let event = Event { body, stream, seq, epoch: Epoch(1), sender, timestamp, correlation_id };
            log.push(event.clone());
            self.observe(Observation::Committed { stream, seq, kind: event.body.kind().into() });
            events.push(event);
        }
        events
    }

    pub(crate) fn has_user(&mut self, name: &str, role: Role) -> Event {
        let user = self.new_user(name, role);
        self.commit("auditor", self.creation(user).to_vec()).remove(0)
    }

    /// What the company and a new user are told.
    fn creation(&self, user: User) -> [(StreamId, EventBody); 2] {
        [self.company_stream(), StreamId::User(user.id)].map(|stream| (stream, EventBody::UserCreated(user.clone())))
    }

    /// The auditor creates a room and adds its members.
    pub(crate) fn has_room(&mut self, name: &str, visibility: Visibility, members: &[&str]) {
        let (id, created_at, created_by) = (RoomId(self.uuid()), self.now(), self.user("auditor"));
        let room = Room {
            id,
            company: self.company.id,
            name: name.into(),
            visibility,
            created_by,
            created_at,
            archived_at: None,
            version: 1,
            conversation: None,
        };
        self.rooms.insert(name.to_owned(), room.clone());
        let stream = StreamId::Room(id);
        let member = Member { seq: 2, ..self.member(name, "auditor", "auditor") };
        let joined = (StreamId::User(created_by), EventBody::RoomJoined(room.clone()));
        let mut bodies =
            vec![(stream, EventBody::RoomCreated(room.clone())), (stream, EventBody::MemberAdded(member)), joined];
        if visibility == Visibility::Public {
            bodies.push((self.company_stream(), EventBody::RoomCreated(room)));
        }
        self.commit("auditor", bodies);
        for member in members {
            self.adds("auditor", name, member);
        }
    }

    pub(crate) fn adds(&mut self, by: &str, room: &str, user: &str) -> Event {
        let member = EventBody::MemberAdded(self.member(room, by, user));
        let own = (StreamId::User(self.user(user)), EventBody::RoomJoined(self.rooms[room].clone()));
        self.commit(by, vec![(self.room_stream(room), member), own]).remove(0)
    }

    pub(crate) fn removes(&mut self, by: &str, room: &str, user: &str) -> Event {
        let (id, removed_by, stream) = (self.room(room), self.user(by), self.room_stream(room));
        let removed = MemberRemoved { room: id, user: self.user(user), removed_by };
        let own = (StreamId::User(self.user(user)), EventBody::RoomLeft(RoomLeft { room: id }));
        self.commit(by, vec![(stream, EventBody::MemberRemoved(removed)), own]).remove(0)
    }

    /// A device deletes a room, and nothing of it is left. Gives back its last event.
    pub(crate) fn deletes(&mut self, device: &str, room: &str) -> Event {
        let (id, stream) = (self.room(room), self.room_stream(room));
        let request = self.asks(device, "DELETE", &format!("/api/v1/rooms/{id}"), None, "");
        let by = user_of(device).to_owned();
        let deletion = self.commit(&by, vec![(stream, EventBody::RoomDeleted(RoomDeleted { room: id }))]).remove(0);
        self.answers(device, request, 204, &());
        self.logs.remove(&stream);
        self.rooms.remove(room);
        self.observe(Observation::FinalGone { stream });
        deletion
    }

    pub(crate) fn changes(&mut self, by: &str, user: &str, change: impl FnOnce(&mut User)) -> Event {
        let changed = self.users.get_mut(user).expect("the scene has the user");
        change(changed);
        changed.version += 1;
        let (id, body) = (self.user(user), EventBody::UserUpdated(self.users[user].clone()));
        self.commit(by, vec![(self.company_stream(), body.clone()), (StreamId::User(id), body)]).remove(0)
    }

    /// The feed makes a room of a conversation.
    pub(crate) fn has_fed_room(&mut self, name: &str, feed: &str) {
        let (id, created_at, created_by) = (RoomId(self.uuid()), self.now(), self.user(feed));
        let described = Conversation { id: Some(name.into()), title: name.into(), metadata: BTreeMap::new() };
        let room = Room {
            id,
            company: self.company.id,
            name: name.into(),
            visibility: Visibility::Public,
            created_by,
            created_at,
            conversation: Some(Box::new(described)),
            archived_at: None,
            version: 1,
        };
        self.rooms.insert(name.to_owned(), room.clone());
        let (stream, member) = (StreamId::Room(id), self.member(name, feed, feed));
        self.commit(feed, vec![(stream, EventBody::RoomCreated(room)), (stream, EventBody::MemberAdded(member))]);
    }

    /// A message that the feed makes of a line.
    pub(crate) fn fed_message(&mut self, room: &str, feed: &str, line: &str, body: &str) -> Message {
        let message = self.message(room, feed, body);
        let (conversation, title) = (Some(room.to_owned()), room.to_owned());
        let (line, author) = (line.to_owned(), "Robin".to_owned());
        Message { feed: Some(Box::new(FeedSource { conversation, title, line, author, at: None })), ..message }
    }

    pub(crate) fn message(&mut self, room: &str, author: &str, body: &str) -> Message {
        let room = self.room(room);
        Message {
            id: MessageId(self.uuid()),
            room,
            thread: None,
            author: self.user(author),
            body: body.into(),
            seq: self.next_seq(room),
            version: 1,
            created_at: self.now(),
            edited_at: None,
            deleted_at: None,
            feed: None,
        }
    }

    /// The position of a room's next event.
    pub(super) fn next_seq(&self, room: RoomId) -> u64 {
        self.logs.get(&StreamId::Room(room)).and_then(|log| log.last()).map_or(0, |event| event.seq) + 1
    }

    /// A device sends a message, and the server commits it. Nobody is told yet.
    pub(crate) fn says(&mut self, device: &str, room: &str, body: &str) -> Event {
        self.sends(device, room, body, body);
        let message = self.message(room, user_of(device), body);
        self.commit(user_of(device), vec![(self.room_stream(room), EventBody::MessageCreated(message))]).remove(0)
    }

    /// A device sends a message under a key; its frame has the key as `id`.
    pub(crate) fn sends(&mut self, device: &str, room: &str, body: &str, key: &str) {
        self.sends_in(device, room, None, body, key);
    }

    /// The same in a thread.
    pub(crate) fn sends_in(&mut self, device: &str, room: &str, thread: Option<ThreadId>, body: &str, key: &str) {
        let (room, body, idempotency_key) = (self.room(room), body.to_owned(), key.to_owned());
        self.sent(device, Some(key), Command::MessageSend(MessageSend { room, thread, body, idempotency_key }));
    }

    pub(crate) fn sent(&mut self, device: &str, id: Option<&str>, command: Command) -> usize {
        let frame = Arc::new(ClientFrame { id: id.map(str::to_owned), command });
        let connection = self.devices[device].connection;
        self.observe(Observation::FrameSent { device: device.into(), connection, frame })
    }

    pub(crate) fn receives(&mut self, device: &str, frame: ServerFrame) -> usize {
        let connection = self.devices[device].connection;
        self.observe(Observation::FrameReceived { device: device.into(), connection, frame: frame.into() })
    }

    pub(crate) fn acknowledges(&mut self, device: &str, event: &Event) {
        let EventBody::MessageCreated(object) = &event.body else { panic!("only messages are acknowledged") };
        let ack =
            Ack { stream: event.stream, seq: event.seq, object: AckObject::Message(object.clone()), duplicate: false };
        self.receives(device, ServerFrame::Ack(Some(object.body.clone()), ack));
    }

    pub(crate) fn gets(&mut self, device: &str, event: &Event) -> usize {
        self.device(device).positions.insert(event.stream, event.seq);
        self.receives(device, ServerFrame::Event(event.clone()))
    }

    /// All connections that follow its stream get the event.
    pub(crate) fn all_get(&mut self, event: &Event) {
        let follows = |device: &Device| device.open && device.follows.contains(&event.stream);
        let devices: Vec<String> =
            self.devices.iter().filter(|(_, device)| follows(device)).map(|(name, _)| name.clone()).collect();
        for device in devices {
            self.gets(&device, event);
        }
    }

    pub(crate) fn logs_in(&mut self, device: &str) {
        let (user, session) = (self.user(user_of(device)), SessionId(self.uuid()));
        self.devices.insert(device.to_owned(), Device::default());
        self.observe(Observation::LoggedIn { device: device.into(), user, session });
    }

    /// A device connects: it resumes what it knows, and follows the rest from the head on.
    pub(crate) fn opens(&mut self, device: &str) -> usize {
        self.opens_until(device, self.now().plus_ms(TOKEN_MS))
    }

    /// The same, with a token that ends at `token_expires_at`.
    pub(crate) fn opens_until(&mut self, device: &str, token_expires_at: Timestamp) -> usize {
        let user = self.user(user_of(device));
        let known = self.devices[device].positions.clone();
        let streams: Vec<StreamState> = self
            .streams_of(user)
            .into_iter()
            .map(|stream| {
                let own = known.get(&stream).copied();
                let seq = own.unwrap_or(self.logs.get(&stream).map_or(0, |log| log.len() as u64));
                StreamState { stream, seq, epoch: Epoch(1), recovered: own.is_some() }
            })
            .collect();
        let opening = self.device(device);
        opening.open = true;
        opening.connection += 1;
        opening.follows = streams.iter().map(|state| state.stream).collect();
        opening.positions = streams.iter().map(|state| (state.stream, state.seq)).collect();
        let connection = opening.connection;
        let named = known.iter().map(|(&stream, &seq)| StreamPosition { stream, seq, epoch: Epoch(1) });
        let positions = named.filter(|named| streams.iter().any(|state| state.stream == named.stream)).collect();
        self.sent(device, Some("hello"), Command::Hello(Hello { positions, follow: Follow::All }));
        self.observe(Observation::ConnectionOpened { device: device.into(), connection, user, token_expires_at });
        let welcome = Welcome {
            session: SessionId(Uuid::from_u128(9)),
            user,
            company: self.company.id,
            role: self.users[user_of(device)].role,
            server_time: self.now(),
            heartbeat_ms: 10_000,
            token_expires_at,
            streams,
        };
        self.receives(device, ServerFrame::Welcome(Some("hello".into()), welcome))
    }

    pub(crate) fn closes(&mut self, device: &str) {
        self.device(device).open = false;
        let (connection, reason) = (self.devices[device].connection, "the device closed it".to_owned());
        self.observe(Observation::ConnectionClosed { device: device.into(), connection, code: Some(1000), reason });
    }

    /// The server closes a device's connection with a code.
    pub(crate) fn is_closed(&mut self, device: &str, code: u16) -> usize {
        self.device(device).open = false;
        let (connection, reason) = (self.devices[device].connection, "closed by the server: ".to_owned());
        self.observe(Observation::ConnectionClosed { device: device.into(), connection, code: Some(code), reason })
    }

    /// A device sends a REST request; the number is for [`Scene::answers`].
    pub(crate) fn asks(
        &mut self,
        device: &str,
        method: &'static str,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> u32 {
        let asking = self.device(device);
        asking.requests += 1;
        let request = asking.requests;
        let (device, method, path) = (device.into(), method.into(), path.into());
        let idempotency_key = key.map(Into::into);
        self.observe(Observation::Requested { device, request, method, path, idempotency_key, body: body.into() });
        request
    }

    pub(crate) fn answers(&mut self, device: &str, request: u32, status: u16, body: &impl serde::Serialize) -> usize {
        let body = serde_json::to_string(body).unwrap().into();
        self.observe(Observation::Answered { device: device.into(), request, status, body })
    }

    /// The streams that a user may follow.
    pub(crate) fn streams_of(&self, user: UserId) -> Vec<StreamId> {
        let guest = self.users.values().any(|other| other.id == user && other.role == Role::Guest);
        let rooms = self.rooms.values().filter(|room| self.members(room.id).contains_key(&user));
        let company = (!guest).then(|| self.company_stream());
        company.into_iter().chain(rooms.map(|room| StreamId::Room(room.id))).chain([StreamId::User(user)]).collect()
    }

    /// The members of a room.
    pub(crate) fn members(&self, room: RoomId) -> BTreeMap<UserId, Member> {
        let mut members = BTreeMap::new();
        for event in self.logs.get(&StreamId::Room(room)).into_iter().flatten() {
            match &event.body {
                EventBody::MemberAdded(member) => drop(members.insert(member.user, member.clone())),
                EventBody::MemberRemoved(removed) => drop(members.remove(&removed.user)),
                _ => {}
            }
        }
        members
    }

    pub(crate) fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    pub(crate) fn the_company(&self) -> &Company {
        &self.company
    }

    fn device(&mut self, device: &str) -> &mut Device {
        self.devices.get_mut(device).expect("the scene has the device")
    }

    fn new_user(&mut self, name: &str, role: Role) -> User {
        let (id, company, email) = (UserId(self.uuid()), self.company.id, format!("{name}@acme.example"));
        let created_at = self.now();
        let name_of_them = name.to_uppercase();
        let user = User { id, company, email, name: name_of_them, role, active: true, version: 1, created_at };
        self.users.insert(name.to_owned(), user.clone());
        user
    }

    fn member(&self, room: &str, by: &str, user: &str) -> Member {
        let (room, user, added_by) = (self.room(room), self.user(user), self.user(by));
        Member { room, user, added_by, added_at: self.now(), seq: self.next_seq(room) }
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        Uuid::from_u128(self.id())
    }

    fn id(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }
}

/// A kind of fault by its name, as the simulation would have it.
pub(crate) fn kind_of_fault(name: &'static str) -> FaultKind {
    let (concerns, lasts) = match name {
        "kill" | "restart" => (Concern::Process, false),
        "power_loss" | "recovery_crash" => (Concern::Power, false),
        "clock_jump" => (Concern::Clock, false),
        "full_disk" => (Concern::Disk, true),
        "reset" => (Concern::Connections, false),
        "key_rotation" => (Concern::Tokens, false),
        "cut" | "stall" => (Concern::Connections, true),
        _ => panic!("no scene knows a fault named {name}"),
    };
    FaultKind { name: name.into(), concerns, lasts }
}
