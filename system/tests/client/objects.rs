//! The user, the room and the messages of these tests.

use system::protocol::{
    Ack, AckObject, Company, CompanyId, Epoch, Event, EventBody, Message, MessageId, MessageSend, Role, Room, RoomId,
    ServerFrame, Session, SessionId, Snapshot, SnapshotState, StreamId, StreamState, Timestamp, Tokens, User, UserId,
    Visibility, Welcome,
};
use uuid::Uuid;

pub const COMPANY: CompanyId = CompanyId(Uuid::from_u128(1));
pub const ANA: UserId = UserId(Uuid::from_u128(2));
pub const ROOM: RoomId = RoomId(Uuid::from_u128(3));
pub const STREAM: StreamId = StreamId::Room(ROOM);
const EPOCH: Epoch = Epoch(1);

/// The `number`th session, with the `token`th pair of tokens.
pub fn session(number: u128, token: u32) -> Session {
    let user = User {
        id: ANA,
        company: COMPANY,
        email: "ana@example.com".into(),
        name: "Ana".into(),
        role: Role::Member,
        active: true,
        version: 1,
        created_at: Timestamp(0),
    };
    Session {
        session: SessionId(Uuid::from_u128(number)),
        user,
        company: Company { id: COMPANY, name: "acme".into(), created_at: Timestamp(0) },
        tokens: tokens(token),
    }
}

pub fn tokens(number: u32) -> Tokens {
    Tokens {
        access_token: format!("access-{number}"),
        access_expires_at: Timestamp(0),
        refresh_token: format!("refresh-{number}"),
        refresh_expires_at: Timestamp(0),
    }
}

/// A welcome to the room's stream, delivered from `seq`.
pub fn welcome(seq: u64, recovered: bool) -> ServerFrame {
    let welcome = Welcome {
        session: SessionId(Uuid::from_u128(1)),
        user: ANA,
        company: COMPANY,
        role: Role::Member,
        server_time: Timestamp(0),
        heartbeat_ms: 10_000,
        token_expires_at: Timestamp(0),
        streams: vec![StreamState { stream: STREAM, seq, epoch: EPOCH, recovered }],
    };
    ServerFrame::Welcome(Some("1".into()), welcome)
}

pub fn message(seq: u64) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(u128::from(seq))),
        room: ROOM,
        author: ANA,
        body: format!("m{seq}"),
        seq,
        thread: None,
        version: 1,
        created_at: Timestamp(0),
        edited_at: None,
        deleted_at: None,
        feed: None,
    }
}

pub fn said(seq: u64) -> ServerFrame {
    ServerFrame::Event(Event {
        body: EventBody::MessageCreated(message(seq)),
        stream: STREAM,
        seq,
        epoch: EPOCH,
        sender: ANA,
        timestamp: Timestamp(0),
        correlation_id: "c".into(),
    })
}

/// The room at `seq`, with a message at every position.
pub fn snapshot(seq: u64) -> Snapshot {
    let room = Room {
        id: ROOM,
        company: COMPANY,
        name: "general".into(),
        visibility: Visibility::Public,
        created_by: ANA,
        created_at: Timestamp(0),
        conversation: None,
        archived_at: None,
        version: 1,
    };
    let messages = (1..=seq).map(message).collect();
    let state = SnapshotState::Room {
        room,
        members: vec![],
        messages,
        earlier: false,
        threads: vec![],
        earlier_threads: false,
    };
    Snapshot { stream: STREAM, seq, epoch: EPOCH, state, read: None }
}

/// The acknowledgement of `sent`.
pub fn ack(id: Option<String>, sent: &MessageSend, seq: u64) -> ServerFrame {
    let object = AckObject::Message(Message { body: sent.body.clone(), ..message(seq) });
    ServerFrame::Ack(id, Ack { stream: STREAM, seq, object, duplicate: false })
}
