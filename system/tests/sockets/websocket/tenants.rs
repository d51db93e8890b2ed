//! A stranger on the WebSocket: every command that names something is refused as if nothing existed (REQUIREMENTS.md WS-5).

use bytes::Bytes;
use serde_json::json;
use system::protocol::{ChunkFrame, ErrorCode, Role, ServerFrame, Visibility};
use system::schema::asyncapi;
use tokio_tungstenite::tungstenite::Message;

use crate::rest::things::Things;
use crate::support::{Company, LiveServer, Socket, whole_state};

/// A stream of no room.
const NOWHERE: &str = "room:01890000-0000-7000-8000-000000000001";

#[tokio::test]
async fn another_companys_owner_reaches_nothing_by_any_command() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let member = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&member]).await;
    let acme = Things::of(&company, &member, room.id).await;
    let stranger = Company::register(server.address, "other").await;
    let theirs = stranger.room("theirs", Visibility::Public, &[]).await.id;
    let before = whole_state(&company.rest, company.owner.token(), company.stream()).await.unwrap();
    let (mut socket, _) = Socket::follow_all(server.address, stranger.owner.token()).await;

    let document = asyncapi();
    let commands = document["operations"].as_object().unwrap().iter();
    for (name, _) in commands.filter(|(_, operation)| operation["action"] == "receive") {
        let (room, message, key) = (&acme.room, &acme.message, format!("key-{name}"));
        let streams = [format!("room:{room}"), format!("user:{}", acme.member), format!("company:{}", acme.company)];
        let tries = match name.as_str() {
            "subscribe" => {
                // The same as for a stream that does not exist.
                for stream in streams.iter().map(String::as_str).chain([NOWHERE]) {
                    socket.refused(name, json!({"stream": stream}), ErrorCode::Forbidden).await;
                }
                vec![]
            }
            "message.send" => vec![
                json!({"room": room, "body": "hi", "idempotency_key": key}),
                json!({"room": theirs, "thread": acme.thread, "body": "hi", "idempotency_key": key}),
            ],
            "message.edit" => vec![
                json!({"room": room, "message": message, "body": "hi", "idempotency_key": key}),
                json!({"room": theirs, "message": message, "body": "hi", "idempotency_key": key}),
            ],
            "message.delete" => vec![
                json!({"room": room, "message": message, "idempotency_key": key}),
                json!({"room": theirs, "message": message, "idempotency_key": key}),
            ],
            "read" => vec![json!({"room": room, "seq": 1})],
            "typing" => vec![json!({"room": room})],
            "chunk" => {
                let (file, bytes) = (acme.file.parse().unwrap(), Bytes::from_static(b"abc"));
                let chunk = ChunkFrame { file, offset: 0, request: 7, bytes };
                socket.send(Message::binary(chunk.to_bytes())).await;
                match socket.hear().await {
                    ServerFrame::Error(Some(id), error) if id == "7" => assert_eq!(error.code, ErrorCode::NotFound),
                    other => panic!("the chunk was taken: {other:?}"),
                }
                vec![]
            }
            // They name nothing but what is the connection's own; `hello` leaves out what it may not follow.
            "hello" | "unsubscribe" | "status.set" | "auth.refresh" | "pong" => vec![],
            new => panic!("{new} is a new command: say here what of another company's it could name"),
        };
        for data in tries {
            socket.refused(name, data, ErrorCode::NotFound).await;
        }
    }
    assert_eq!(whole_state(&company.rest, company.owner.token(), company.stream()).await.unwrap(), before);
    socket.assert_open().await;
}
