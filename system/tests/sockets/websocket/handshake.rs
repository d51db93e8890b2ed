//! Who may upgrade (REQUIREMENTS.md WS-5, WS-15, WS-17).

use http::header::{AUTHORIZATION, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use serde_json::json;
use system::protocol::{CloseCode, ErrorCode, SUBPROTOCOL};

use crate::support::{Company, LiveServer, RawAnswer, RawRequest, Socket, handshake, handshake_at};

#[track_caller]
fn refused(handshake: Result<Socket, RawAnswer>) -> RawAnswer {
    handshake.map(drop).expect_err("it is refused")
}

#[tokio::test]
async fn without_a_good_token_403_before_the_upgrade() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let gone = company.log_in("owner@acme.test").await;
    company.rest.logout(gone.token()).await.unwrap();
    let protocol = (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    refused(handshake(server.address, std::slice::from_ref(&protocol)).await).refused(403, ErrorCode::HandshakeRefused);
    for token in ["nonsense", gone.token(), &company.owner.session.tokens.refresh_token] {
        let bearer = format!("Bearer {token}");
        let answer = refused(handshake(server.address, &[(AUTHORIZATION, &bearer), protocol.clone()]).await);
        answer.refused(403, ErrorCode::HandshakeRefused);
        let offered = format!("{SUBPROTOCOL}, bearer.{token}");
        let answer = refused(handshake(server.address, &[(SEC_WEBSOCKET_PROTOCOL, &offered)]).await);
        answer.refused(403, ErrorCode::HandshakeRefused);
    }
    let path = format!("/ws?access_token={}", company.owner.token());
    let answer = refused(handshake_at(server.address, &path, &[protocol]).await);
    answer.refused(403, ErrorCode::HandshakeRefused);
    let connections = company.rest.connections(company.owner.token()).await.unwrap();
    assert_eq!((connections.connections.len(), connections.subscriptions), (0, 0));
}

#[tokio::test]
async fn without_our_subprotocol_400() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let bearer = format!("Bearer {}", company.owner.token());
    let authorization = (AUTHORIZATION, bearer.as_str());
    for headers in [vec![], vec![(SEC_WEBSOCKET_PROTOCOL, "stormglass.v2.json")]] {
        let answer = refused(handshake(server.address, &[vec![authorization.clone()], headers].concat()).await);
        assert!(answer.refused(400, ErrorCode::InvalidRequest).contains(SUBPROTOCOL));
    }
    let plain = RawRequest::new("GET", "/ws").token(company.owner.token()).send(server.address).await;
    assert!(plain.refused(400, ErrorCode::InvalidRequest).contains("RFC 6455"));
}

#[tokio::test]
async fn a_browser_hands_its_token_over_as_a_second_subprotocol() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let offered = format!("{SUBPROTOCOL}, bearer.{}", company.owner.token());
    let mut socket = handshake(server.address, &[(SEC_WEBSOCKET_PROTOCOL, &offered)]).await.unwrap();
    assert_eq!(socket.hello(json!({})).await.user, company.owner.id());
}

#[tokio::test]
async fn only_allowed_origins_connect_and_programs_without_one() {
    let allowed = "https://chat.example.org";
    let server = LiveServer::with(|config| config.websocket.allowed_origins = vec![allowed.to_owned()]).await;
    let company = Company::register(server.address, "acme").await;
    let bearer = format!("Bearer {}", company.owner.token());
    let with = |origin: &'static str| {
        vec![(AUTHORIZATION, bearer.as_str()), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL), (ORIGIN, origin)]
    };
    for origin in ["https://evil.example.org", "http://chat.example.org", "https://chat.example.org:8443", "null"] {
        let answer = refused(handshake(server.address, &with(origin)).await);
        assert!(answer.refused(403, ErrorCode::Forbidden).contains("websocket.allowed_origins"));
    }
    handshake(server.address, &with(allowed)).await.unwrap().hello(json!({})).await;
    Socket::open(server.address, company.owner.token()).await.hello(json!({})).await;
}

/// Compression that is offered is not taken up: what is compressed together with a secret tells of it, and a frame that is
/// small to send must not be large to read (REQUIREMENTS.md WS-17).
#[tokio::test]
async fn compression_is_declined() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nAuthorization: Bearer {}\r\n\r\n",
        company.owner.token()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap().to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 101"), "{answer}");
    assert!(!answer.contains("sec-websocket-extensions"), "{answer}");
    // A frame that is compressed all the same breaks the protocol: its first reserved bit is set.
    let frame = [0xc1, 0x82, 0, 0, 0, 0, b'{', b'}'];
    tokio::io::AsyncWriteExt::write_all(&mut stream, &frame).await.unwrap();
    let told = crate::support::read_until_closed(&mut stream).await;
    let code = CloseCode::ProtocolError.number().to_be_bytes();
    assert!(told.windows(4).any(|bytes| bytes == [0x88, 2, code[0], code[1]]), "{told:?}");
}
