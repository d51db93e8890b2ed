//! What only the server's operator may do: drain it, and back it up while it runs (PROTOCOL.md, promise 12).

use std::fs;

use serde_json::json;
use system::config::Secret;
use system::protocol::{CloseCode, ErrorCode, Role, Visibility};

use super::runs::{DATA, OPERATOR_TOKEN, SERVE, ended, stop};
use crate::support::{Company, LiveServer, Program, RawRequest, Socket, refused, whole_state};

const SERVER_WIDE: [(&str, &str); 6] = [
    ("GET", "/operator/drain"),
    ("POST", "/operator/drain"),
    ("DELETE", "/operator/drain"),
    ("GET", "/operator/backup"),
    ("GET", "/operator/signing-key"),
    ("POST", "/operator/signing-key/rotate"),
];

#[tokio::test]
async fn nobody_else_is_an_operator_of_the_server() {
    for token in ["", OPERATOR_TOKEN] {
        let server = LiveServer::with(|config| config.operator.token = Secret::new(token)).await;
        let company = Company::register(server.address, "acme").await;
        for (method, path) in SERVER_WIDE {
            let request = || RawRequest::api(method, path).json("{}");
            request().send(server.address).await.refused(401, ErrorCode::Unauthenticated);
            for wrong in [company.owner.token(), "0123456789abcdef-no", &OPERATOR_TOKEN[1..], "x"] {
                let detail = request().token(wrong).send(server.address).await.refused(403, ErrorCode::Forbidden);
                assert!(detail.contains("operator.token_file"), "{detail}");
            }
            if token.is_empty() {
                let empty = request().header("Authorization", "Bearer ").send(server.address).await;
                empty.refused(401, ErrorCode::Unauthenticated);
            }
        }
        assert_eq!(RawRequest::new("GET", "/ready").send(server.address).await.status, 204);
    }
}

#[tokio::test]
async fn a_drained_server_tells_everybody_takes_nobody_and_can_be_taken_back() {
    let server = LiveServer::with(|config| config.operator.token = Secret::new(OPERATOR_TOKEN)).await;
    let company = Company::register(server.address, "acme").await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(Socket::follow_all(server.address, company.owner.token()).await.0);
    }
    let drain = async |method: &str, body: serde_json::Value| {
        let request = RawRequest::api(method, "/operator/drain").token(OPERATOR_TOKEN);
        if method == "POST" { request.json(body.to_string()) } else { request }.send(server.address).await
    };
    drain("POST", json!({"jitter_ms": 600_001})).await.refused(422, ErrorCode::InvalidValue);
    assert_eq!(drain("GET", json!({})).await.json(), json!({"draining": false, "connections": 5}));
    let begun = drain("POST", json!({"jitter_ms": 200})).await;
    assert_eq!((begun.status, &begun.json()["draining"]), (200, &json!(true)));
    // What is told now is told to everybody who is there, and asked again it is the same.
    assert_eq!(drain("POST", json!({"jitter_ms": 200})).await.status, 200);
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, CloseCode::ServiceRestart.number());
    }
    RawRequest::new("GET", "/ready").send(server.address).await.refused(503, ErrorCode::Unavailable);
    let upgrade = RawRequest::new("GET", "/ws").token(company.owner.token()).send(server.address).await;
    upgrade.refused(503, ErrorCode::Unavailable);
    assert!(company.rest.rooms(company.owner.token(), None).await.is_ok(), "REST goes on");
    assert_eq!(RawRequest::new("GET", "/health").send(server.address).await.status, 204);

    assert_eq!(drain("DELETE", json!({})).await.status, 204);
    assert_eq!(RawRequest::new("GET", "/ready").send(server.address).await.status, 204);
    Socket::follow_all(server.address, company.owner.token()).await.0.assert_open().await;
}

#[tokio::test]
async fn a_running_server_is_backed_up_as_of_one_moment() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("token"), format!("{OPERATOR_TOKEN}\n")).unwrap();
    let environment = [("STORMGLASS_OPERATOR__TOKEN_FILE", "token")];
    let program = Program::try_start(directory.path(), &SERVE, &environment).await.unwrap();
    let company = Company::register(program.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    for number in 0..150 {
        company.post(room.id, &format!("message {number} {}", "x".repeat(4_000))).await;
    }
    let server = program.address.to_string();
    let backup = ["backup", "--to", "b", "--server", &server];
    let (_, said) = ended(1, refused(directory.path(), &backup, &[]).await);
    assert!(said.contains("operator.token_file"), "{said}");
    let wrong = [("STORMGLASS_OPERATOR__TOKEN", "0123456789abcdef")];
    let (_, said) = ended(1, refused(directory.path(), &backup, &wrong).await);
    assert!(said.contains("This is not allowed"), "{said}");
    assert!(!directory.path().join("b").exists() && !directory.path().join("b.partial").exists());

    // Somebody talks meanwhile: the backup has a beginning of it, and what it has fits together.
    let talking = async {
        for number in 0..40 {
            company.post(room.id, &format!("meanwhile {number}")).await;
        }
    };
    let (run, ()) = tokio::join!(refused(directory.path(), &backup, &environment), talking);
    let (told, _) = ended(0, run);
    assert!(told.contains("read back and checked"), "{told}");
    stop(program).await;
    let restore = ["restore", "--from", "b", "--data-directory", "new"];
    let (_, said) = ended(0, refused(directory.path(), &restore, &[]).await);
    assert_eq!(said, "");
    let arguments = ["--listen", "127.0.0.1:0", "--data-directory", "new"];
    let program = Program::start(directory.path(), &arguments).await;
    let company = company.at(program.address);
    let owner = company.log_in("owner@acme.test").await;
    let (stream, token) = (system::protocol::StreamId::Room(room.id), owner.token());
    let seq = company.rest.snapshot(token, stream).await.unwrap().seq;
    assert!((153..=193).contains(&seq), "everything from before, and some of what came meanwhile: {seq}");
    assert!(whole_state(&company.rest, token, company.stream()).await.is_ok());
    assert!(directory.path().join(DATA).exists());
}

#[tokio::test]
async fn health_is_an_exit_code() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::start(directory.path(), &SERVE).await;
    let server = program.address.to_string();
    let health = ["health", "--server", &server];
    let (told, said) = ended(0, refused(directory.path(), &health, &[]).await);
    assert_eq!((told.as_str(), said.as_str()), ("", ""));
    stop(program).await;
    let (_, said) = ended(2, refused(directory.path(), &health, &[]).await);
    assert!(said.contains("is not ready"), "{said}");
}
