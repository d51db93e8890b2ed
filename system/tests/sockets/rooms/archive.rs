//! Archived rooms: read as before, and written to by nobody.

use serde_json::json;
use system::protocol::{ErrorCode, EventBody, Role, ServerFrame, StreamId, UpdateRoom, Visibility};

use crate::support::{Company, LiveServer, RawRequest, Socket};

/// IT-13.
#[tokio::test]
async fn an_archived_room_is_read_and_left_and_nothing_else() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let tom = company.hire("tom", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let message = company.post(room.id, "before").await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;

    let archived = company.rest.archive_room(company.owner.token(), room.id).await.unwrap();
    assert!(archived.archived_at.is_some());
    assert_eq!(company.rest.archive_room(company.owner.token(), room.id).await.unwrap(), archived);
    for _ in 0..2 {
        let ServerFrame::Event(event) = socket.hear().await else { panic!("no event") };
        assert_eq!(event.body, EventBody::RoomUpdated(archived.clone()));
    }

    let path = |below: &str| format!("/rooms/{}{below}", room.id);
    for (method, path, body) in [
        ("POST", path("/messages"), json!({"body": "late"})),
        ("PATCH", path(&format!("/messages/{}", message.id)), json!({"body": "other"})),
        ("DELETE", path(&format!("/messages/{}", message.id)), json!(null)),
        ("POST", path("/threads"), json!({"message": message.id})),
        ("PUT", path(&format!("/members/{}", tom.id())), json!(null)),
        ("PATCH", path(""), json!({"name": "other"})),
        ("PATCH", path(""), json!({"visibility": "private"})),
    ] {
        let request = RawRequest::api(method, &path).token(company.owner.token());
        let request = if body.is_null() { request } else { request.json(body.to_string()) };
        let answer = request.send(server.address).await;
        assert_eq!(answer.status, 409, "{method} {path}: {answer:?}");
        answer.refused(409, ErrorCode::RoomArchived);
    }
    let join = RawRequest::api("PUT", &path(&format!("/members/{}", tom.id()))).token(tom.token());
    join.send(server.address).await.refused(409, ErrorCode::RoomArchived);
    let send = json!({"room": room.id, "body": "late", "idempotency_key": "late"});
    socket.refused("message.send", send, ErrorCode::RoomArchived).await;

    let messages = company.rest.messages(mia.token(), room.id, None).await.unwrap().items;
    assert_eq!(messages, [message]);
    assert_eq!(company.rest.members(mia.token(), room.id, None).await.unwrap().items.len(), 2);
    company.rest.snapshot(mia.token(), StreamId::Room(room.id)).await.unwrap();
    company.rest.remove_member(mia.token(), room.id, mia.id()).await.unwrap();

    let back = company.rest.unarchive_room(company.owner.token(), room.id).await.unwrap();
    assert_eq!((back.archived_at, back.version), (None, 3));
    company.post(room.id, "after").await;
    let renamed = UpdateRoom { name: Some("other".into()), visibility: None };
    company.rest.update_room(company.owner.token(), room.id, &renamed, Some(3)).await.unwrap();
}
