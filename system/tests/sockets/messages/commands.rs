//! The same operations as commands on the WebSocket.

use serde_json::{Value, json};
use system::protocol::{Ack, ErrorCode, Message, ServerFrame, StreamId};

use super::team::Team;
use crate::support::Socket;

async fn acknowledged(socket: &mut Socket, kind: &str, data: Value) -> Ack {
    match socket.ask(kind, data).await {
        ServerFrame::Ack(_, ack) => ack,
        other => panic!("no ack: {other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_sent_edited_replied_to_and_deleted_and_each_ack_holds_it() {
    let team = Team::start().await;
    let (mut ana, _) = Socket::follow_all(team.address(), team.ana.token()).await;
    let room = team.room;
    let of = |ack: &Ack| ack.object.message().expect("it is about a message").clone();

    let data = json!({"room": room, "body": "helo", "idempotency_key": "1"});
    let sent = acknowledged(&mut ana, "message.send", data).await;
    let message = of(&sent);
    assert_eq!((sent.stream, sent.seq), (StreamId::Room(room), message.seq));

    let data = json!({"room": room, "message": message.id, "body": "hello", "version": 1, "idempotency_key": "1"});
    let edited = acknowledged(&mut ana, "message.edit", data.clone()).await;
    assert_eq!((edited.seq, of(&edited).version, edited.duplicate), (message.seq + 1, 2, false));
    let again = acknowledged(&mut ana, "message.edit", data).await;
    assert_eq!(again, Ack { duplicate: true, ..edited.clone() });

    let thread = team.opens(&team.ben, &message).await;
    let data = json!({"room": room, "thread": thread.id, "body": "reply", "idempotency_key": "2"});
    let reply = of(&acknowledged(&mut ana, "message.send", data).await);
    assert_eq!(reply.thread, Some(thread.id));

    let data = json!({"room": room, "message": message.id, "idempotency_key": "3"});
    let deleted = acknowledged(&mut ana, "message.delete", data).await;
    let tombstone = of(&deleted);
    assert_eq!((deleted.seq, tombstone.body.as_str(), tombstone.version), (reply.seq + 2, "", 3));
    let read: Message = team.company.rest.message(team.ben.token(), room, message.id).await.unwrap();
    assert_eq!(read, tombstone);

    // Another key, and nothing left to do: the ack says how far the room is.
    let data = json!({"room": room, "message": message.id, "idempotency_key": "4"});
    let nothing = acknowledged(&mut ana, "message.delete", data).await;
    assert_eq!((nothing.seq, nothing.duplicate, of(&nothing)), (deleted.seq, false, tombstone));
}

/// REQUIREMENTS.md WS-5 and WS-12: each is refused with its reason, and the connection stays open.
#[tokio::test]
async fn what_may_not_be_is_refused_with_its_code() {
    let team = Team::start().await;
    let message = team.says(&team.ana, "mine").await;
    let (mut ben, _) = Socket::follow_all(team.address(), team.ben.token()).await;
    let (mut ana, _) = Socket::follow_all(team.address(), team.ana.token()).await;
    let room = team.room;
    let edit = |version: u64, body: &str, key: &str| json!({"room": room, "message": message.id, "body": body, "version": version, "idempotency_key": key});
    let delete = json!({"room": room, "message": message.id, "idempotency_key": "d"});
    ben.refused("message.edit", edit(1, "yours", "a"), ErrorCode::Forbidden).await;
    ben.refused("message.delete", delete.clone(), ErrorCode::Forbidden).await;
    ana.refused("message.edit", edit(2, "stale", "a"), ErrorCode::VersionConflict).await;
    ana.refused("message.edit", edit(1, " ", "a"), ErrorCode::InvalidValue).await;
    ana.refused("message.edit", edit(1, "x", "a key"), ErrorCode::InvalidValue).await;
    ana.refused("message.delete", json!({"room": room, "message": message.id}), ErrorCode::InvalidRequest).await;
    ana.refused("read", json!({"room": room, "seq": 1_000}), ErrorCode::InvalidValue).await;
    ana.refused("read", json!({"room": room, "seq": -1}), ErrorCode::InvalidRequest).await;
    let missing = json!({"room": room, "thread": room, "body": "x", "idempotency_key": "t"});
    ana.refused("message.send", missing, ErrorCode::NotFound).await;
    // A refusal keeps no key: the same one is good for the right request.
    assert_eq!(acknowledged(&mut ana, "message.edit", edit(1, "better", "a")).await.seq, message.seq + 1);
    ana.refused("message.edit", edit(1, "other", "a"), ErrorCode::IdempotencyKeyReused).await;
    acknowledged(&mut ana, "message.delete", delete).await;
    ana.refused("message.edit", edit(3, "undead", "b"), ErrorCode::MessageDeleted).await;
    ana.assert_open().await;
    ben.assert_open().await;
}
