//! That somebody types: to the room's other followers, not too often, without a position (PROTOCOL.md, promise 11).

use serde_json::json;
use system::protocol::{ErrorCode, Role, ServerFrame, StreamId, Visibility};

use crate::support::{Company, LiveServer, Socket};

#[tokio::test]
async fn those_in_the_room_hear_it_once_in_a_while_and_nobody_else() {
    let server = LiveServer::with(|config| {
        config.presence.typing_interval_ms = 60_000;
        config.presence.typing_expires_ms = 60_001;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let (mia, tom) = (company.hire("mia", Role::Member).await, company.hire("tom", Role::Member).await);
    let room = company.room("general", Visibility::Private, &[&mia]).await;
    let (mut owner, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (mut typist, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut outsider, _) = Socket::follow_all(server.address, tom.token()).await;
    outsider.refused("typing", json!({"room": room.id}), ErrorCode::NotFound).await;
    typist.refused("typing", json!({"room": room.id, "loudly": true}), ErrorCode::InvalidRequest).await;
    for _ in 0..3 {
        assert!(matches!(typist.ask("typing", json!({"room": room.id})).await, ServerFrame::Done(..)));
    }
    match owner.hear().await {
        ServerFrame::Typing(typing) => {
            assert_eq!((typing.stream, typing.user, typing.expires_ms), (StreamId::Room(room.id), mia.id(), 60_001));
        }
        other => panic!("nobody types: {other:?}"),
    }
    company.post(room.id, "said").await;
    for socket in [&mut owner, &mut typist] {
        assert_eq!(socket.hear_event().await.0, StreamId::Room(room.id), "neither again nor to the typist");
    }
}
