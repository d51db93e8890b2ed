//! Who is there, and how they look (PROTOCOL.md, promise 9; REQUIREMENTS.md IT-6).

use serde_json::json;
use system::protocol::{AckObject, ErrorCode, EventBody, Presence, PresenceState, Role, ServerFrame, Status, StreamId};

use crate::support::{Company, LiveServer, RawRequest, Socket};

async fn state(socket: &mut Socket) -> PresenceState {
    loop {
        if let ServerFrame::PresenceState(state) = socket.hear_anything().await {
            return state;
        }
    }
}

async fn presence(socket: &mut Socket) -> Presence {
    loop {
        if let ServerFrame::Presence(presence) = socket.hear_anything().await {
            return presence;
        }
    }
}

#[tokio::test]
async fn what_one_chooses_the_others_see_now_and_when_they_come_later() {
    let server = LiveServer::with(|config| config.presence.grace_ms = 0).await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let (mut owner, _) = Socket::follow_all(server.address, company.owner.token()).await;
    assert_eq!(state(&mut owner).await.users.len(), 1, "oneself is among them");
    let (mut socket, _) = Socket::follow_all(server.address, mia.token()).await;
    let arrived = presence(&mut owner).await;
    assert_eq!((arrived.user, arrived.status), (mia.id(), Status::Online));

    let busy = json!({"status": "busy", "text": "in a meeting"});
    match socket.ask("status.set", busy.clone()).await {
        ServerFrame::Ack(_, ack) => {
            assert_eq!(ack.stream, StreamId::User(mia.id()));
            assert!(matches!(ack.object, AckObject::Status(status) if status.status == Status::Busy));
        }
        other => panic!("not acknowledged: {other:?}"),
    }
    let seen = presence(&mut owner).await;
    assert_eq!((seen.status, seen.text.as_deref()), (Status::Busy, Some("in a meeting")));
    assert!(seen.generation > arrived.generation);
    let (mut late, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let told = state(&mut late).await;
    assert!(told.complete && told.users.contains(&seen), "{told:?}");

    // To look offline is to look as if one had gone; and the choice outlives the connection.
    let put = RawRequest::api("PUT", "/users/me/status").token(mia.token()).json(r#"{"status":"offline"}"#);
    assert_eq!(put.send(server.address).await.status, 200);
    assert_eq!(presence(&mut owner).await.status, Status::Offline);
    drop(socket);
    let (_again, _) = Socket::follow_all(server.address, mia.token()).await;
    let listed = company.rest.presence(company.owner.token()).await.unwrap();
    assert!(listed.users.iter().all(|seen| seen.user != mia.id()), "{listed:?}");
}

#[tokio::test]
async fn a_choice_is_an_event_once_and_a_bad_one_is_none() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    for bad in [json!({"status": "dancing"}), json!({"status": "away", "mood": 1}), json!({})] {
        socket.refused("status.set", bad, ErrorCode::InvalidRequest).await;
    }
    for bad in [json!({"status": "away", "text": ""}), json!({"status": "away", "text": "x".repeat(81)})] {
        socket.refused("status.set", bad, ErrorCode::InvalidValue).await;
    }
    let mut positions = Vec::new();
    for _ in 0..2 {
        match socket.ask("status.set", json!({"status": "away"})).await {
            ServerFrame::Ack(_, ack) => positions.push(ack.seq),
            other => panic!("not acknowledged: {other:?}"),
        }
    }
    assert_eq!(positions[0], positions[1], "to choose the same again changes nothing");
    let own = StreamId::User(company.owner.id());
    let page = company.rest.snapshot(company.owner.token(), own).await.unwrap();
    assert_eq!(page.seq, positions[0]);
}

#[tokio::test]
async fn guests_see_nobody() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let gus = company.hire("gus", Role::Guest).await;
    let (mut guest, _) = Socket::follow_all(server.address, gus.token()).await;
    let (mut owner, _) = Socket::follow_all(server.address, company.owner.token()).await;
    guest.say(json!({"type": "status.set", "data": {"status": "busy"}})).await;
    assert_eq!(company.rest.presence(gus.token()).await.unwrap_err().code(), Some(ErrorCode::Forbidden));
    loop {
        match guest.hear_anything().await {
            ServerFrame::Event(event) if matches!(event.body, EventBody::StatusUpdated(_)) => break,
            ServerFrame::Presence(_) | ServerFrame::PresenceState(_) => panic!("a guest sees somebody"),
            _ => {}
        }
    }
    assert_eq!(presence(&mut owner).await.user, gus.id(), "but is seen");
}
