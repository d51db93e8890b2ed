//! A stranger with a good token of another company: on every resource, as if it did not exist.

use serde_json::json;
use system::protocol::ErrorCode;

use super::unchanged::Unchanged;
use crate::support::{Company, LiveServer, RawRequest};

#[tokio::test]
async fn another_companys_owner_finds_nothing_and_changes_nothing() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let stranger = Company::register(server.address, "other").await;
    let (room, member) = (acme.room.id, acme.member.id());
    let streams = [format!("room:{room}"), acme.company.stream().to_string(), format!("user:{member}")];
    let mut requests = vec![
        ("GET", format!("/rooms/{room}"), json!(null)),
        ("GET", format!("/rooms/{room}/messages"), json!(null)),
        ("POST", format!("/rooms/{room}/messages"), json!({"body": "hi"})),
        ("PUT", format!("/rooms/{room}/members/{}", stranger.owner.id()), json!(null)),
        ("PUT", format!("/rooms/{room}/members/{member}"), json!(null)),
        ("DELETE", format!("/rooms/{room}/members/{member}"), json!(null)),
        ("GET", format!("/users/{member}"), json!(null)),
        ("PUT", format!("/users/{member}/role"), json!({"role": "guest"})),
        ("POST", format!("/users/{member}/deactivate"), json!(null)),
    ];
    for stream in streams {
        requests.push(("GET", format!("/streams/{stream}/snapshot"), json!(null)));
        requests.push(("GET", format!("/streams/{stream}/events"), json!(null)));
    }
    for (method, path, body) in requests {
        let request = RawRequest::api(method, &path).token(stranger.owner.token());
        let request = if body.is_null() { request } else { request.json(body.to_string()) };
        let answer = request.send(server.address).await;
        assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
        answer.refused(404, ErrorCode::NotFound);
    }
    for path in ["/rooms", "/users", "/presence", "/operator/connections"] {
        let answer = RawRequest::api("GET", path).token(stranger.owner.token()).send(server.address).await;
        assert_eq!(answer.status, 200);
        for id in [room.to_string(), member.to_string(), acme.company.owner.id().to_string()] {
            assert!(!answer.body.contains(&id), "{path} tells of {id}: {}", answer.body);
        }
    }
    // Somebody of this company cannot be brought into a room of that one, nor the other way round.
    let theirs = stranger.room("theirs", system::protocol::Visibility::Public, &[]).await;
    let add = RawRequest::api("PUT", &format!("/rooms/{}/members/{member}", theirs.id)).token(stranger.owner.token());
    add.send(server.address).await.refused(404, ErrorCode::NotFound);
    acme.check().await;
}

#[tokio::test]
async fn a_role_that_is_too_low_changes_nothing() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let (member, owner, room) = (acme.member.id(), acme.company.owner.id(), acme.room.id);
    let user = json!({"email": "x@acme.test", "name": "X", "password": "secret-1", "role": "guest"});
    for (person, method, path, body) in [
        (&acme.member, "POST", "/users".to_owned(), user),
        (&acme.member, "PUT", format!("/users/{member}/role"), json!({"role": "owner"})),
        (&acme.member, "POST", format!("/users/{owner}/deactivate"), json!({})),
        (&acme.member, "GET", "/operator/connections".to_owned(), json!({})),
        (&acme.guest, "POST", "/rooms".to_owned(), json!({"name": "mine", "visibility": "public"})),
        (&acme.guest, "GET", "/users".to_owned(), json!({})),
        (&acme.guest, "GET", "/presence".to_owned(), json!({})),
        (&acme.guest, "DELETE", format!("/rooms/{room}/members/{member}"), json!({})),
        (&acme.guest, "PUT", format!("/rooms/{room}/members/{owner}"), json!({})),
    ] {
        let request = RawRequest::api(method, &path).token(person.token()).json(body.to_string());
        let answer = request.send(server.address).await;
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        answer.refused(403, ErrorCode::Forbidden);
    }
    let last = RawRequest::api("POST", &format!("/users/{owner}/deactivate")).token(acme.company.owner.token());
    last.send(server.address).await.refused(409, ErrorCode::LastOwner);
    acme.check().await;
}
