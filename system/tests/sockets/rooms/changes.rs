//! Renames, and versions that conflict (REQUIREMENTS.md IT-4).

use serde_json::{Value, json};
use system::protocol::{CreateRoom, ErrorCode, EventBody, Role, ServerFrame, StreamId, UpdateRoom, Visibility};

use crate::support::{Company, LiveServer, Person, RawRequest, Socket};

fn named(name: &str) -> UpdateRoom {
    UpdateRoom { name: Some(name.to_owned()), visibility: None }
}

/// IT-3, IT-13: the answer, the event in the room and the event in the company are the same object.
#[tokio::test]
async fn a_rename_is_one_object_in_the_answer_and_on_both_streams() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;

    let renamed = company.rest.update_room(mia.token(), room.id, &named("square"), None).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.version, room.version), ("square", 2, 1));
    for stream in [StreamId::Room(room.id), company.stream()] {
        match socket.hear().await {
            ServerFrame::Event(event) => {
                assert_eq!((event.stream, event.sender), (stream, mia.id()));
                assert_eq!(event.body, EventBody::RoomUpdated(renamed.clone()));
            }
            other => panic!("no event: {other:?}"),
        }
    }
    // What it is already is no change, and no event.
    let again = company.rest.update_room(mia.token(), room.id, &named("square"), Some(1)).await.unwrap();
    assert_eq!(again, renamed);
    company.post(room.id, "next").await;
    assert_eq!(socket.hear_event().await.0, StreamId::Room(room.id));
}

/// CG-4: who changes what somebody else has changed meanwhile is told so, and changes nothing.
#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let (token, path) = (company.owner.token(), format!("/rooms/{}", room.id));
    let read = RawRequest::api("GET", &path).token(token).send(server.address).await;
    assert_eq!(read.headers["etag"], "\"1\"");
    let change = |name: &str, tag: &str| {
        RawRequest::api("PATCH", &path).token(token).header("If-Match", tag).json(json!({ "name": name }).to_string())
    };
    let first = change("one", "\"1\"").send(server.address).await;
    assert_eq!((first.status, first.headers["etag"].as_str()), (200, "\"2\""), "{first:?}");
    for tag in ["\"1\"", "\"7\"", "W/\"2\"", "\"abc\""] {
        change("two", tag).send(server.address).await.refused(412, ErrorCode::VersionConflict);
    }
    change("two", "2").send(server.address).await.refused(400, ErrorCode::InvalidRequest);
    for path in [format!("{path}/archive"), format!("{path}/unarchive")] {
        let archive = RawRequest::api("POST", &path).token(token).header("If-Match", "\"1\"");
        let answer = archive.send(server.address).await;
        if path.ends_with("/archive") {
            answer.refused(412, ErrorCode::VersionConflict);
        } else {
            assert_eq!(answer.status, 200, "it is in use already: {answer:?}");
        }
    }
    let delete = RawRequest::api("DELETE", &path).token(token).header("If-Match", "\"1\"");
    delete.send(server.address).await.refused(412, ErrorCode::VersionConflict);
    assert_eq!(change("two", "\"1\", \"2\"").send(server.address).await.status, 200);
    assert_eq!(change("three", "*").send(server.address).await.json()["version"], 4);
}

#[tokio::test]
async fn concurrent_changes_from_one_version_let_exactly_one_through() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let path = format!("/rooms/{}", room.id);
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..8 {
        let body = json!({ "name": format!("name {number}") }).to_string();
        let change = RawRequest::api("PATCH", &path).token(company.owner.token()).header("If-Match", "\"1\"");
        let address = server.address;
        changes.spawn(async move { change.json(body).send(address).await.status });
    }
    let mut statuses = changes.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

/// WS-5: everything that a role or a membership does not allow is refused, and changes nothing.
#[tokio::test]
async fn who_may_change_a_room_and_who_may_not() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let ana = company.hire("ana", Role::Member).await;
    let ben = company.hire("ben", Role::Member).await;
    let cleo = company.hire("cleo", Role::Member).await;
    let admin = company.hire("admin", Role::Admin).await;
    let guest = company.hire("gus", Role::Guest).await;
    let body = CreateRoom { name: "anas".into(), visibility: Visibility::Private };
    let room = company.rest.create_room(ana.token(), &body, &company.key()).await.unwrap();
    for person in [&ben, &guest] {
        company.rest.add_member(ana.token(), room.id, person.id()).await.unwrap();
    }
    let path = format!("/rooms/{}", room.id);
    let ask = async |person: &Person, method: &str, below: &str, body: Option<Value>| {
        let request = RawRequest::api(method, &format!("{path}{below}")).token(person.token());
        let request = match body {
            Some(body) => request.json(body.to_string()),
            None => request,
        };
        request.send(server.address).await.status
    };
    for (method, below, body) in [
        ("PATCH", "", Some(json!({"visibility": "public"}))),
        ("POST", "/archive", None),
        ("POST", "/unarchive", None),
        ("DELETE", "", None),
    ] {
        assert_eq!(ask(&ben, method, below, body.clone()).await, 403, "a member did not create it: {method} {below}");
        assert_eq!(ask(&guest, method, below, body.clone()).await, 403, "{method} {below}");
        assert_eq!(ask(&cleo, method, below, body).await, 404, "who is not in it does not know of it");
    }
    assert_eq!(ask(&guest, "PATCH", "", Some(json!({"name": "x"}))).await, 403);
    assert_eq!(ask(&ben, "PATCH", "", Some(json!({"name": "bens"}))).await, 200, "members rename");
    assert_eq!(ask(&admin, "PATCH", "", Some(json!({"name": "admins"}))).await, 200, "so do admins from outside");
    assert_eq!(ask(&ana, "POST", "/archive", None).await, 200);
    assert_eq!(ask(&admin, "POST", "/unarchive", None).await, 200);
    company.rest.remove_member(ana.token(), room.id, ana.id()).await.unwrap();
    assert_eq!(ask(&ana, "DELETE", "", None).await, 404, "who has left governs no longer");
    for (body, field) in [(json!({"name": ""}), "name"), (json!({"name": "a\u{7}b"}), "name")] {
        let patch = RawRequest::api("PATCH", &path).token(ben.token()).json(body.to_string());
        let answer = patch.send(server.address).await;
        answer.refused(422, ErrorCode::InvalidValue);
        assert_eq!(answer.problem().errors[0].field, field);
    }
    let unknown = RawRequest::api("PATCH", &path).token(ben.token()).json(r#"{"owner": "me"}"#);
    unknown.send(server.address).await.refused(400, ErrorCode::InvalidRequest);
    assert_eq!(ask(&admin, "DELETE", "", None).await, 204);
}
