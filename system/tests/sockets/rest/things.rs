//! One of everything that a company has, for whoever must not get at it.

use serde_json::{Value, json};
use system::protocol::{ConnectionList, CreateInvitation, NewFile, Role, RoomId};

use super::routes::Route;
use crate::support::{Company, Person, RawRequest, Socket};

/// One of everything that a company has, by identifier.
pub struct Things {
    pub room: String,
    pub member: String,
    pub owner: String,
    pub company: String,
    pub message: String,
    /// Of a thread, which has a reply.
    pub thread: String,
    /// Of an upload under way.
    pub file: String,
    pub invitation: String,
    /// The owner's, beside the one that they use.
    pub session: String,
    /// Of the member.
    pub connection: String,
    _socket: Socket,
}

impl Things {
    pub async fn of(company: &Company, member: &Person, room: RoomId) -> Self {
        let (rest, token) = (&company.rest, company.owner.token());
        let message = company.post(room, "to be replied to").await;
        let thread = rest.open_thread(token, room, message.id, &company.key()).await.unwrap();
        rest.post_reply(token, (room, thread.id), "a reply", &company.key()).await.unwrap();
        let upload = NewFile { name: "a.txt".into(), content_type: "text/plain".into(), room: Some(room), size: 3 };
        let file = rest.create_upload(token, &upload, &company.key()).await.unwrap();
        let invitation = CreateInvitation { email: format!("new@{}.test", company.name), role: Role::Member };
        let invitation = rest.invite(token, &invitation, &company.key()).await.unwrap().invitation;
        let session = company.log_in(&format!("owner@{}.test", company.name)).await.session.session;
        let (socket, _) = Socket::follow_all(company.address, member.token()).await;
        let connections: ConnectionList = rest.connections(token).await.unwrap();
        Self {
            room: room.to_string(),
            member: member.id().to_string(),
            owner: company.owner.id().to_string(),
            company: company.owner.session.company.id.to_string(),
            message: message.id.to_string(),
            thread: thread.id.to_string(),
            file: file.id.to_string(),
            invitation: invitation.id.to_string(),
            session: session.to_string(),
            connection: connections.connections[0].id.to_string(),
            _socket: socket,
        }
    }

    /// What a route's path takes: by what stands before the parameter, and its name.
    pub fn identify(&self, route: &Route, before: &str, name: &str) -> String {
        match (before, name) {
            ("rooms", "id") => &self.room,
            ("users" | "members", "id" | "user") => &self.member,
            ("messages", "message") => &self.message,
            ("threads", "thread") => &self.thread,
            ("files", "id") => &self.file,
            ("invitations", "id") => &self.invitation,
            ("sessions", "id") => &self.session,
            ("connections", "id") => &self.connection,
            ("streams", "stream") => return format!("room:{}", self.room),
            _ => panic!("{} takes a {name} after {before}: say here which one of the company's it is", route.name),
        }
        .clone()
    }

    /// What a route's body holds, so that nothing is wrong with it.
    pub fn body(&self, route: &Route) -> Option<Value> {
        let body = match route.name.as_str() {
            "messages.create" | "messages.edit" | "threads.reply" => json!({"body": "hi"}),
            "reads.mark" => json!({"seq": 1}),
            "rooms.update" => json!({"name": "renamed"}),
            "threads.open" => json!({"message": self.message}),
            "users.change_role" => json!({"role": "guest"}),
            name => {
                assert!(!route.takes_json, "{name} takes a body: say here which");
                return None;
            }
        };
        Some(body)
    }

    /// A request of this route about them.
    pub fn request(&self, route: &Route) -> RawRequest {
        let path = route.at(|before, name| self.identify(route, before, name));
        route.request(&path, self.body(route).as_ref())
    }

    /// What no stranger may ever read.
    pub fn all(&self) -> [&str; 9] {
        let Self { room, member, owner, company, message, thread, file, invitation, session, .. } = self;
        [room, member, owner, company, message, thread, file, invitation, session].map(String::as_str)
    }
}
