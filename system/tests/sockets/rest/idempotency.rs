//! Idempotency keys (PROTOCOL.md, promise 8; REQUIREMENTS.md CG-3).

use serde_json::{Value, json};
use system::protocol::ErrorCode;

use super::unchanged::Unchanged;
use crate::support::{LiveServer, RawRequest, whole_state};

const KEY: &str = "Idempotency-Key";
const REPLAYED: &str = "idempotency-replayed";

#[tokio::test]
async fn a_repeat_gives_the_first_answer_and_another_body_is_refused() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let owner = acme.company.owner.token();
    let user = json!({"email": "new@acme.test", "name": "New", "password": "secret-1", "role": "member"});
    for (path, body, field, other) in [
        ("/rooms".to_owned(), json!({"name": "a", "visibility": "public"}), "name", "b"),
        (acme.messages(), json!({"body": "once"}), "body", "twice"),
        ("/users".to_owned(), user.clone(), "name", "Newer"),
        // Only a hash of the password is kept, and it is enough to tell another one.
        ("/users".to_owned(), user, "password", "secret-2"),
    ] {
        let key = format!("key-of-{field}");
        let request =
            |body: &Value| RawRequest::api("POST", &path).token(owner).header(KEY, &key).json(body.to_string());
        let mut body = body;
        if field == "password" {
            body["email"] = json!("newest@acme.test");
        }
        let first = request(&body).send(server.address).await;
        assert_eq!((first.status, first.headers.get(REPLAYED)), (201, None), "{first:?}");
        let after_first = whole_state(&acme.company.rest, owner, acme.company.stream()).await.unwrap();
        let again = request(&body).send(server.address).await;
        assert_eq!((again.status, again.headers.get(REPLAYED).map(String::as_str)), (201, Some("true")));
        assert_eq!(again.json(), first.json());
        body[field] = json!(other);
        request(&body).send(server.address).await.refused(409, ErrorCode::IdempotencyKeyReused);
        let after_all = whole_state(&acme.company.rest, owner, acme.company.stream()).await.unwrap();
        assert_eq!(after_all, after_first);
    }
}

#[tokio::test]
async fn a_repeated_registration_is_a_login() {
    let server = LiveServer::start().await;
    let body = json!({
        "company": "Acme", "email": "ana@acme.test", "name": "Ana", "password": "secret-1", "device": "shell"
    });
    let request = |body: &Value| RawRequest::api("POST", "/auth/register").header(KEY, "k").json(body.to_string());
    let first = request(&body).send(server.address).await;
    let again = request(&body).send(server.address).await;
    assert_eq!((first.status, first.headers.get(REPLAYED)), (201, None));
    assert_eq!((again.status, again.headers.get(REPLAYED).map(String::as_str)), (201, Some("true")));
    assert_eq!(again.json()["user"], first.json()["user"]);
    assert_ne!(again.json()["session"], first.json()["session"], "no token is kept, so the session is another");

    let mut other = body.clone();
    other["password"] = json!("secret-2");
    request(&other).send(server.address).await.refused(409, ErrorCode::IdempotencyKeyReused);
    let taken = RawRequest::api("POST", "/auth/register").header(KEY, "another").json(body.to_string());
    taken.send(server.address).await.refused(409, ErrorCode::EmailTaken);
}

#[tokio::test]
async fn the_same_key_of_another_user_is_another_key() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let mut ids = Vec::new();
    for person in [&acme.company.owner, &acme.member] {
        let request = RawRequest::api("POST", &acme.messages()).token(person.token()).header(KEY, "k");
        let answer = request.json(json!({"body": "hi"}).to_string()).send(server.address).await;
        assert_eq!((answer.status, answer.headers.get(REPLAYED)), (201, None));
        ids.push(answer.json()["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    for key in ["", "two words", "schl\u{fc}ssel", &"x".repeat(65)] {
        let request = RawRequest::api("POST", &acme.messages()).token(acme.company.owner.token()).header(KEY, key);
        let answer = request.json(json!({"body": "hi"}).to_string()).send(server.address).await;
        answer.refused(422, ErrorCode::InvalidValue);
        assert_eq!(answer.problem().errors[0].field, KEY);
    }
    acme.check().await;
}
