//! Everything that a user does by the client's operations, on a real server: each is carried out, and answered by the object
//! that it was about. The simulation draws the same operations; here they meet a real socket.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use system::client::{Client, ClientConfig, Operation, Outcome, TcpConnector, Unobserved};
use system::platform::OsPlatform;
use system::protocol::{
    Account, CreatedInvitation, ErrorCode, Invitation, Member, Message, Page, ReadMarker, Role, Room, SessionInfo,
    Thread, User, Visibility,
};

use crate::support::{Company, LiveServer, Person, password};

/// The owner's client, and a company around it.
struct Device {
    client: Client<TcpConnector>,
    company: Company,
    mia: Person,
    _server: LiveServer,
}

impl Device {
    async fn of_an_owner() -> Self {
        let server = LiveServer::start().await;
        let company = Company::register(server.address, "acme").await;
        let mia = company.hire("mia", Role::Member).await;
        let client = Client::start(
            ClientConfig::new("owner@acme.test", password(), "laptop"),
            Arc::new(TcpConnector::new(server.address.to_string())),
            Arc::new(OsPlatform::new("nowhere")),
            Arc::new(Unobserved),
        );
        Self { client, company, mia, _server: server }
    }

    /// Does it, which must succeed; the answer's body, or the object of an acknowledgement.
    async fn does(&self, operation: Operation) -> String {
        let told = operation.to_string();
        assert!(!told.is_empty());
        match self.client.perform(operation, None).await {
            Outcome::Answered(answer) => answer.body,
            Outcome::Acknowledged(ack) => serde_json::to_string(&ack.object).unwrap(),
            Outcome::Refreshed => String::new(),
            other => panic!("{told}: {other:?}"),
        }
    }

    /// The same, and what it answers as a type.
    async fn gets<T: DeserializeOwned>(&self, operation: Operation) -> T {
        let told = operation.to_string();
        let body = self.does(operation).await;
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{told}: {error}: {body}"))
    }

