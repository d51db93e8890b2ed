//! Who makes the load: one company with users, each logged in, and rooms with all of them in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use system::client::{CallError, Rest, TcpConnector, Timing, Unobserved};
use system::protocol::{CreateRoom, CreateUser, Login, Register, Role, Room, RoomId, Session, Visibility};

/// Everybody's password.
const PASSWORD: &str = "load-of-1";

/// A company on the server under load.
pub(super) struct Company {
    address: SocketAddr,
    rest: Rest<TcpConnector>,
    /// Who set it up.
    pub(super) owner: Session,
    /// Who makes the load.
    pub(super) users: Vec<Session>,
    keys: AtomicU64,
}

impl Company {
    /// A company with this many users, all logged in.
    pub(super) async fn found(address: SocketAddr, users: usize) -> Result<Self, CallError> {
        let rest = rest_at(address);
        let register = Register {
            company: "Load".to_owned(),
            email: "owner@load.test".to_owned(),
            name: "Owner".to_owned(),
            password: PASSWORD.to_owned(),
            device: "load".to_owned(),
        };
        let owner = rest.register(&register, "register").await?;
        let mut company = Self { address, rest, owner, users: Vec::with_capacity(users), keys: AtomicU64::new(0) };
        for ordinal in 0..users {
            let email = format!("user-{ordinal}@load.test");
            let name = format!("User {ordinal}");
            let user = CreateUser { email: email.clone(), name, password: PASSWORD.to_owned(), role: Role::Member };
            let owner = &company.owner.tokens.access_token;
            company.rest.create_user(owner, &user, &company.key()).await?;
            let login = Login { email, password: PASSWORD.to_owned(), device: "load".to_owned() };
            let session = company.rest.login(&login).await?;
            company.users.push(session);
        }
        Ok(company)
    }

    /// A room with everybody in it.
    pub(super) async fn room(&self, name: &str) -> Result<Room, CallError> {
        let owner = &self.owner.tokens.access_token;
        let body = CreateRoom { name: name.to_owned(), visibility: Visibility::Public };
        let room = self.rest.create_room(owner, &body, &self.key()).await?;
        self.join(room.id).await?;
        Ok(room)
    }

    /// Adds everybody to a room.
    pub(super) async fn join(&self, room: RoomId) -> Result<(), CallError> {
        for user in &self.users {
            self.rest.add_member(&self.owner.tokens.access_token, room, user.user.id).await?;
        }
        Ok(())
    }

    /// Typed calls over a connection of their own.
    pub(super) fn rest(&self) -> Rest<TcpConnector> {
        rest_at(self.address)
    }

    /// An idempotency key that was not used yet.
    pub(super) fn key(&self) -> String {
        format!("load-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }
}

fn rest_at(address: SocketAddr) -> Rest<TcpConnector> {
    Rest::new(Arc::new(TcpConnector::new(address.to_string())), Timing::default(), Arc::new(Unobserved))
}
