//! A snapshot and the events after it add up to a fresh snapshot (REQUIREMENTS.md IT-8, CG-2).

use system::client::{Applied, Replicas};
use system::protocol::{SnapshotState, StreamId};

use super::team::Team;
use crate::support::Socket;

#[tokio::test]
async fn edits_deletions_threads_and_markers_add_up() {
    // Small bounds, so that what is older than the snapshot changes too.
    let team = Team::with(|config| {
        config.store.snapshot_messages = 4;
        config.store.snapshot_threads = 2;
    })
    .await;
    let rest = &team.company.rest;
    let mut messages = Vec::new();
    for place in 0..6 {
        messages.push(team.says(&team.ana, &format!("m{place}")).await);
    }
    let mut threads = Vec::new();
    for message in &messages[..4] {
        threads.push(team.opens(&team.ben, message).await);
    }
    let streams = [StreamId::Room(team.room), StreamId::User(team.ben.id())];
    let (mut socket, welcome) = Socket::follow_all(team.address(), team.ben.token()).await;
    let mut replicas = Replicas::new(4);
    assert!(replicas.welcomed(&welcome.streams).is_empty());
    for stream in streams {
        replicas.install(rest.snapshot(team.ben.token(), stream).await.unwrap()).unwrap();
    }

    for (place, message) in messages.iter().enumerate() {
        match place % 3 {
            0 => assert_eq!(team.edits(&team.ana, message, "edited", None).await.status, 200),
            1 => assert_eq!(team.deletes(&team.ana, message).await.status, 200),
            _ => {}
        }
    }
    for thread in &threads {
        let reply = team.replies(&team.ana, thread, "reply").await;
        assert_eq!(team.deletes(&team.ana, &reply).await.status, 200);
        rest.mark_read(team.ben.token(), team.room, reply.seq).await.unwrap();
    }
    let fresh_root = team.says(&team.cleo, "root").await;
    team.opens(&team.cleo, &fresh_root).await;

    for stream in streams {
        let fresh = rest.snapshot(team.ben.token(), stream).await.unwrap();
        while replicas.copies()[&stream].seq < fresh.seq {
            if let system::protocol::ServerFrame::Event(event) = socket.hear().await {
                let applied = replicas.apply(&event);
                assert!(matches!(applied, Ok(Applied::Now | Applied::Held)), "{event:?}: {applied:?}");
            }
        }
        let copy = replicas.copies().remove(&stream).unwrap();
        assert_eq!(copy.state.as_deref(), Some(&fresh.state));
        match fresh.state {
            SnapshotState::Room { threads, messages, earlier, earlier_threads, .. } => {
                assert_eq!((threads.len(), messages.len(), earlier, earlier_threads), (2, 4, true, true));
            }
            SnapshotState::User { reads, .. } => assert_eq!(reads.len(), 1),
            SnapshotState::Company { .. } => {}
        }
    }
}
