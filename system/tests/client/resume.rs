//! The copy of a stream across snapshots, connections and mistakes of the server.

use std::time::Duration;

use system::protocol::{ErrorCode, ServerFrame};
use system::protocol::{SnapshotState, StreamState, Subscribed, Unsubscribed};
use tokio::time::sleep;

use crate::objects::{STREAM, said, snapshot};
use crate::world::{World, world};

fn message_seqs(world: &World) -> Option<Vec<u64>> {
    match &*world.client.belief().streams.remove(&STREAM)?.state? {
        SnapshotState::Room { messages, .. } => Some(messages.iter().map(|message| message.seq).collect()),
        _ => None,
    }
}

async fn reaches(world: &World, seq: u64) {
    world.until(|standing| standing.positions.get(&STREAM).is_some_and(|position| position.seq == seq)).await;
}

#[tokio::test(start_paused = true)]
async fn events_pushed_while_the_snapshot_is_fetched_are_merged_and_the_next_hello_resumes() {
    let mut world = world();
    // The first attempts at the snapshot fail: the events come first.
    let (mut peer, hello) = world.server.welcome(2, false).await;
    assert_eq!(hello.positions, []);
    for seq in 3..=5 {
        peer.say(said(seq)).await;
    }
    sleep(Duration::from_millis(100)).await;
    assert_eq!(message_seqs(&world), None);
    world.server.script.lock().unwrap().snapshots.push_back(snapshot(4));
    reaches(&world, 5).await;
    assert_eq!(message_seqs(&world), Some(vec![1, 2, 3, 4, 5]));

    drop(peer);
    let (mut peer, hello) = world.server.welcome(5, true).await;
    assert_eq!(hello.positions.iter().map(|position| position.seq).collect::<Vec<_>>(), [5]);
    peer.say(said(6)).await;
    reaches(&world, 6).await;
    assert_eq!(message_seqs(&world), Some(vec![1, 2, 3, 4, 5, 6]));
    assert_eq!(world.client.standing().broken, 0);
    assert_eq!(world.notes.with("opened").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_older_than_the_subscription_is_fetched_again() {
    let mut world = world();
    world.server.script.lock().unwrap().snapshots.extend([snapshot(1), snapshot(2)]);
    let _peer = world.server.welcome(2, false).await;
    reaches(&world, 2).await;
    assert_eq!(world.server.seen("/snapshot").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_reported_and_mended_by_a_snapshot() {
    let mut world = world();
    world.server.script.lock().unwrap().snapshots.extend([snapshot(2), snapshot(4)]);
    let (mut peer, _) = world.server.welcome(2, false).await;
    reaches(&world, 2).await;
    peer.say(said(5)).await;
    reaches(&world, 5).await;
    assert_eq!(message_seqs(&world), Some(vec![1, 2, 3, 4, 5]));
    assert_eq!(world.client.standing().broken, 1);
    assert_eq!(world.notes.with("broken").len(), 1);
    assert!(world.notes.with("broken")[0].contains("event 5 came where 3 was due"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_comes_and_goes_with_the_right_to_it() {
    let mut world = world();
    world.server.script.lock().unwrap().snapshots.push_back(snapshot(2));
    let (mut peer, _) = world.server.welcome(2, false).await;
    reaches(&world, 2).await;

    let lost = Unsubscribed { stream: STREAM, code: Some(ErrorCode::Forbidden), reason: None };
    peer.say(ServerFrame::Unsubscribed(None, lost)).await;
    world.until(|standing| standing.positions.is_empty()).await;
    assert!(world.client.belief().streams.is_empty());

    world.server.script.lock().unwrap().snapshots.push_back(snapshot(7));
    let epoch = snapshot(7).epoch;
    let gained: Subscribed = StreamState { stream: STREAM, seq: 7, epoch, recovered: false };
    peer.say(ServerFrame::Subscribed(None, gained)).await;
    reaches(&world, 7).await;
    assert_eq!(world.client.standing().broken, 0);
}
