//! A stranger with a good token of another company: on every route that takes an identifier, as if nothing existed
//! (REQUIREMENTS.md WS-5).

use serde_json::json;
use system::protocol::{ErrorCode, NewFile, Role, Visibility};

use super::routes::{Route, with_token};
use super::things::Things;
use super::unchanged::Unchanged;
use crate::support::{Company, LiveServer, RawAnswer, RawRequest, whole_state};

/// Every route that takes an identifier, in an order in which each can be called by who may: a connection ends before its
/// user, and a room after what is in it.
fn with_id() -> Vec<Route> {
    let mut routes: Vec<Route> = with_token().into_iter().filter(Route::takes_id).collect();
    routes.sort_by_cached_key(|route| {
        let last = route.path.rsplit('/').next().unwrap();
        let rank = match (route.method.as_str(), last) {
            ("GET" | "HEAD", _) => 0,
            (_, "archive" | "unarchive" | "activate" | "deactivate") => 2,
            ("DELETE", _) if !route.path.contains("/connections/") => 3,
            _ => 1,
        };
        (rank, std::cmp::Reverse(if rank == 3 { route.path.len() } else { 0 }), route.path.clone())
    });
    routes
}

#[track_caller]
fn assert_nothing(route: &Route, answer: &RawAnswer) {
    assert_eq!(answer.status, 404, "{} {} ({}): {answer:?}", route.method, route.path, route.name);
    if route.method != "HEAD" {
        answer.refused(404, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn another_companys_owner_finds_nothing_and_changes_nothing() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let member = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&member]).await;
    let acme = Things::of(&company, &member, room.id).await;
    let stranger = Company::register(server.address, "other").await;
    let theirs = stranger.room("theirs", Visibility::Public, &[]).await;
    let before = whole_state(&company.rest, company.owner.token(), company.stream()).await.unwrap();

    for route in with_id() {
        let answer = acme.request(&route).token(stranger.owner.token()).send(server.address).await;
        assert_nothing(&route, &answer);
        // A room of their own opens nothing of another's. Whoever is not in a room can be removed from it without effect,
        // so that tells nothing of who exists.
        if route.path.matches('{').count() > 1 && route.name != "members.remove" {
            let path = route.at(|before, name| match before {
                "rooms" => theirs.id.to_string(),
                _ => acme.identify(&route, before, name),
            });
            let request = route.request(&path, acme.body(&route).as_ref()).token(stranger.owner.token());
            assert_nothing(&route, &request.send(server.address).await);
        }
    }
    for stream in [format!("company:{}", acme.company), format!("user:{}", acme.member)] {
        for path in [format!("/streams/{stream}/snapshot"), format!("/streams/{stream}/events")] {
            let answer = RawRequest::api("GET", &path).token(stranger.owner.token()).send(server.address).await;
            answer.refused(404, ErrorCode::NotFound);
        }
    }
    // What goes by a body or a header rather than by the path.
    let room = &acme.room;
    let uploads = RawRequest::api("POST", "/files").header("Tus-Resumable", "1.0.0").header("Upload-Length", "3");
    let metadata = NewFile { name: "a".into(), content_type: "a/b".into(), room: Some(room.parse().unwrap()), size: 3 };
    let uploads = uploads.header("Upload-Metadata", &metadata.to_metadata()).token(stranger.owner.token());
    uploads.send(server.address).await.refused(404, ErrorCode::NotFound);
    let opening = RawRequest::api("POST", &format!("/rooms/{}/threads", theirs.id)).token(stranger.owner.token());
    let opening = opening.json(json!({"message": acme.message}).to_string());
    opening.send(server.address).await.refused(404, ErrorCode::NotFound);

    for route in with_token().iter().filter(|route| route.method == "GET" && !route.takes_id()) {
        let answer = route.request(&route.path, None).token(stranger.owner.token()).send(server.address).await;
        assert_eq!(answer.status, if route.is_server_wide() { 403 } else { 200 }, "{}: {answer:?}", route.name);
        for id in acme.all() {
            assert!(!answer.body.contains(id), "{} tells of {id}: {}", route.name, answer.body);
        }
    }
    assert_eq!(whole_state(&company.rest, company.owner.token(), company.stream()).await.unwrap(), before);

    // The very same requests, by who may: nothing but the stranger was wrong with them.
    for route in with_id() {
        let answer = acme.request(&route).token(company.owner.token()).send(server.address).await;
        let fine = (200..300).contains(&answer.status);
        // A file that is not complete yet is there, and cannot be read.
        let unfinished = route.name == "downloads.read" && answer.status == 409;
        assert!(fine || unfinished, "{} {} ({}): {answer:?}", route.method, route.path, route.name);
    }
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
