//! Rights that end under a live connection (PROTOCOL.md, promise 6; REQUIREMENTS.md IT-7, IT-14).

use serde_json::json;
use system::protocol::{CloseCode, ErrorCode, EventBody, Role, ServerFrame, StreamId, Visibility};

use crate::support::{Company, LiveServer, Person, Socket, StateOf};

/// Follows only these streams.
async fn follow(company: &Company, person: &Person, streams: &[StreamId]) -> Socket {
    let mut socket = Socket::open(company.address, person.token()).await;
    let welcome = socket.hello(json!({"follow": streams})).await;
    assert_eq!(welcome.streams.len(), streams.len());
    socket
}

#[tokio::test]
async fn a_logout_closes_every_connection_of_that_session_and_no_other() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let other = company.log_in("mia@acme.test").await;
    let (mut all, _) = Socket::follow_all(server.address, mia.token()).await;
    // What a connection follows says nothing about whether it may live.
    let mut only_room = follow(&company, &mia, &[StreamId::Room(room.id)]).await;
    let mut nothing = follow(&company, &mia, &[]).await;
    let mut silent = Socket::open(server.address, mia.token()).await;
    let mut kept = follow(&company, &other, &[StreamId::Room(room.id)]).await;
    company.rest.logout(mia.token()).await.unwrap();
    for socket in [&mut all, &mut only_room, &mut nothing, &mut silent] {
        assert_eq!(socket.close_code().await, CloseCode::Unauthorized.number());
    }
    company.post(room.id, "who is left?").await;
    assert_eq!(kept.hear_event().await.0, StreamId::Room(room.id));
}

#[tokio::test]
async fn a_deactivation_closes_every_connection_of_that_user() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let other = company.log_in("mia@acme.test").await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let (mut all, _) = Socket::follow_all(server.address, mia.token()).await;
    let mut only_room = follow(&company, &other, &[StreamId::Room(room.id)]).await;
    company.rest.deactivate(company.owner.token(), mia.id()).await.unwrap();
    for socket in [&mut all, &mut only_room] {
        let (frames, code) = socket.until_closed().await;
        assert_eq!(code, Some(CloseCode::Forbidden.number()));
        assert!(!frames.iter().any(|frame| matches!(frame, ServerFrame::Event(_))), "{frames:?}");
    }
}

#[tokio::test]
async fn a_removed_member_is_told_and_gets_nothing_more_until_added_again() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Private, &[&mia]).await;
    let stream = StreamId::Room(room.id);
    let (mut socket, welcome) = Socket::follow_all(server.address, mia.token()).await;
    company.post(room.id, "before").await;
    assert_eq!(socket.hear_event().await, (stream, welcome.state_of(stream).seq + 1));

    company.rest.remove_member(company.owner.token(), room.id, mia.id()).await.unwrap();
    company.post(room.id, "behind her back").await;
    let taken = socket.hear_unsubscribed().await;
    assert_eq!((taken.stream, taken.code), (stream, Some(ErrorCode::Forbidden)));
    assert_eq!(socket.hear_event().await.0, StreamId::User(mia.id()), "her own stream says that she left");
    socket.refused("subscribe", json!({"stream": stream}), ErrorCode::Forbidden).await;
    let send = json!({"room": room.id, "body": "hi", "idempotency_key": "k"});
    socket.refused("message.send", send, ErrorCode::NotFound).await;

    company.rest.add_member(company.owner.token(), room.id, mia.id()).await.unwrap();
    let gained = match socket.hear().await {
        ServerFrame::Subscribed(None, gained) => gained,
        other => panic!("nothing was gained: {other:?}"),
    };
    assert_eq!((gained.stream, gained.recovered), (stream, false));
    assert_eq!(socket.hear_event().await, (stream, gained.seq + 1), "from her own addition on");
}

#[tokio::test]
async fn a_guest_loses_the_companys_stream_and_a_member_gains_it() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;
    company.rest.change_role(company.owner.token(), mia.id(), Role::Guest).await.unwrap();
    company.hire("tom", Role::Member).await;
    assert_eq!(socket.hear_unsubscribed().await.stream, company.stream());
    let (own, _) = socket.hear_event().await;
    assert_eq!(own, StreamId::User(mia.id()));
    company.rest.change_role(company.owner.token(), mia.id(), Role::Member).await.unwrap();
    assert!(matches!(socket.hear().await, ServerFrame::Subscribed(None, gained) if gained.stream == company.stream()));
    match socket.hear().await {
        ServerFrame::Event(event) => assert!(matches!(event.body, EventBody::UserUpdated(user) if user.id == mia.id())),
        other => panic!("no event: {other:?}"),
    }
}
