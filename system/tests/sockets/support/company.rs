//! A company with people and a room, set up over REST.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use system::client::{Rest, TcpConnector, Timing, Unobserved};
use system::protocol::{
    CreateRoom, CreateUser, Login, Message, Register, Role, Room, RoomId, Session, StreamId, UserId, Visibility,
};

/// A company on some server.
pub struct Company {
    pub address: SocketAddr,
    pub rest: Rest<TcpConnector>,
    pub name: &'static str,
    pub owner: Person,
    keys: AtomicU64,
}

/// Somebody who is logged in.
pub struct Person {
    pub session: Session,
}

/// Everybody's password.
pub fn password() -> String {
    "secret-1".to_owned()
}

/// Typed calls of a server.
pub fn rest_at(address: SocketAddr) -> Rest<TcpConnector> {
    Rest::new(Arc::new(TcpConnector::new(address.to_string())), Timing::default(), Arc::new(Unobserved))
}

impl Company {
    /// Registers a company; its owner is `owner@<name>.test`.
    pub async fn register(address: SocketAddr, name: &'static str) -> Self {
        let rest = rest_at(address);
        let register = Register {
            company: name.to_owned(),
            email: format!("owner@{name}.test"),
            name: "Owner".to_owned(),
            password: password(),
            device: "test".to_owned(),
        };
        let session = rest.register(&register, &format!("register-{name}")).await.unwrap();
        Self { address, rest, name, owner: Person { session }, keys: AtomicU64::new(0) }
    }

    /// The same company on another server.
    pub fn at(self, address: SocketAddr) -> Self {
        Self { address, rest: rest_at(address), ..self }
    }

    /// A new user of this role, logged in.
    pub async fn hire(&self, name: &str, role: Role) -> Person {
        let email = format!("{name}@{}.test", self.name);
        let user = CreateUser { email: email.clone(), name: name.to_owned(), password: password(), role };
        self.rest.create_user(self.owner.token(), &user, &self.key()).await.unwrap();
        self.log_in(&email).await
    }

    /// One more session of a user.
    pub async fn log_in(&self, email: &str) -> Person {
        let login = Login { email: email.to_owned(), password: password(), device: "test".to_owned() };
        Person { session: self.rest.login(&login).await.unwrap() }
    }

    /// A room with the owner and these people in it.
    pub async fn room(&self, name: &str, visibility: Visibility, people: &[&Person]) -> Room {
        let body = CreateRoom { name: name.to_owned(), visibility };
        let room = self.rest.create_room(self.owner.token(), &body, &self.key()).await.unwrap();
        for person in people {
            self.rest.add_member(self.owner.token(), room.id, person.id()).await.unwrap();
        }
        room
    }

    /// The owner says something.
    pub async fn post(&self, room: RoomId, body: &str) -> Message {
        self.rest.post_message(self.owner.token(), room, body, &self.key()).await.unwrap()
    }

    /// An idempotency key that was not used yet.
    pub fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// The company's stream.
    pub fn stream(&self) -> StreamId {
        StreamId::Company(self.owner.session.company.id)
    }
}

impl Person {
    pub fn token(&self) -> &str {
        &self.session.tokens.access_token
    }

    pub fn id(&self) -> UserId {
        self.session.user.id
    }
}
