//! The log: one correlation id from a request to the pushes that it caused, and never a secret.
//!
//! REQUIREMENTS.md IT-10, WS-9, WS-14.

use std::path::Path;

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use serde_json::{Value, json};
use system::protocol::{ErrorCode, Role, SUBPROTOCOL, ServerFrame, Visibility};

use super::runs::{OPERATOR_TOKEN, SERVE};
use crate::support::{Company, Program, RawRequest, Socket, handshake, refused};

/// Everything that our own code and its libraries say at `debug`, as JSON.
const ALL: [(&str, &str); 3] = [
    ("RUST_LOG", "debug,stormglass=trace"),
    ("STORMGLASS_LOG__FORMAT", "json"),
    ("STORMGLASS_OPERATOR__TOKEN", OPERATOR_TOKEN),
];

async fn program(directory: &Path) -> Program {
    Program::try_start(directory, &SERVE, &ALL).await.unwrap()
}

/// The lines of the log, each of which must be an object.
fn lines(program: &Program) -> Vec<Value> {
    program.stderr().lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[tokio::test]
async fn a_correlation_id_reaches_from_the_request_to_the_pushes_that_it_caused() {
    let directory = tempfile::tempdir().unwrap();
    let program = program(directory.path()).await;
    let company = Company::register(program.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let (mut socket, _) = Socket::follow_all(program.address, mia.token()).await;
    let path = format!("/rooms/{}/messages", room.id);
    let post = RawRequest::api("POST", &path).token(company.owner.token()).header("X-Correlation-Id", "trace-me");
    let posted = post.json(json!({"body": "hello"}).to_string()).send(program.address).await;
    assert_eq!((posted.status, posted.headers["x-correlation-id"].as_str()), (201, "trace-me"));
    let ServerFrame::Event(event) = socket.hear().await else { panic!("no event") };
    assert_eq!(event.correlation_id, "trace-me");

    let lines = lines(&program);
    let of_request: Vec<_> = lines.iter().filter(|line| line["correlation_id"] == "trace-me").collect();
    let targets: Vec<_> = of_request.iter().map(|line| line["target"].as_str().unwrap()).collect();
    assert_eq!(targets, ["stormglass::commit", "stormglass::delivery", "stormglass::http"]);
    let answered = of_request[2];
    assert_eq!((&answered["status"], &answered["method"]), (&json!(201), &json!("POST")));
    assert!(answered["took_ms"].is_u64() && answered["path"].as_str().unwrap().ends_with(&path));

    drop(socket);
    let told = |line: &&Value| line["message"] == "connected" && line["correlation_id"].is_string();
    assert_eq!(lines.iter().filter(told).count(), 1);
    RawRequest::new("GET", "/ready").send(program.address).await;
    let answered = |line: &&Value| line["path"] == "/ready" && line["level"] != "TRACE";
    assert_eq!(self::lines(&program).iter().filter(answered).count(), 0, "probes do not bury the rest");
}

/// Connect, disconnect and error, and each command between them, under correlation ids (REQUIREMENTS.md WS-9, WS-14).
#[tokio::test]
async fn a_connections_life_is_logged() {
    let directory = tempfile::tempdir().unwrap();
    let program = program(directory.path()).await;
    let company = Company::register(program.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let (mut socket, _) = Socket::follow_all(program.address, company.owner.token()).await;
    let message = json!({"room": room.id, "body": "hello", "idempotency_key": "one"});
    socket.say(json!({"type": "message.send", "id": "1", "data": message})).await;
    let ServerFrame::Event(event) = socket.hear().await else { panic!("the event comes before its acknowledgement") };
    let refusal = socket.refused("hello", json!({}), ErrorCode::UnexpectedCommand).await;
    let broken = tokio_tungstenite::tungstenite::protocol::frame::Frame::message(
        vec![0xff],
        tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode::Data(
            tokio_tungstenite::tungstenite::protocol::frame::coding::Data::Text,
        ),
        true,
    );
    socket.send(tokio_tungstenite::tungstenite::Message::Frame(broken)).await;
    assert_eq!(socket.close_code().await, system::protocol::CloseCode::InvalidData.number());
    RawRequest::new("GET", "/health").send(program.address).await;

    let lines = lines(&program);
    let told = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    let [connected, disconnected] = ["connected", "disconnected"].map(|message| told(message)[0]);
    let of_life = |line: &Value| (line["connection"].clone(), line["user"].clone(), line["correlation_id"].clone());
    assert_eq!(of_life(connected), of_life(disconnected));
    assert_eq!((&disconnected["code"], &disconnected["how"]), (&json!(1007), &json!("closed by the server")));
    let handled = told("handled");
    let of = |correlation: &str| handled.iter().find(|line| line["correlation_id"] == correlation).unwrap();
    let sent = of(&event.correlation_id);
    assert_eq!((&sent["command"], &sent["refusal"]), (&json!("message.send"), &json!("None")));
    assert!(sent["took_ms"].is_u64() && sent["connection"] == connected["connection"]);
    let refused = of(&refusal.correlation_id);
    assert_eq!((&refused["command"], &refused["refusal"]), (&json!("hello"), &json!("Some(UnexpectedCommand)")));
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    let directory = tempfile::tempdir().unwrap();
    let program = program(directory.path()).await;
    let address = program.address;
    let company = Company::register(address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    company.post(room.id, "a-message-that-is-private").await;
    let tokens = &mia.session.tokens;
    let refreshed = company.rest.refresh(&tokens.refresh_token).await.unwrap();

    // By header and by subprotocol, in place, and each refused as well.
    let mut socket = Socket::follow_all(address, mia.token()).await.0;
    socket.ask("auth.refresh", json!({"token": refreshed.access_token})).await;
    socket.refused("auth.refresh", json!({"token": "forged-token-1"}), ErrorCode::Unauthenticated).await;
    socket.say_text("{\"type\":\"auth.refresh\",\"data\":{\"token\":\"torn-token-1").await;
    socket.hear_error().await;
    for token in [mia.token(), "forged-token-2"] {
        let protocols = format!("{SUBPROTOCOL}, bearer.{token}");
        drop(handshake(address, &[(SEC_WEBSOCKET_PROTOCOL, protocols.as_str())]).await);
        let bearer = format!("Bearer {token}");
        drop(handshake(address, &[(AUTHORIZATION, bearer.as_str())]).await);
    }
    let login = |password: &str| {
        let body = json!({"email": "mia@acme.test", "password": password, "device": "x"});
        RawRequest::api("POST", "/auth/login").json(body.to_string())
    };
    login("wrong-password-1").send(address).await.refused(401, ErrorCode::WrongCredentials);
    RawRequest::api("POST", "/auth/login").json("{\"password\": \"torn-password-1").send(address).await;
    RawRequest::api("POST", "/auth/refresh")
        .json(json!({"refresh_token": "forged-refresh-1"}).to_string())
        .send(address)
        .await;
    for token in [OPERATOR_TOKEN, "wrong-operator-token"] {
        RawRequest::api("GET", "/operator/drain").token(token).send(address).await;
    }

    let log = program.stderr();
    assert!(log.contains("/api/v1/auth/login") && log.contains("connected"), "the log tells of all this");
    let secrets = [
        "secret-1",
        "wrong-password-1",
        "torn-password-1",
        "forged-",
        "torn-token-1",
        OPERATOR_TOKEN,
        "wrong-operator-token",
        "a-message-that-is-private",
        &tokens.access_token,
        &tokens.refresh_token,
        &refreshed.access_token,
        &refreshed.refresh_token,
        company.owner.token(),
        "$argon2",
        "eyJ",
    ];
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in the log: {line:?}");
    }
}

#[tokio::test]
async fn a_filter_or_format_that_is_none_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    for (name, value, said) in [
        ("STORMGLASS_LOG__FILTER", "loud=very=much", "`log.filter` is no filter"),
        ("RUST_LOG", "loud=very=much", "RUST_LOG is no filter"),
        ("STORMGLASS_LOG__FORMAT", "xml", "STORMGLASS_LOG__FORMAT"),
    ] {
        let run = refused(directory.path(), &SERVE, &[(name, value)]).await;
        assert_eq!(run.code, Some(64), "{run:?}");
        assert!(run.stderr.contains(said), "{run:?}");
    }
}
