//! Ana, Ben and Cleo in a private room, and Zoe of the same company outside of it.

use std::net::SocketAddr;

use serde_json::{Value, json};
use system::Config;
use system::protocol::{Epoch, Event, Message, Position, Role, RoomId, StreamId, Thread, Visibility};

use crate::support::{Company, LiveServer, Person, RawAnswer, RawRequest, Socket};

pub struct Team {
    pub company: Company,
    pub ana: Person,
    pub ben: Person,
    pub cleo: Person,
    /// Not in the room.
    pub zoe: Person,
    pub room: RoomId,
    _server: LiveServer,
}

impl Team {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let server = LiveServer::with(adjust).await;
        let company = Company::register(server.address, "acme").await;
        let ana = company.hire("ana", Role::Member).await;
        let ben = company.hire("ben", Role::Member).await;
        let cleo = company.hire("cleo", Role::Member).await;
        let zoe = company.hire("zoe", Role::Member).await;
        let room = company.room("general", Visibility::Private, &[&ana, &ben, &cleo]).await.id;
        Self { company, ana, ben, cleo, zoe, room, _server: server }
    }

    pub fn address(&self) -> SocketAddr {
        self.company.address
    }

    pub async fn says(&self, person: &Person, body: &str) -> Message {
        self.company.rest.post_message(person.token(), self.room, body, &self.company.key()).await.unwrap()
    }

    pub async fn opens(&self, person: &Person, root: &Message) -> Thread {
        self.company.rest.open_thread(person.token(), self.room, root.id, &self.company.key()).await.unwrap()
    }

    pub async fn replies(&self, person: &Person, thread: &Thread, body: &str) -> Message {
        let place = (self.room, thread.id);
        self.company.rest.post_reply(person.token(), place, body, &self.company.key()).await.unwrap()
    }

    /// A request below the room's path.
    pub fn request(&self, person: &Person, method: &str, path: &str) -> RawRequest {
        RawRequest::api(method, &format!("/rooms/{}{path}", self.room)).token(person.token())
    }

    /// Edits a message, from a version where one is given.
    pub async fn edits(&self, person: &Person, message: &Message, body: &str, version: Option<&str>) -> RawAnswer {
        let mut request = self.request(person, "PATCH", &format!("/messages/{}", message.id));
        if let Some(version) = version {
            request = request.header("If-Match", version);
        }
        request.json(json!({"body": body}).to_string()).send(self.address()).await
    }

    pub async fn deletes(&self, person: &Person, message: &Message) -> RawAnswer {
        self.request(person, "DELETE", &format!("/messages/{}", message.id)).send(self.address()).await
    }

    /// All events of a stream after a position.
    pub async fn events(&self, person: &Person, stream: StreamId, after: u64) -> Vec<Event> {
        let epoch = self.epoch(person, stream).await;
        let page = self.company.rest.events(person.token(), stream, Position { seq: after, epoch }, 200).await.unwrap();
        assert!(!page.more, "the test fits into a page");
        page.events
    }

    /// The types of the events in the room after a position.
    pub async fn kinds_after(&self, seq: u64) -> Vec<&'static str> {
        let events = self.events(&self.ana, StreamId::Room(self.room), seq).await;
        events.iter().map(|event| event.body.kind()).collect()
    }

    /// A socket that follows the room and nothing else.
    pub async fn listens(&self, person: &Person) -> Socket {
        self.follows(person, json!([StreamId::Room(self.room)])).await
    }

    /// A socket that follows the user's own stream and nothing else.
    pub async fn listens_to_self(&self, person: &Person) -> Socket {
        self.follows(person, json!([StreamId::User(person.id())])).await
    }

    async fn follows(&self, person: &Person, streams: Value) -> Socket {
        let mut socket = Socket::open(self.address(), person.token()).await;
        socket.hello(json!({"follow": streams})).await;
        socket
    }

    async fn epoch(&self, person: &Person, stream: StreamId) -> Epoch {
        self.company.rest.snapshot(person.token(), stream).await.unwrap().epoch
    }
}
