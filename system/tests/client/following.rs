//! Streams that are left and followed again, and what is worth saying only at once.

use system::client::{Operation, Outcome};
use system::protocol::{ClientFrame, Command, Done, ServerFrame, StreamState, Unsubscribed};

use crate::fake_server::Peer;
use crate::objects::{ROOM, STREAM, said, snapshot};
use crate::world::{World, world};

async fn reaches(world: &World, seq: u64) {
    world.until(|standing| standing.positions.get(&STREAM).is_some_and(|position| position.seq == seq)).await;
}

async fn lets_go(peer: &mut Peer) {
    let ClientFrame { id, command } = peer.hear().await;
    assert!(matches!(command, Command::Unsubscribe(left) if left.stream == STREAM), "not left");
    peer.say(ServerFrame::Unsubscribed(id, Unsubscribed { stream: STREAM, code: None, reason: None })).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_was_left_stays_left_on_later_connections_and_goes_on_from_where_it_was() {
    let mut world = world();
    world.server.script.lock().unwrap().snapshots.push_back(snapshot(2));
    let (mut peer, _) = world.server.welcome(2, false).await;
    reaches(&world, 2).await;
    let left = world.client.perform(Operation::Unsubscribe { stream: STREAM }, None);
    peer.say(said(3)).await;
    lets_go(&mut peer).await;
    assert_eq!(left.await, Outcome::Done);
    assert_eq!(world.client.belief().left, [STREAM].into());
    assert!(world.client.belief().streams.is_empty());
    assert_eq!(world.client.position(STREAM).map(|position| position.seq), Some(3), "what came before counts");

    drop(peer);
    world.server.script.lock().unwrap().snapshots.push_back(snapshot(5));
    let (mut peer, hello) = world.server.welcome(5, false).await;
    assert_eq!(hello.positions, [], "it is not asked to be recovered");
    let again = world.client.perform(Operation::Subscribe { stream: STREAM }, None);
    lets_go(&mut peer).await;
    let ClientFrame { id, command } = peer.hear().await;
    let Command::Subscribe(subscribe) = command else { panic!("not followed again: {command:?}") };
    let position = subscribe.position.expect("the client knows where it was");
    assert_eq!((subscribe.stream, position.seq), (STREAM, 3));
    let state = StreamState { stream: STREAM, seq: 3, epoch: position.epoch, recovered: true };
    peer.say(ServerFrame::Subscribed(id, state)).await;
    for seq in 4..=5 {
        peer.say(said(seq)).await;
    }
    assert_eq!(again.await, Outcome::Subscribed(state));
    reaches(&world, 5).await;
    assert!(world.client.belief().left.is_empty());
    assert_eq!(world.client.standing().broken, 0);
    let repeated = world.client.perform(Operation::Subscribe { stream: STREAM }, None);
    assert_eq!(repeated.await, Outcome::Done, "it is followed already");
}

#[tokio::test(start_paused = true)]
async fn a_right_that_is_gained_does_not_bring_back_what_was_left() {
    let mut world = world();
    world.server.script.lock().unwrap().snapshots.push_back(snapshot(2));
    let (mut peer, _) = world.server.welcome(2, false).await;
    reaches(&world, 2).await;
    let left = world.client.perform(Operation::Unsubscribe { stream: STREAM }, None);
    lets_go(&mut peer).await;
    left.await;
    let gained = StreamState { stream: STREAM, seq: 9, epoch: snapshot(2).epoch, recovered: false };
    peer.say(ServerFrame::Subscribed(None, gained)).await;
    lets_go(&mut peer).await;
    world.until(|standing| standing.positions.is_empty()).await;
    assert_eq!(world.client.position(STREAM).map(|position| position.seq), Some(2));
}

#[tokio::test(start_paused = true)]
async fn typing_is_said_at_once_or_never() {
    let mut world = world();
    let typing = || Operation::Typing { room: ROOM };
    assert_eq!(world.client.perform(typing(), None).await, Outcome::Lapsed, "nobody is connected yet");
    let (mut peer, _) = world.server.welcome(0, false).await;
    world.until(|standing| standing.connected).await;
    let pending = world.client.perform(typing(), None);
    let ClientFrame { id, command } = peer.hear().await;
    assert!(matches!(command, Command::Typing(typing) if typing.room == ROOM));
    peer.say(ServerFrame::Done(id, Done {})).await;
    assert_eq!(pending.await, Outcome::Done);

    let pending = world.client.perform(typing(), None);
    peer.hear().await;
    drop(peer);
    assert_eq!(pending.await, Outcome::Lapsed);
    assert_eq!(world.client.standing().outbox, 0, "it is not said on the next connection");
}
