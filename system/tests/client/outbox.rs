//! Operations through lost answers and lost connections, each once and under one key.

use std::time::Duration;

use system::client::{Operation, Outcome};
use system::protocol::{ErrorCode, ErrorReply, ServerFrame, Visibility};
use tokio::time::sleep;

use crate::fake_server::Reply;
use crate::objects::{ROOM, ack};
use crate::world::{World, world};

fn send(world: &World, body: &str) -> system::client::Pending {
    let operation = Operation::SendMessage { room: ROOM, body: body.into() };
    world.client.perform(operation, Some(format!("key-{body}")))
}

fn error(id: Option<String>, code: ErrorCode) -> ServerFrame {
    let reply = ErrorReply {
        code,
        message: "not now".into(),
        temporary: code.temporary(),
        retry_after_ms: Some(700),
        correlation_id: "c".into(),
    };
    ServerFrame::Error(id, reply)
}

#[tokio::test(start_paused = true)]
async fn messages_without_an_ack_are_sent_again_in_order_under_the_same_keys() {
    let mut world = world();
    let first = send(&world, "a");
    drop(send(&world, "b"));
    let third = send(&world, "c");
    let (mut peer, _) = world.server.welcome(0, false).await;
    let (id, a) = peer.message().await;
    let (_, b) = peer.message().await;
    let (_, c) = peer.message().await;
    assert_eq!([&*a.idempotency_key, &*b.idempotency_key, &*c.idempotency_key], ["key-a", "key-b", "key-c"]);
    peer.say(ack(id, &a, 1)).await;
    let Outcome::Acknowledged(acknowledged) = first.await else { panic!("not acknowledged") };
    assert_eq!(acknowledged.seq, 1);

    drop(peer);
    let (mut peer, _) = world.server.welcome(0, false).await;
    let (id_b, b_again) = peer.message().await;
    let (id_c, c_again) = peer.message().await;
    assert_eq!((&b_again, &c_again), (&b, &c));
    peer.say(ack(id_b, &b, 2)).await;
    peer.say(ack(id_c, &c, 3)).await;
    assert!(matches!(third.await, Outcome::Acknowledged(_)));
    assert_eq!(world.client.standing().outbox, 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_refused_for_now_is_sent_again_and_one_refused_for_good_is_told() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    let pending = send(&world, "a");
    let (id, first) = peer.message().await;
    peer.say(error(id, ErrorCode::StorageFailed)).await;
    let refused_at = tokio::time::Instant::now();
    let (id, again) = peer.message().await;
    assert!(refused_at.elapsed() >= Duration::from_millis(700));
    assert_eq!(first, again);
    peer.say(error(id, ErrorCode::Forbidden)).await;
    let Outcome::Refused(refusal) = pending.await else { panic!("not refused") };
    assert_eq!(refusal.code, Some(ErrorCode::Forbidden));
    assert_eq!(world.notes.with("refused"), [format!("refused send \"a\" to room {ROOM} because forbidden: not now")]);
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_answer_is_lost_is_repeated_under_the_same_key_before_the_next_one() {
    let mut world = world();
    world.server.script.lock().unwrap().replies.extend([
        Reply::Break,
        Reply::Status(503, String::new()),
        Reply::Status(201, "{}".into()),
        Reply::Status(201, "{}".into()),
    ]);
    let create = Operation::CreateRoom { name: "general".into(), visibility: Visibility::Public };
    let created = world.client.perform(create, None);
    let post = Operation::PostMessage { room: ROOM, body: "hi".into() };
    let posted = world.client.perform(post, Some("second".into()));
    let _peer = world.server.welcome(0, false).await;
    assert!(matches!(created.await, Outcome::Answered(answer) if answer.status == 201));
    assert!(matches!(posted.await, Outcome::Answered(answer) if answer.status == 201));

    let seen = world.server.seen("/rooms");
    let paths: Vec<&str> =
        seen.iter().map(|seen| seen.path.as_str()).filter(|path| !path.contains("snapshot")).collect();
    let messages = format!("/api/v1/rooms/{ROOM}/messages");
    assert_eq!(paths, ["/api/v1/rooms", "/api/v1/rooms", "/api/v1/rooms", &messages]);
    assert!(seen[0].key.is_some());
    assert!(seen[..3].iter().all(|repeat| repeat.key == seen[0].key));
    assert_eq!(seen[3].key.as_deref(), Some("second"));
    assert_eq!(world.notes.with("lost").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_closed_client_performs_nothing_until_it_is_opened() {
    let mut world = world();
    let mut peer = world.server.welcome(0, false).await.0;
    world.until(|standing| standing.connected).await;
    world.client.close();
    peer.gone().await;
    let pending = world.client.perform(Operation::PostMessage { room: ROOM, body: "later".into() }, None);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.server.seen("/messages"), []);
    assert_eq!(world.client.standing().outbox, 1);

    world.client.open();
    assert!(matches!(pending.await, Outcome::Answered(_)));
}

#[tokio::test(start_paused = true)]
async fn what_is_unanswered_at_the_end_is_abandoned() {
    let world = world();
    let pending = send(&world, "a");
    world.client.shutdown().await;
    assert_eq!(pending.await, Outcome::Abandoned);
    assert_eq!(send(&world, "b").await, Outcome::Abandoned);
    assert_eq!(world.client.standing().outbox, 0);
}
