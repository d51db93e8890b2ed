//! The server's ends: stop, kill, power loss.

use std::time::Duration;

use super::stage::{Change, DEVICE, Seen, hear, play, say, until_ms};
use crate::faults::Direction;

/// A device connects, waits to hear something, then says something at 3 s and listens again.
fn play_end(cues: &[super::stage::Cue]) -> Seen {
    play((50, 50), cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        let _ = tokio::time::timeout(Duration::from_secs(2), hear(&mut wire, &log)).await;
        until_ms(3_000).await;
        if say(&mut wire, &log, "hello").await.is_err() {
            log.add("could not say it");
        }
        hear(&mut wire, &log).await
    })
}

#[test]
fn a_killed_server_resets_its_connections() {
    let seen = play_end(&[(1_000, Change::Kill), (2_000, Change::Start)]);
    assert_eq!(
        seen.device.lines(),
        ["error ConnectionReset", "say hello", "could not say it", "error ConnectionReset"]
    );
    let broken = seen.device.at("error ConnectionReset");
    assert!((1_050..=1_070).contains(&broken), "one latency later: {broken}");
    assert_eq!(seen.broken, 1);
}

#[test]
fn a_reset_by_a_killed_server_waits_for_a_cut() {
    let cues = [(900, Change::Cut(1, Direction::Down)), (1_000, Change::Kill), (1_500, Change::End(1))];
    let seen = play_end(&cues);
    // Held at 1.05 s, repeated at 1.2 and 1.6 s by the clock of what was sent at 1 s.
    let broken = seen.device.at("error ConnectionReset");
    assert!((1_590..=1_620).contains(&broken), "{broken}");
}

#[test]
fn a_server_that_stops_ends_its_connections() {
    let seen = play_end(&[(1_000, Change::Stop)]);
    let ended = seen.device.at("end");
    assert!((1_050..=1_070).contains(&ended), "{ended}");
}

#[test]
fn a_server_without_power_says_nothing_and_resets_who_speaks_when_it_is_back() {
    let seen = play_end(&[(1_000, Change::LosePower), (5_000, Change::Start)]);
    assert_eq!(seen.broken, 1);
    assert_eq!(seen.device.lines(), ["say hello", "error ConnectionReset"]);
    // Said at 3 s, again at 3.2, 3.6, 4.4 and 6 s; the answer takes 50 ms.
    let broken = seen.device.at("error ConnectionReset");
    assert!((6_040..=6_070).contains(&broken), "{broken}");
}

#[test]
fn who_speaks_after_the_power_is_back_is_reset_too() {
    let seen = play_end(&[(1_000, Change::LosePower), (2_000, Change::Start)]);
    let broken = seen.device.at("error ConnectionReset");
    assert!((3_100..=3_120).contains(&broken), "{broken}");
}

#[test]
fn connecting_is_refused_by_a_host_and_hangs_without_one() {
    let cues = [(1_000, Change::Kill), (2_000, Change::Start), (3_000, Change::LosePower), (6_000, Change::Start)];
    let seen = play((50, 50), &cues, |weather, log| async move {
        until_ms(1_500).await;
        log.add(format!("{:?}", weather.connect(DEVICE, "ws").await.map(drop).map_err(|error| error.kind())));
        until_ms(2_500).await;
        drop(weather.connect(DEVICE, "ws").await?);
        log.add("connected");
        until_ms(3_500).await;
        drop(weather.connect(DEVICE, "ws").await?);
        log.add("connected at last");
        Ok(())
    });
    let refused = seen.device.at("Err(ConnectionRefused)");
    assert!((1_600..=1_620).contains(&refused), "{refused}");
    assert!(seen.device.at("connected") < 2_700);
    // Tried at 3.5 s, again at 4.5 and 6.5 s.
    let connected = seen.device.at("connected at last");
    assert!((6_500..=6_650).contains(&connected), "{connected}");
}

#[test]
fn what_the_server_said_before_it_ended_still_arrives() {
    for change in [Change::Stop, Change::Kill, Change::LosePower] {
        let seen = play((50, 50), &[(1_090, change)], |weather, log| async move {
            let mut wire = weather.connect(DEVICE, "ws").await?;
            until_ms(1_000).await;
            say(&mut wire, &log, "hello").await?;
            hear(&mut wire, &log).await
        });
        assert_eq!(seen.device.lines(), ["say hello", "hello"]);
    }
}
