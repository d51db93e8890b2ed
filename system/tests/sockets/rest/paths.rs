//! Paths and methods that are not there, and correlation ids.

use system::protocol::ErrorCode;

use super::unchanged::Unchanged;
use crate::support::{LiveServer, RawRequest};

#[tokio::test]
async fn what_is_not_there() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let owner = acme.company.owner.token();
    let nobody = "01890000-0000-7000-8000-000000000001";
    for path in [
        "/nothing".to_owned(),
        "/rooms/".to_owned(),
        "/rooms/7".to_owned(),
        format!("/rooms/{nobody}"),
        format!("/rooms/{nobody}/messages"),
        format!("/users/{nobody}"),
        "/users/nobody".to_owned(),
        "/streams/general/events".to_owned(),
        format!("/streams/room:{nobody}/snapshot"),
        format!("/streams/company:{nobody}/events"),
        format!("/streams/thing:{nobody}/events"),
        "/rooms/%ff".to_owned(),
    ] {
        RawRequest::api("GET", &path).token(owner).send(server.address).await.refused(404, ErrorCode::NotFound);
    }
    for path in ["/", "/api/v1", "/api/v2/rooms", "/rooms", "/../etc/passwd"] {
        RawRequest::new("GET", path).token(owner).send(server.address).await.refused(404, ErrorCode::NotFound);
    }
    acme.check().await;
}

#[tokio::test]
async fn what_is_there_but_not_with_this_method() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    for (method, path, allowed) in [
        ("DELETE", "/api/v1/rooms".to_owned(), "GET,HEAD,POST"),
        ("PATCH", format!("/api/v1{}", acme.messages()), "GET,HEAD,POST"),
        ("GET", "/api/v1/auth/login".to_owned(), "POST"),
        ("POST", format!("/api/v1/rooms/{}/members/{}", acme.room.id, acme.member.id()), "PUT,DELETE"),
        ("POST", "/ws".to_owned(), "GET,HEAD"),
        ("PUT", "/health".to_owned(), "GET,HEAD"),
    ] {
        let request = RawRequest::new(method, &path).token(acme.company.owner.token());
        let answer = request.send(server.address).await;
        answer.refused(405, ErrorCode::MethodNotAllowed);
        assert_eq!(answer.headers.get("allow").map(String::as_str), Some(allowed), "{method} {path}");
    }
    acme.check().await;
}

#[tokio::test]
async fn a_correlation_id_comes_back_and_a_bad_one_is_replaced() {
    let server = LiveServer::start().await;
    let request = RawRequest::api("GET", "/nothing");
    let given = request.clone().header("X-Correlation-Id", "trace-7").send(server.address).await;
    assert_eq!(given.problem().correlation_id, "trace-7");
    for bad in ["two words", "", &"x".repeat(65)] {
        let answer = request.clone().header("X-Correlation-Id", bad).send(server.address).await;
        let id = answer.problem().correlation_id;
        assert!(id != bad && id.len() == 36, "{id}");
    }
    let health = RawRequest::new("GET", "/health").header("X-Correlation-Id", "trace-8").send(server.address).await;
    assert_eq!((health.status, health.headers["x-correlation-id"].as_str()), (204, "trace-8"));
}
