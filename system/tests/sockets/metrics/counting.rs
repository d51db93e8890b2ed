//! What is counted is what happened, and what is counted as it comes and goes agrees with what is there (REQUIREMENTS.md
//! WS-9, CG-6).

use std::time::Duration;

use http::header::SEC_WEBSOCKET_PROTOCOL;
use serde_json::json;
use system::protocol::{CloseCode, ErrorCode, Role, SUBPROTOCOL, Visibility};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::scrape::{OPERATOR_TOKEN, Scrape, server};
use crate::support::{Company, LiveServer, RawAnswer, RawRequest, Socket, handshake};

/// Scrapes until it holds: what ends is counted a moment after the other side knows of it.
async fn until(server: &LiveServer, holds: impl Fn(&Scrape) -> bool) -> Scrape {
    for _ in 0..500 {
        let scrape = Scrape::of(server).await;
        if holds(&scrape) {
            return scrape;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never holds: {:#?}", Scrape::of(server).await);
}

#[tokio::test]
async fn requests_by_route_and_status() {
    let server = server(|_| {}).await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    for number in 0..3 {
        company.post(room.id, &number.to_string()).await;
    }
    let path = format!("/rooms/{}/messages", room.id);
    RawRequest::api("POST", &path).json("{}").send(server.address).await.refused(401, ErrorCode::Unauthenticated);
    let scrape = Scrape::of(&server).await;
    let of = [("method", "POST"), ("route", "/api/v1/rooms/{id}/messages")];
    let with = |status| [&of[..], &[("status", status)]].concat();
    assert_eq!(scrape.count("http_requests_total", &with("2xx")), 3);
    assert_eq!(scrape.count("http_requests_total", &with("4xx")), 1);
    assert_eq!(scrape.count("http_request_duration_seconds_count", &of), 4);
    assert!(scrape.sum("http_request_duration_seconds_sum", &of) > 0.0);
    assert_eq!(scrape.count("http_refusals_total", &[("code", "unauthenticated")]), 1);
    assert_eq!(scrape.count("http_requests_in_flight", &[]), 1, "the scrape itself");
    assert_eq!(scrape.count("events_committed_total", &[("type", "message.created")]), 3);
    // A company with its owner, a room, three messages: each a commit of its own, since each waited for the one before.
    assert!(scrape.count("store_commit_seconds_count", &[]) >= 5);
    let operations = scrape.count("store_commit_operations_sum", &[]);
    assert!(operations >= scrape.count("store_commit_operations_count", &[]));
    assert!(scrape.sum("store_size_bytes", &[]) >= 4_096.0);
}

#[tokio::test]
async fn nothing_that_a_client_made_up_becomes_a_label() {
    let server = server(|_| {}).await;
    let company = Company::register(server.address, "acme").await;
    let before = Scrape::of(&server).await;
    for number in 0..20 {
        RawRequest::new("GET", &format!("/made-up-{number}")).send(server.address).await;
        RawRequest::api("GET", &format!("/rooms/made-up-{number}")).send(server.address).await;
        RawRequest::new(&format!("MADEUP{number}"), "/made-up").send(server.address).await;
        let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
        socket.say(json!({"type": format!("made-up-{number}"), "data": {}})).await;
        socket.hear_error().await;
        let close = CloseFrame { code: 1_000.into(), reason: "made-up".into() };
        socket.send(Message::Close(Some(close))).await;
    }
    let after = until(&server, |scrape| scrape.count("websocket_tasks", &[]) == 0).await;
    for label in ["route", "method", "status", "command", "outcome", "code", "by"] {
        let values = after.values_of(label);
        assert!(!values.iter().any(|value| value.to_lowercase().contains("made")), "{label}: {values:?}");
    }
    assert_eq!(after.count("http_requests_total", &[("route", "none")]), 40);
    assert_eq!(after.count("websocket_commands_total", &[("command", "unreadable")]), 20);
    assert_eq!(after.count("websocket_connections_closed_total", &[("by", "client"), ("code", "1000")]), 20);
    assert!(after.series() < before.series() + 150, "{} series became {}", before.series(), after.series());
}

#[tokio::test]
async fn connections_commands_and_deliveries() {
    let server = server(|config| config.presence.grace_ms = 0).await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let mut sockets = Vec::new();
    for person in [&company.owner, &mia, &mia] {
        sockets.push(Socket::follow_all(server.address, person.token()).await);
    }
    let bearer = "Bearer nonsense";
    let headers = [(http::header::AUTHORIZATION, bearer), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)];
    assert!(handshake(server.address, &headers).await.is_err());

    let message = json!({"room": room.id, "body": "hello", "idempotency_key": "one"});
    sockets[0].0.ask("message.send", message.clone()).await;
    sockets[0].0.ask("message.send", message).await;
    for (socket, _) in &mut sockets[1..] {
        socket.hear_event().await;
    }
    let made_up = json!({"stream": company.stream(), "made_up": 1});
    sockets[1].0.refused("subscribe", made_up, ErrorCode::InvalidRequest).await;
    sockets[1].0.refused("hello", json!({}), ErrorCode::UnexpectedCommand).await;
    let scrape = until(&server, |scrape| scrape.count("websocket_delivery_seconds_count", &[]) == 3).await;
    for gauge in ["websocket_connections", "websocket_tasks", "websocket_permits"] {
        assert_eq!(scrape.count(gauge, &[]), 3, "{gauge}");
    }
    assert_eq!(scrape.count("presence_entries", &[]), 2, "two people");
    // Each follows the company, the room and themselves.
    assert_eq!(scrape.count("websocket_subscriptions", &[]), 9);
    assert_eq!(scrape.count("websocket_frames_sent_total", &[("kind", "event")]), 3);
    let commands =
        |command, outcome| scrape.count("websocket_commands_total", &[("command", command), ("outcome", outcome)]);
    assert_eq!((commands("hello", "done"), commands("hello", "unexpected_command")), (3, 1));
    assert_eq!((commands("message.send", "done"), commands("unreadable", "invalid_request")), (2, 1));
    assert_eq!(scrape.count("websocket_frames_received_total", &[("kind", "text")]), 3 + 2 + 2);
    assert_eq!(scrape.count("http_refusals_total", &[("code", "handshake_refused")]), 1);
    assert_eq!(scrape.count("events_committed_total", &[("type", "message.created")]), 1, "a repeat is no event");

    // One comes back to where it was, one to where nobody ever was.
    let state = sockets[2].1.streams[0];
    for (seq, outcome) in [(state.seq, "recovered"), (state.seq + 1_000, "lost")] {
        let mut back = Socket::open(server.address, mia.token()).await;
        let position = json!({"stream": state.stream, "seq": seq, "epoch": state.epoch});
        back.hello(json!({"positions": [position], "follow": [state.stream]})).await;
        assert_eq!(Scrape::of(&server).await.count("websocket_resumes_total", &[("outcome", outcome)]), 1);
    }

    // By the client with a code, by the client without a word, and by the server.
    let (mut first, _) = sockets.remove(0);
    first.send(Message::Close(None)).await;
    first.until_closed().await;
    drop(sockets.remove(0));
    let disconnect = format!("/operator/users/{}/disconnect?reconnect=false", mia.id());
    RawRequest::api("POST", &disconnect).token(OPERATOR_TOKEN).send(server.address).await;
    let (mut last, _) = sockets.remove(0);
    assert_eq!(last.close_code().await, CloseCode::Forbidden.number());
    drop(last);
    let scrape = until(&server, |scrape| scrape.count("websocket_tasks", &[]) == 0).await;
    let opened = scrape.count("websocket_connections_opened_total", &[]);
    assert_eq!(opened, 5);
    assert_eq!(scrape.count("websocket_connections_closed_total", &[]), opened);
    assert_eq!(scrape.count("websocket_connection_duration_seconds_count", &[]), opened);
    assert!(scrape.count("websocket_connections_closed_total", &[("by", "server"), ("code", "4503")]) >= 1);
    assert_eq!(scrape.count("websocket_connections_closed_total", &[("by", "client"), ("code", "none")]), 1);
    let empty = until(&server, |scrape| scrape.count("presence_entries", &[]) == 0).await;
    for gauge in ["websocket_connections", "websocket_permits", "websocket_subscriptions", "websocket_queued_bytes"] {
        assert_eq!(empty.count(gauge, &[]), 0, "{gauge}");
    }
}

#[tokio::test]
async fn logins_limits_and_streams_below() {
    let server = server(|config| {
        config.limits.login_failures_per_minute = 2;
        config.limits.connections_per_address = 1;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let log_in = async |password: &str| -> RawAnswer {
        let body = json!({"email": "owner@acme.test", "password": password, "device": "test"}).to_string();
        RawRequest::api("POST", "/auth/login").json(body).send(server.address).await
    };
    assert_eq!(log_in("secret-1").await.status, 201);
    for _ in 0..3 {
        assert_eq!(log_in("wrong-1!").await.status, 401);
    }
    log_in("secret-1").await.refused(429, ErrorCode::RateLimited);
    let (_socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let bearer = format!("Bearer {}", company.owner.token());
    let headers = [(http::header::AUTHORIZATION, bearer.as_str()), (SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)];
    assert!(handshake(server.address, &headers).await.is_err());

    let scrape = Scrape::of(&server).await;
    let logins = ["succeeded", "failed", "refused"].map(|how| scrape.count("logins_total", &[("outcome", how)]));
    assert_eq!(logins, [1, 3, 1]);
    let hits = |limit| scrape.count("limit_hits_total", &[("limit", limit)]);
    assert_eq!((hits("login_failures"), hits("connections_per_address"), hits("connections")), (1, 1, 0));

    // A client that gives up before it is answered is not forgotten.
    let head =
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    let mut gone = TcpStream::connect(server.address).await.unwrap();
    gone.write_all(head.as_bytes()).await.unwrap();
    until(&server, |scrape| scrape.count("http_requests_in_flight", &[]) == 2).await;
    let open = Scrape::of(&server).await.count("http_connections", &[]);
    gone.set_zero_linger().unwrap();
    drop(gone);
    until(&server, |scrape| scrape.count("http_connections", &[]) == open - 1).await;
    assert_eq!(Scrape::of(&server).await.count("http_requests_in_flight", &[]), 1);
}
