//! Ways to lose a connection, and when to come back.

use std::time::Duration;

use system::protocol::{Closing, ServerFrame};
use tokio::time::{Instant, advance, sleep};

use crate::fake_server::NORMAL;
use crate::objects::snapshot;
use crate::world::world;

#[tokio::test(start_paused = true)]
async fn refused_connections_are_tried_again_with_a_growing_capped_backoff() {
    let mut world = world();
    world.server.welcome(0, false).await;
    world.server.script.lock().unwrap().refuses_connections = u32::MAX;
    world.until(|standing| !standing.connected).await;
    sleep(Duration::from_secs(120)).await;

    let attempts = world.server.attempts();
    let waits: Vec<Duration> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(8_001)), "{waits:?}");
    assert!(waits[1] <= Duration::from_millis(501), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait > Duration::from_secs(2)), "it grows: {waits:?}");
    assert!((15..80).contains(&attempts.len()), "{waits:?}");

    world.server.script.lock().unwrap().refuses_connections = 0;
    let healed = Instant::now();
    let _peer = world.server.welcome(0, false).await;
    world.until(|standing| standing.connected).await;
    assert!(healed.elapsed() < Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn fifteen_seconds_of_silence_end_a_connection() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    world.until(|standing| standing.connected).await;
    sleep(Duration::from_secs(10)).await;
    peer.say(ServerFrame::Ping).await;
    peer.hear().await;
    sleep(Duration::from_secs(14)).await;
    assert!(world.client.standing().connected, "the ping was a sign of life");
    let silent_since = Instant::now() - Duration::from_secs(14);

    let _second = world.server.welcome(0, false).await;
    let came_back_after = silent_since.elapsed();
    assert!(came_back_after >= Duration::from_secs(15), "{came_back_after:?}");
    assert!(came_back_after < Duration::from_secs(16), "{came_back_after:?}");
    assert_eq!(world.notes.with("closed"), ["closed 1 None silent for too long"]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_welcome_is_given_up() {
    let mut world = world();
    let mut peer = world.server.accept().await;
    peer.hello().await;
    for _ in 0..5 {
        sleep(Duration::from_secs(4)).await;
        if !world.notes.with("closed").is_empty() {
            break;
        }
        peer.say(ServerFrame::Ping).await;
    }
    assert_eq!(world.notes.with("closed"), ["closed 1 None not welcomed in time"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_announces_its_restart_is_given_the_time_it_asks_for() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    peer.say(ServerFrame::Closing(Closing { code: 1012, reconnect: true, retry_after_ms: 3_000 })).await;
    peer.close(1012).await;
    let closed = Instant::now();
    world.server.welcome(0, false).await;
    let stayed_away = closed.elapsed();
    assert!((3_000..3_500).contains(&stayed_away.as_millis()), "{stayed_away:?}");
    assert_eq!(world.notes.with("closed"), ["closed 1 Some(1012) closed by the server: because"]);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_close_code_is_for_good() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    peer.close(4503).await;
    let standing = world.until(|standing| !standing.wants_connection).await;
    assert!(standing.sent_away.is_some_and(|reason| reason.contains("4503")));
    world.client.open();
    advance(Duration::from_secs(600)).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(world.server.attempts().len(), 1);
    assert!(!world.client.standing().connected);
}

#[tokio::test(start_paused = true)]
async fn a_closed_client_stays_away_until_it_is_opened() {
    let mut world = world();
    world.server.script.lock().unwrap().snapshots.push_back(snapshot(2));
    let (mut peer, _) = world.server.welcome(2, false).await;
    world.until(|standing| !standing.positions.is_empty()).await;

    world.client.close();
    assert_eq!(peer.gone().await, Some(NORMAL));
    sleep(Duration::from_secs(60)).await;
    let standing = world.client.standing();
    assert!(!standing.connected && !standing.wants_connection);
    assert_eq!(world.server.attempts().len(), 1);

    world.client.open();
    let (_peer, hello) = world.server.welcome(2, true).await;
    assert_eq!(hello.positions.len(), 1);
    world.until(|standing| standing.connected).await;
}

#[tokio::test(start_paused = true)]
async fn shutting_down_says_goodbye_and_ends_every_task() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    world.until(|standing| standing.connected).await;
    let (gone, ()) = tokio::join!(peer.gone(), world.client.shutdown());
    assert_eq!(gone, Some(NORMAL));
    assert_eq!(world.notes.with("closed"), ["closed 1 Some(1000) closed by this client"]);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_ends_every_task() {
    let mut world = world();
    let (mut peer, _) = world.server.welcome(0, false).await;
    let clone = world.client.clone();
    drop(world.client);
    sleep(Duration::from_secs(1)).await;
    assert!(clone.standing().connected, "one handle is left");
    drop(clone);
    assert_eq!(peer.gone().await, None);
    assert_eq!(world.notes.with("closed"), ["closed 1 None dropped"]);
}
