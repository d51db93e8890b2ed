//! Frames that are not what they should be (REQUIREMENTS.md WS-2, WS-12, WS-13, WS-1).

use serde_json::{Value, json};
use system::protocol::{CloseCode, ErrorCode, ServerFrame, Visibility};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Company, LiveServer, Socket};

#[tokio::test]
async fn what_is_wrong_is_told_and_the_connection_stays_open() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let send = |data: Value| json!({"type": "message.send", "id": "7", "data": data}).to_string();
    for (text, id, code, said) in [
        ("{".to_owned(), None, ErrorCode::InvalidRequest, "EOF"),
        ("[]".to_owned(), None, ErrorCode::InvalidRequest, "not a frame"),
        (r#"{"data":{}}"#.to_owned(), None, ErrorCode::InvalidRequest, "missing field `type`"),
        (r#"{"type":"dance","id":"7"}"#.to_owned(), Some("7"), ErrorCode::UnknownCommand, "`dance`"),
        (r#"{"type":"pong","when":1}"#.to_owned(), None, ErrorCode::InvalidRequest, "`when`"),
        (r#"{"type":"pong","data":{"when":1}}"#.to_owned(), None, ErrorCode::InvalidRequest, "`when`"),
        (r#"{"type":"hello","id":"7"}"#.to_owned(), Some("7"), ErrorCode::UnexpectedCommand, "already"),
        (send(json!({"room": room.id})), Some("7"), ErrorCode::InvalidRequest, "missing field `body`"),
        (
            send(json!({"room": room.id, "body": "", "idempotency_key": "k"})),
            Some("7"),
            ErrorCode::InvalidValue,
            "`body`",
        ),
        (
            send(json!({"room": room.id, "body": "hi", "idempotency_key": "a b"})),
            Some("7"),
            ErrorCode::InvalidValue,
            "`idempotency_key`",
        ),
        (
            r#"{"type":"subscribe","id":"7","data":{"stream":"general"}}"#.to_owned(),
            Some("7"),
            ErrorCode::InvalidRequest,
            "names no stream",
        ),
    ] {
        socket.say_text(text.clone()).await;
        match socket.hear().await {
            ServerFrame::Error(got, error) => {
                assert_eq!((got.as_deref(), error.code), (id, code), "{text}: {}", error.message);
                assert!(error.message.contains(said), "{text}: {said:?} is not in {:?}", error.message);
                assert!(!error.temporary && !error.correlation_id.is_empty());
            }
            other => panic!("{text}: no error: {other:?}"),
        }
    }
    socket.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.hear_error().await.code, ErrorCode::InvalidRequest);
    socket.send(Message::Ping(vec![1].into())).await;
    socket.assert_open().await;
    let messages = company.rest.messages(company.owner.token(), room.id, None).await.unwrap();
    assert_eq!(messages.items, [], "none of it changed anything");
}

#[tokio::test]
async fn nothing_but_hello_comes_first() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mut socket = Socket::open(server.address, company.owner.token()).await;
    let stream = json!({"stream": company.stream()});
    for (kind, data) in [("subscribe", stream.clone()), ("unsubscribe", stream)] {
        socket.refused(kind, data, ErrorCode::UnexpectedCommand).await;
    }
    socket.hello(json!({})).await;
    socket.assert_open().await;
}

#[tokio::test]
async fn an_oversized_frame_is_refused_and_a_huge_one_ends_the_connection() {
    let server = LiveServer::with(|config| config.websocket.frame_bytes = 1_024).await;
    let company = Company::register(server.address, "acme").await;
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    socket.say_text("x".repeat(1_025)).await;
    let error = socket.hear_error().await;
    assert_eq!(error.code, ErrorCode::TooLarge);
    assert!(error.message.contains("1024 bytes"), "{}", error.message);
    socket.assert_open().await;
    // Past what the layer below reads at all: the frame would have to be held to be answered.
    socket.say_text("x".repeat(4 * 1_024 + 1)).await;
    assert_eq!(socket.close_code().await, CloseCode::TooLarge.number());
}

#[tokio::test]
async fn what_breaks_the_rfc_ends_the_connection() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    for (name, bytes) in [
        ("an opcode that does not exist", &[0x83, 0x80, 0, 0, 0, 0][..]),
        ("a frame without a mask", &[0x81, 0x02, b'{', b'}']),
        ("a reserved bit", &[0xc1, 0x80, 0, 0, 0, 0]),
        ("a continuation of nothing", &[0x80, 0x80, 0, 0, 0, 0]),
        ("a ping in two frames", &[0x09, 0x80, 0, 0, 0, 0]),
    ] {
        let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
        socket.tcp().write_all(bytes).await.unwrap();
        assert_eq!(socket.until_closed().await.1, Some(CloseCode::ProtocolError.number()), "{name}");
    }
    // A text frame that is not UTF-8.
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    socket.tcp().write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff]).await.unwrap();
    assert_eq!(socket.until_closed().await.1, Some(CloseCode::InvalidData.number()));
}

#[tokio::test]
async fn either_side_closes_and_nothing_stays() {
    let server = LiveServer::with(|config| config.presence.grace_ms = 0).await;
    let company = Company::register(server.address, "acme").await;
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (gone, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let live = company.rest.connections(company.owner.token()).await.unwrap();
    assert_eq!((live.connections.len(), live.subscriptions), (2, 4));
    socket.send(Message::Close(None)).await;
    let (_, code) = socket.until_closed().await;
    assert_eq!(code, None, "a close without a code is answered by one without a code");
    drop(gone);
    for _ in 0..200 {
        let left = company.rest.connections(company.owner.token()).await.unwrap();
        let online = company.rest.presence(company.owner.token()).await.unwrap().users;
        if left.connections.is_empty() && left.subscriptions == 0 && online.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("a ghost stays");
}
