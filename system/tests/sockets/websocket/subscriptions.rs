//! Following one stream more or less (PROTOCOL.md, promises 3 and 4; REQUIREMENTS.md WS-7, IT-E4).

use serde_json::json;
use system::protocol::{ErrorCode, Role, ServerFrame, StreamId, Visibility};

use crate::support::{Company, LiveServer, Socket, StateOf};

#[tokio::test]
async fn with_a_position_the_rest_comes_and_without_one_only_what_is_new() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let stream = StreamId::Room(room.id);
    for number in 0..5 {
        company.post(room.id, &format!("message {number}")).await;
    }
    let mut socket = Socket::open(server.address, company.owner.token()).await;
    assert_eq!(socket.hello(json!({"follow": []})).await.streams, []);

    let new_only = socket.subscribe(json!({"stream": stream})).await;
    assert!(!new_only.recovered);
    let next = company.post(room.id, "a new one").await;
    assert_eq!(next.seq, new_only.seq + 1);
    assert_eq!(socket.hear_event().await, (stream, next.seq));

    match socket.ask("unsubscribe", json!({"stream": stream})).await {
        ServerFrame::Unsubscribed(_, left) => assert_eq!((left.stream, left.code), (stream, None)),
        other => panic!("not unsubscribed: {other:?}"),
    }
    company.post(room.id, "unheard").await;
    company.post(room.id, "unheard too").await;
    let position = json!({"seq": next.seq, "epoch": new_only.epoch});
    let resumed = socket.subscribe(json!({"stream": stream, "position": position})).await;
    assert_eq!((resumed.seq, resumed.recovered), (next.seq, true));
    for seq in next.seq + 1..=next.seq + 2 {
        assert_eq!(socket.hear_event().await, (stream, seq));
    }
    socket.assert_open().await;
}

#[tokio::test]
async fn what_was_left_comes_back_by_subscribing_and_by_no_change_of_rights() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Private, &[&mia]).await;
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;
    for stream in [StreamId::Room(room.id), company.stream()] {
        let left = socket.ask("unsubscribe", json!({"stream": stream})).await;
        assert!(matches!(left, ServerFrame::Unsubscribed(..)), "not unsubscribed: {left:?}");
    }
    // She is still of the company, now as another; and she is a member of the room anew.
    company.rest.change_role(company.owner.token(), mia.id(), Role::Admin).await.unwrap();
    company.rest.remove_member(company.owner.token(), room.id, mia.id()).await.unwrap();
    company.rest.add_member(company.owner.token(), room.id, mia.id()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(socket.hear_event().await.0, StreamId::User(mia.id()), "her own stream tells her, and no other");
    }
    company.post(room.id, "unheard").await;
    socket.assert_open().await;

    let again = socket.subscribe(json!({"stream": StreamId::Room(room.id)})).await;
    let next = company.post(room.id, "heard").await;
    assert_eq!(next.seq, again.seq + 1);
    assert_eq!(socket.hear_event().await, (StreamId::Room(room.id), next.seq));
}

#[tokio::test]
async fn a_foreign_stream_is_refused_and_not_in_a_welcome() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let other = Company::register(server.address, "other").await;
    let mia = company.hire("mia", Role::Member).await;
    let private = company.room("private", Visibility::Private, &[]).await;
    let public = company.room("public", Visibility::Public, &[]).await;
    let theirs = other.room("theirs", Visibility::Public, &[]).await;
    let nobodys: StreamId = "room:01890000-0000-7000-8000-000000000001".parse().unwrap();
    let foreign = [
        StreamId::Room(private.id),
        StreamId::Room(public.id),
        StreamId::Room(theirs.id),
        StreamId::User(company.owner.id()),
        other.stream(),
        nobodys,
    ];
    let mut socket = Socket::open(server.address, mia.token()).await;
    let positions = foreign.map(|stream| json!({"stream": stream, "seq": 0, "epoch": 0}));
    assert_eq!(socket.hello(json!({"follow": foreign, "positions": positions})).await.streams, []);
    for stream in foreign {
        socket.refused("subscribe", json!({"stream": stream}), ErrorCode::Forbidden).await;
        let position = json!({"seq": 0, "epoch": 0});
        socket.refused("subscribe", json!({"stream": stream, "position": position}), ErrorCode::Forbidden).await;
    }
    company.post(private.id, "not for her").await;
    company.post(public.id, "nor is this, before she joins").await;
    other.post(theirs.id, "nor this").await;
    // Nothing of it came before this answer, and nothing comes after it.
    let own = socket.subscribe(json!({"stream": StreamId::User(mia.id())})).await;
    company.rest.add_member(mia.token(), public.id, mia.id()).await.unwrap();
    assert_eq!(socket.hear_event().await, (StreamId::User(mia.id()), own.seq + 1));
}

#[tokio::test]
async fn every_event_comes_once_and_in_order_whatever_else_goes_on() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let stream = StreamId::Room(room.id);
    let (mut sender, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let joining = async {
        let mut last = 0;
        for _ in 0..10 {
            let (mut socket, welcome) = Socket::follow_all(server.address, company.owner.token()).await;
            last = welcome.state_of(stream).seq;
            for seq in last + 1..=last + 5 {
                assert_eq!(socket.hear_event().await, (stream, seq));
            }
        }
        last
    };
    let sending = async {
        for number in 0.. {
            let send = json!({"room": room.id, "body": "hi", "idempotency_key": format!("k{number}")});
            assert!(matches!(sender.ask("message.send", send).await, ServerFrame::Ack(..)));
        }
    };
    tokio::select! {
        last = joining => assert!(last > 0),
        () = sending => {}
    }
}

#[tokio::test]
async fn too_many_streams_in_one_hello_are_refused() {
    let server = LiveServer::with(|config| config.websocket.streams = 1).await;
    let company = Company::register(server.address, "acme").await;
    let mut socket = Socket::open(server.address, company.owner.token()).await;
    let two = [company.stream(), StreamId::User(company.owner.id())];
    socket.refused("hello", json!({"follow": two}), ErrorCode::TooLarge).await;
    assert_eq!(socket.hello(json!({"follow": two[..1]})).await.streams.len(), 1);
}