    async fn is_refused(&self, operation: Operation, code: ErrorCode) {
        match self.client.perform(operation, None).await {
            Outcome::Refused(refusal) => assert_eq!(refusal.code, Some(code), "{refusal}"),
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Its copies of all streams took everything that they were told.
    async fn ends_whole(self) {
        assert_eq!(self.client.standing().broken, 0);
        self.client.shutdown().await;
    }
}

#[tokio::test]
async fn a_room_from_its_creation_to_its_end() {
    let device = Device::of_an_owner().await;
    let room: Room = device.gets(Operation::CreateRoom { name: "a".into(), visibility: Visibility::Private }).await;
    let id = room.id;
    let update = |name: &str, version| Operation::UpdateRoom {
        room: id,
        name: Some(name.to_owned()),
        visibility: None,
        version,
    };
    let renamed: Room = device.gets(update("b", Some(room.version))).await;
    assert_eq!((renamed.name.as_str(), renamed.version), ("b", room.version + 1));
    device.is_refused(update("c", Some(room.version)), ErrorCode::VersionConflict).await;
    device.does(Operation::AddMember { room: id, user: device.mia.id() }).await;
    let members: Page<Member> = device.gets(Operation::ReadMembers { room: id }).await;
    assert_eq!(members.items.len(), 2);
    device.does(Operation::RemoveMember { room: id, user: device.mia.id() }).await;
    let archived: Room = device.gets(Operation::ArchiveRoom { room: id }).await;
    assert!(archived.archived_at.is_some());
    device.is_refused(Operation::PostMessage { room: id, body: "hi".into() }, ErrorCode::RoomArchived).await;
    let back: Room = device.gets(Operation::UnarchiveRoom { room: id }).await;
    assert_eq!(device.gets::<Room>(Operation::ReadRoom { room: id }).await, back);
    assert_eq!(device.gets::<Page<Room>>(Operation::ReadRooms).await.items, [back]);
    device.does(Operation::DeleteRoom { room: id }).await;
    device.is_refused(Operation::ReadRoom { room: id }, ErrorCode::NotFound).await;
    device.ends_whole().await;
}

#[tokio::test]
async fn a_conversation_by_either_door() {
    let device = Device::of_an_owner().await;
    let room: Room = device.gets(Operation::CreateRoom { name: "a".into(), visibility: Visibility::Public }).await;
    let room = room.id;
    let sent: Message = device.gets(Operation::SendMessage { room, body: "sent".into() }).await;
    let posted: Message = device.gets(Operation::PostMessage { room, body: "posted".into() }).await;
    for (message, over_rest) in [(&sent, true), (&posted, false)] {
        let (message, body, version) = (message.id, "edited".to_owned(), Some(message.version));
        let edited: Message = device
            .gets(match over_rest {
                true => Operation::EditMessage { room, message, body, version },
                false => Operation::SendEdit { room, message, body, version },
            })
            .await;
        assert_eq!((edited.body.as_str(), edited.version), ("edited", version.unwrap() + 1));
        assert_eq!(device.gets::<Message>(Operation::ReadMessage { room, message }).await, edited);
    }
    let found: Page<Message> = device.gets(Operation::SearchMessages { room, query: "edited".into() }).await;
    assert_eq!(found.items.len(), 2);
    let thread: Thread = device.gets(Operation::OpenThread { room, message: sent.id }).await;
    let thread = thread.id;
    let first: Message = device.gets(Operation::SendReply { room, thread, body: "first".into() }).await;
    let second: Message = device.gets(Operation::PostReply { room, thread, body: "second".into() }).await;
    let replies: Page<Message> = device.gets(Operation::ReadReplies { room, thread }).await;
    assert!([first.id, second.id].iter().all(|id| replies.items.iter().any(|reply| reply.id == *id)));
    assert_eq!(device.gets::<Page<Thread>>(Operation::ReadThreads { room }).await.items[0].id, thread);
    device.does(Operation::SendRead { room, seq: 1 }).await;
    let marked: ReadMarker = device.gets(Operation::MarkRead { room, seq: 2 }).await;
    assert_eq!(device.gets::<ReadMarker>(Operation::ReadMarker { room }).await, marked);
    device.does(Operation::SendDeletion { room, message: posted.id }).await;
    device.does(Operation::DeleteMessage { room, message: sent.id, version: None }).await;
    let left: Page<Message> = device.gets(Operation::ReadMessages { room }).await;
    assert!(left.items.iter().filter(|message| message.thread.is_none()).all(|message| message.deleted_at.is_some()));
    device.ends_whole().await;
}

#[tokio::test]
async fn people_come_change_and_go() {
    let device = Device::of_an_owner().await;
    let mia = device.mia.id();
    let created: CreatedInvitation =
        device.gets(Operation::Invite { email: "new@acme.test".into(), role: Role::Guest }).await;
    let open: Page<Invitation> = device.gets(Operation::ReadInvitations).await;
    assert_eq!(open.items, std::slice::from_ref(&created.invitation));
    device.does(Operation::RevokeInvitation { invitation: created.invitation.id }).await;
    let admin: User = device.gets(Operation::ChangeRole { user: mia, role: Role::Admin }).await;
    assert_eq!(admin.role, Role::Admin);
    let account: Account = device.gets(Operation::ReadAccount { user: mia }).await;
    assert_eq!((account.user, account.sessions), (mia, 1));
    device.does(Operation::Deactivate { user: mia }).await;
    let users: Page<User> = device.gets(Operation::ReadUsers).await;
    assert!(users.items.iter().any(|user| user.id == mia && !user.active));
    assert!(device.gets::<User>(Operation::Activate { user: mia }).await.active);
    device.ends_whole().await;
}

#[tokio::test]
async fn ones_own_account() {
    let device = Device::of_an_owner().await;
    let version = device.company.owner.session.user.version;
    let profile = |name: &str, version| Operation::UpdateProfile {
        name: Some(name.to_owned()),
        email: None,
        version: Some(version),
    };
    assert_eq!(device.gets::<User>(profile("Ada", version)).await.name, "Ada");
    device.is_refused(profile("Eve", version), ErrorCode::VersionConflict).await;
    let sessions: Page<SessionInfo> = device.gets(Operation::ReadSessions).await;
    let other = sessions.items.iter().find(|session| !session.current).expect("the one of the registration");
    device.does(Operation::RevokeSession { session: other.id }).await;
    device.does(Operation::RefreshToken).await;
    let change = |current: &str| Operation::ChangePassword { current: current.to_owned(), new: "secret-2".to_owned() };
    device.is_refused(change("secret-3"), ErrorCode::WrongPassword).await;
    device.does(change("secret-1")).await;
    // The session that changed it goes on; the others are over, and the old password opens none.
    assert_eq!(device.gets::<Page<SessionInfo>>(Operation::ReadSessions).await.items.len(), 1);
    let login =
        system::protocol::Login { email: "owner@acme.test".into(), password: password(), device: "another".into() };
    let error = device.company.rest.login(&login).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WrongCredentials));
    device.ends_whole().await;
}
