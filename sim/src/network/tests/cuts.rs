//! Cuts, stalls and resets.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::stage::{Change, DEVICE, hear, play, say, until_ms};
use crate::faults::Direction;

#[test]
fn a_cut_holds_bytes_until_the_retransmission_after_its_end() {
    let cues = [(1_000, Change::Cut(1, Direction::Both)), (4_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        say(&mut wire, &log, "hello").await?;
        hear(&mut wire, &log).await
    });
    // Sent at 1.5 s, sent again at 1.7, 2.1, 2.9 and 4.5 s.
    let got = seen.server.at("hello");
    assert!((4_490..=4_520).contains(&got), "at {got}");
    assert!((4_510..=4_550).contains(&seen.device.at("hello")), "{:?}", seen.device);
    let effects: Vec<_> = seen.effects.iter().map(|effect| (effect.step, &*effect.text)).collect();
    assert_eq!(effects, [(1, "ana/phone: 5 held bytes")]);
}

#[test]
fn a_cut_that_meets_nobody_has_no_effect() {
    let cues = [(1_000, Change::Cut(1, Direction::Both)), (1_500, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(2_000).await;
        say(&mut wire, &log, "hello").await?;
        hear(&mut wire, &log).await
    });
    assert!(seen.device.at("hello") < 2_100);
    assert_eq!(seen.effects, []);
}

#[test]
fn a_cut_upwards_lets_the_server_speak() {
    let cues = [(1_000, Change::Cut(1, Direction::Up)), (3_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(970).await;
        say(&mut wire, &log, "before").await?;
        until_ms(1_010).await;
        say(&mut wire, &log, "during").await?;
        hear(&mut wire, &log).await?;
        hear(&mut wire, &log).await
    });
    assert!(seen.device.at("before") < 1_100, "the answer came through");
    assert!(seen.server.at("during") > 3_000);
}

#[test]
fn a_cut_downwards_lets_the_device_speak() {
    let cues = [(1_000, Change::Cut(1, Direction::Down)), (3_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        say(&mut wire, &log, "during").await?;
        hear(&mut wire, &log).await
    });
    assert!(seen.server.at("during") < 1_550);
    assert!(seen.device.at("during") > 3_000);
    assert_eq!(seen.effects[0].text, "ana/phone: 6 held bytes");
}

#[test]
fn a_stall_ends_for_all_at_once() {
    let cues = [(1_000, Change::Stall(1)), (4_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        say(&mut wire, &log, "hello").await?;
        hear(&mut wire, &log).await
    });
    let got = seen.server.at("hello");
    assert!((4_000..=4_020).contains(&got), "at {got}");
    assert_eq!(seen.effects.len(), 1);
}

#[test]
fn a_reset_breaks_both_ends() {
    let seen = play((20, 20), &[(1_000, Change::Reset)], |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        hear(&mut wire, &log).await?;
        log.add(format!("{:?}", wire.write(b"more").await.map_err(|error| error.kind())));
        until_ms(2_000).await;
        log.add(format!("{} open", weather.open_connections()));
        Ok(())
    });
    assert_eq!(seen.device.lines(), ["error ConnectionReset", "Err(ConnectionReset)", "0 open"]);
    assert!((1_000..=1_010).contains(&seen.device.at("error ConnectionReset")));
    assert!((1_010..=1_050).contains(&seen.server.at("end")));
    assert_eq!(seen.effects[0].text, "ana/phone: 1 broken connection");
    assert_eq!(seen.effects[0].step, 7);
}

#[test]
fn a_reset_reaches_the_server_only_after_a_cut() {
    let cues = [(1_000, Change::Cut(1, Direction::Up)), (1_500, Change::Reset), (5_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        hear(&mut wire, &log).await?;
        drop(wire);
        until_ms(20_000).await;
        Ok(())
    });
    assert!(seen.device.at("error ConnectionReset") < 1_520);
    assert!(seen.server.at("end") > 5_000);
}

#[test]
fn connecting_through_a_cut_hangs_until_a_repetition_after_its_end() {
    for direction in [Direction::Both, Direction::Up, Direction::Down] {
        let cues = [(1_000, Change::Cut(1, direction)), (5_000, Change::End(1))];
        let seen = play((20, 20), &cues, |weather, log| async move {
            until_ms(1_100).await;
            let connecting = weather.connect(DEVICE, "ws");
            assert!(tokio::time::timeout(Duration::from_secs(2), connecting).await.is_err(), "it must hang");
            log.add("gave up");
            let _wire = weather.connect(DEVICE, "ws").await?;
            log.add("connected");
            Ok(())
        });
        // Tried at 3.1 s, again at 4.1 s and 6.1 s.
        let connected = seen.device.at("connected");
        assert!((6_090..=6_200).contains(&connected), "{direction:?}: {connected}");
        assert_eq!(seen.effects[0].text, "ana/phone: 2 held connection attempts");
    }
}

#[test]
fn a_wire_dropped_in_a_cut_leaves_the_server_half_open() {
    let cues = [(1_000, Change::Cut(1, Direction::Both)), (20_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        say(&mut wire, &log, "last").await?;
        drop(wire);
        until_ms(19_000).await;
        log.add(format!("{} streams", turmoil::established_tcp_stream_count_on("server")));
        until_ms(40_000).await;
        log.add(format!("{} streams", turmoil::established_tcp_stream_count_on("server")));
        Ok(())
    });
    assert_eq!(seen.device.lines(), ["say last", "1 streams", "0 streams"]);
    assert!(seen.server.at("last") > 20_000);
    // Where its echo was on the way, the server hears that nobody wanted it rather than of a good end.
    let last = seen.server.lines().pop().expect("it heard something");
    assert!(["end", "error BrokenPipe", "error ConnectionReset"].contains(&&*last), "{:?}", seen.server);
}
