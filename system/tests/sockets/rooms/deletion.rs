//! The end of a room: who hears of it, and that nothing of it is left on any path.

use serde_json::json;
use system::protocol::{ErrorCode, EventBody, Role, RoomDeleted, RoomLeft, ServerFrame, StreamId, Visibility};

use crate::support::{Company, LiveServer, RawRequest, Socket, StateOf};

/// IT-13, IT-7: followers get all that was said, then the end, then nothing more.
#[tokio::test]
async fn followers_get_the_last_event_and_are_unsubscribed() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let tom = company.hire("tom", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let stream = StreamId::Room(room.id);
    let (mut inside, welcome) = Socket::follow_all(server.address, mia.token()).await;
    let (mut outside, _) = Socket::follow_all(server.address, tom.token()).await;
    company.post(room.id, "the last word").await;
    company.rest.delete_room(company.owner.token(), room.id, "delete").await.unwrap();

    let seq = welcome.state_of(stream).seq;
    assert_eq!(inside.hear_event().await, (stream, seq + 1));
    let ServerFrame::Event(event) = inside.hear().await else { panic!("no event") };
    assert_eq!((event.stream, event.seq), (stream, seq + 2));
    assert_eq!(event.body, EventBody::RoomDeleted(RoomDeleted { room: room.id }));
    let over = inside.hear_unsubscribed().await;
    assert_eq!((over.stream, over.code), (stream, Some(ErrorCode::NotFound)));
    let ServerFrame::Event(event) = inside.hear().await else { panic!("no event") };
    assert_eq!((event.stream, &event.body), (company.stream(), &EventBody::RoomDeleted(RoomDeleted { room: room.id })));
    let ServerFrame::Event(event) = inside.hear().await else { panic!("no event") };
    assert_eq!(event.stream, StreamId::User(mia.id()));
    assert_eq!(event.body, EventBody::RoomLeft(RoomLeft { room: room.id }));
    inside.assert_open().await;

    let ServerFrame::Event(event) = outside.hear().await else { panic!("no event") };
    assert_eq!((event.stream, event.body), (company.stream(), EventBody::RoomDeleted(RoomDeleted { room: room.id })));
    inside.refused("subscribe", json!({"stream": stream}), ErrorCode::Forbidden).await;
    let operator = company.rest.connections(company.owner.token()).await.unwrap();
    let followed: usize = operator.connections.iter().map(|connection| connection.streams).sum();
    assert_eq!((followed, operator.subscriptions), (4, 4), "CG-6: nobody follows what is over");
}

/// PROTOCOL 6: whoever it was, and by whichever path.
#[tokio::test]
async fn nothing_of_it_can_be_read_afterwards() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let message = company.post(room.id, "secret word").await;
    let kept = company.room("kept", Visibility::Public, &[&mia]).await;
    company.post(kept.id, "kept word").await;
    let stream = StreamId::Room(room.id);
    let (socket, welcome) = Socket::follow_all(server.address, mia.token()).await;
    let position = welcome.state_of(stream);
    drop(socket);
    company.rest.delete_room(company.owner.token(), room.id, "delete").await.unwrap();
    // The call was repeated: its answer was lost.
    company.rest.delete_room(company.owner.token(), room.id, "delete").await.unwrap();
    let again = company.rest.delete_room(company.owner.token(), room.id, "another").await.unwrap_err();
    assert_eq!(again.code(), Some(ErrorCode::NotFound));

    let path = |below: &str| format!("/rooms/{}{below}", room.id);
    for person in [&company.owner, &mia] {
        for (method, path, body) in [
            ("GET", path(""), json!(null)),
            ("GET", path("/members"), json!(null)),
            ("GET", path("/messages"), json!(null)),
            ("GET", path("/messages?query=word"), json!(null)),
            ("GET", path(&format!("/messages/{}", message.id)), json!(null)),
            ("GET", path("/threads"), json!(null)),
            ("GET", path("/read"), json!(null)),
            ("GET", format!("/streams/{stream}/snapshot"), json!(null)),
            ("GET", format!("/streams/{stream}/events"), json!(null)),
            ("POST", path("/messages"), json!({"body": "hi"})),
            ("PATCH", path(""), json!({"name": "hi"})),
            ("POST", path("/archive"), json!(null)),
            ("PUT", path(&format!("/members/{}", mia.id())), json!(null)),
            ("DELETE", path(&format!("/members/{}", mia.id())), json!(null)),
        ] {
            let request = RawRequest::api(method, &path).token(person.token());
            let request = if body.is_null() { request } else { request.json(body.to_string()) };
            let answer = request.send(server.address).await;
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
            answer.refused(404, ErrorCode::NotFound);
        }
    }
    // A client that was away resumes from where it was: the room is not among what it follows.
    let mut back = Socket::open(server.address, mia.token()).await;
    let positions = [json!({"stream": stream, "seq": position.seq, "epoch": position.epoch})];
    let welcome = back.hello(json!({"follow": "all", "positions": positions})).await;
    assert!(welcome.streams.iter().all(|state| state.stream != stream), "{welcome:?}");
    let subscribe = json!({"stream": stream, "position": {"seq": 0, "epoch": position.epoch}});
    back.refused("subscribe", subscribe, ErrorCode::Forbidden).await;
    let rooms = company.rest.rooms(company.owner.token(), None).await.unwrap().items;
    assert_eq!(rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [kept.id]);
    assert_eq!(
        company.rest.messages(mia.token(), kept.id, None).await.unwrap().items.len(),
        1,
        "others are left alone"
    );
}

/// Those who are joining while the room ends are told so too, whenever it happens.
#[tokio::test]
async fn a_connection_that_is_just_joining_ends_up_without_the_room() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    for round in 0..20 {
        let room = company.room(&format!("room {round}"), Visibility::Private, &[&mia]).await;
        let stream = StreamId::Room(room.id);
        let key = format!("delete-{round}");
        let deletion = company.rest.delete_room(company.owner.token(), room.id, &key);
        let joining = async {
            let mut socket = Socket::open(server.address, mia.token()).await;
            let welcome = socket.hello(json!({"follow": "all"})).await;
            (socket, welcome)
        };
        let (deleted, (mut socket, welcome)) = tokio::join!(deletion, joining);
        deleted.unwrap();
        if welcome.streams.iter().any(|state| state.stream == stream) {
            loop {
                match socket.hear().await {
                    ServerFrame::Unsubscribed(None, over) => {
                        assert_eq!((over.stream, over.code), (stream, Some(ErrorCode::NotFound)));
                        break;
                    }
                    ServerFrame::Event(_) => {}
                    other => panic!("neither an event nor the end: {other:?}"),
                }
            }
        }
        socket.refused("subscribe", json!({"stream": stream}), ErrorCode::Forbidden).await;
    }
}
