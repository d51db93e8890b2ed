//! Bodies that are not what they should be (REQUIREMENTS.md WS-13 for REST).

use serde_json::json;
use system::protocol::ErrorCode;

use super::unchanged::Unchanged;
use crate::support::{LiveServer, RawRequest};

#[tokio::test]
async fn not_of_the_schema() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let owner = acme.company.owner.token();
    let role = format!("/users/{}/role", acme.member.id());
    for (method, path, body, said) in [
        ("POST", "/rooms", "{", "EOF"),
        ("POST", "/rooms", "", "EOF"),
        ("POST", "/rooms", "name=general", "expected"),
        ("POST", "/rooms", "[]", "invalid"),
        ("POST", "/rooms", "null", "invalid type"),
        ("POST", "/rooms", r#"{"name":"a","visibility":"public"} {}"#, "trailing"),
        ("POST", "/rooms", r#"{"name":"a","name":"b","visibility":"public"}"#, "duplicate field `name`"),
        ("POST", "/rooms", r#"{"name":"a","visibility":"public","topic":"x"}"#, "unknown field `topic`"),
        ("POST", "/rooms", r#"{"name":7,"visibility":"public"}"#, "invalid type: integer `7`, expected a string"),
        ("POST", "/rooms", r#"{"name":"a"}"#, "missing field `visibility`"),
        ("POST", "/rooms", r#"{"name":"a","visibility":"secret"}"#, "unknown variant `secret`"),
        ("POST", &acme.messages(), r#"{"body":null}"#, "invalid type: null"),
        ("POST", "/users", r#"{"email":"x@acme.test"}"#, "missing field"),
        ("PUT", &role, r#"{"role":"emperor"}"#, "unknown variant `emperor`"),
        ("POST", "/auth/register", r#"{"company":"x"}"#, "missing field"),
        ("POST", "/auth/login", r#"{"email":"owner@acme.test","password":1,"device":"d"}"#, "expected a string"),
        ("POST", "/auth/refresh", r#"{"refresh_token":"x","device":"d"}"#, "unknown field `device`"),
    ] {
        let answer = RawRequest::api(method, path).token(owner).json(body).send(server.address).await;
        let detail = answer.refused(400, ErrorCode::InvalidRequest);
        assert!(detail.contains(said), "{body}: {said:?} is not in {detail:?}");
    }
    let not_utf8 =
        RawRequest::api("POST", "/rooms").token(owner).json(b"{\"name\":\"\xff\",\"visibility\":\"public\"}");
    not_utf8.send(server.address).await.refused(400, ErrorCode::InvalidRequest);
    acme.check().await;
}

#[tokio::test]
async fn out_of_bounds() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let owner = acme.company.owner.token();
    let long = "x".repeat(8_001);
    let user =
        |email: &str, password: &str| json!({"email": email, "name": "N", "password": password, "role": "guest"});
    for (path, body, fields) in [
        ("/rooms", json!({"name": "  ", "visibility": "public"}), &["name"][..]),
        ("/rooms", json!({"name": &long[..101], "visibility": "public"}), &["name"]),
        ("/rooms", json!({"name": "a\u{7}b", "visibility": "public"}), &["name"]),
        (&acme.messages(), json!({"body": ""}), &["body"]),
        (&acme.messages(), json!({"body": long}), &["body"]),
        ("/users", user("nobody", "secret-1"), &["email"]),
        ("/users", user("x@acme.test", "secret11"), &["password"]),
        ("/users", user("", "short-1"), &["email", "password"]),
    ] {
        let answer = RawRequest::api("POST", path).token(owner).json(body.to_string()).send(server.address).await;
        answer.refused(422, ErrorCode::InvalidValue);
        let problem = answer.problem();
        let named: Vec<&str> = problem.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, fields, "{body}");
    }
    acme.check().await;
}

#[tokio::test]
async fn too_large_whether_its_length_is_told_or_not() {
    let server = LiveServer::with(|config| config.http.body_bytes = 2_000).await;
    let acme = Unchanged::on(&server).await;
    let owner = acme.company.owner.token();
    let fits = json!({"body": "x".repeat(1_900)}).to_string();
    let large = json!({"body": "x".repeat(2_000)}).to_string();
    let request = |body: &str| RawRequest::api("POST", &acme.messages()).token(owner).json(body);
    for request in [request(&large), request(&large).chunked()] {
        let detail = request.send(server.address).await.refused(413, ErrorCode::TooLarge);
        assert!(detail.contains("2000 bytes"), "{detail}");
    }
    acme.check().await;
    for request in [request(&fits), request(&fits).chunked()] {
        assert_eq!(request.send(server.address).await.status, 201);
    }
}

#[tokio::test]
async fn not_json_by_its_own_word() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let body = json!({"body": "hi"}).to_string();
    let request = RawRequest::api("POST", &acme.messages()).token(acme.company.owner.token()).body(&body);
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let answer = request.clone().header("Content-Type", media_type).send(server.address).await;
        answer.refused(415, ErrorCode::UnsupportedMediaType);
    }
    request.send(server.address).await.refused(415, ErrorCode::UnsupportedMediaType);
    acme.check().await;
    let answer = request.header("Content-Type", "Application/JSON; charset=utf-8").send(server.address).await;
    assert_eq!(answer.status, 201);
}
