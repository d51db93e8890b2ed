//! What makes the way bad without closing it, and what breaks connections without a word.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::stage::{Change, Cue, DEVICE, Log, Seen, hear, play, say, until_ms};
use crate::network::Condition;

/// From 1 s to 5 s.
fn meanwhile(condition: Condition) -> [Cue; 2] {
    [(1_000, Change::Begin(1, condition)), (5_000, Change::End(1))]
}

/// Says `hello` at 1.5 s over a connection that stood before, and reads until all of it came back.
fn hello_amid(condition: Condition) -> Seen {
    play((20, 20), &meanwhile(condition), |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        say(&mut wire, &log, "hello").await?;
        let mut heard = [0; 5];
        wire.read_exact(&mut heard).await?;
        log.add(String::from_utf8_lossy(&heard));
        until_ms(5_500).await;
        Ok(())
    })
}

#[track_caller]
fn only_effect(seen: &Seen) -> &str {
    match seen.effects.as_slice() {
        [effect] => &effect.text,
        other => panic!("not one effect: {other:?}"),
    }
}

#[test]
fn a_slow_link_takes_longer_each_way() {
    let seen = hello_amid(Condition::Slow { extra_ms: 300, jitter_ms: 0 });
    let (there, back) = (seen.server.at("hello"), seen.device.at("hello"));
    assert!((1_820..1_840).contains(&there) && (2_140..2_180).contains(&back), "there at {there}, back at {back}");
    assert_eq!(only_effect(&seen), "ana/phone: 2 late segments");
}

#[test]
fn what_is_lost_comes_with_a_retransmission() {
    let seen = hello_amid(Condition::Lossy { percent: 100 });
    // Lost six times: 0.2 + 0.4 + … + 6.4 s later.
    let there = seen.server.at("hello");
    assert!((14_120..14_140).contains(&there), "at {there}");
    assert_eq!(only_effect(&seen), "ana/phone: 6 lost segments");
}

#[test]
fn a_narrow_way_takes_its_time() {
    let seen = hello_amid(Condition::Narrow { bytes_per_s: 10 });
    let (there, back) = (seen.server.at("hello"), seen.device.at("hello"));
    assert!((2_020..2_040).contains(&there) && (2_540..2_580).contains(&back), "there at {there}, back at {back}");
    assert_eq!(only_effect(&seen), "ana/phone: 10 queued bytes");
}

#[test]
fn what_queued_on_a_narrow_way_comes_when_it_is_wide_again() {
    let narrow = Condition::Narrow { bytes_per_s: 1 };
    let cues = [(1_000, Change::Begin(1, narrow)), (2_000, Change::End(1))];
    let seen = play((20, 20), &cues, |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        say(&mut wire, &log, "hello").await?;
        hear(&mut wire, &log).await
    });
    let there = seen.server.at("hello");
    assert!((2_000..2_040).contains(&there), "at {there}, rather than after five seconds");
}

#[test]
fn a_way_that_fragments_delivers_byte_by_byte() {
    let seen = hello_amid(Condition::Fragmented { most_bytes: 1 });
    assert_eq!(seen.server.lines(), ["accepted", "h", "e", "l", "l", "o"]);
    assert!(seen.device.find("hello").is_some());
    assert!(only_effect(&seen).ends_with(" pieces"), "{:?}", seen.effects);
}

#[test]
fn a_slow_reader_is_heard_and_backs_the_server_up() {
    let flood = |condition| {
        play((20, 20), &[(1_000, Change::Begin(1, condition))], |weather, log| async move {
            let mut wire = weather.connect(DEVICE, "ws").await?;
            until_ms(1_500).await;
            say(&mut wire, &log, "flood").await?;
            let (mut buffer, mut total) = (vec![0; 4_096], 0);
            while super::stage::now_ms() < 11_500 {
                match timeout(Duration::from_millis(100), wire.read(&mut buffer)).await {
                    Ok(count) => total += count?,
                    Err(_elapsed) => {}
                }
            }
            log.add(format!("read {total}"));
            Ok(())
        })
    };
    let read = |seen: &Seen| {
        let last = seen.device.lines().pop().unwrap_or_default();
        last.trim_start_matches("read ").parse::<usize>().expect("the last line tells")
    };
    let flooded = |seen: &Seen| seen.server.lines().iter().filter(|line| line.starts_with("flooded")).count();
    let slow = flood(Condition::ReadsSlowly { bytes_per_s: 500 });
    assert!((4_000..=6_000).contains(&read(&slow)), "read {} bytes in ten seconds", read(&slow));
    // What was read, what is on its way, and what the buffer holds, in writes of a kibibyte.
    assert!((8..=12).contains(&flooded(&slow)), "the server got rid of {} KiB", flooded(&slow));
    let calm = flood(Condition::Slow { extra_ms: 0, jitter_ms: 0 });
    assert!(read(&calm) > 1_000_000, "only {} bytes in ten seconds", read(&calm));
}

#[test]
fn a_server_that_writes_to_a_device_that_left_is_told() {
    let seen = play(
        (20, 20),
        &[(1_000, Change::Begin(1, Condition::ReadsSlowly { bytes_per_s: 1 }))],
        |weather, log| async move {
            let mut wire = weather.connect(DEVICE, "ws").await?;
            until_ms(1_500).await;
            say(&mut wire, &log, "flood").await?;
            until_ms(3_000).await;
            drop(wire);
            until_ms(4_000).await;
            Ok(())
        },
    );
    let lines = seen.server.lines();
    assert!(lines.last().is_some_and(|line| line.starts_with("error")), "it never heard: {:?}", lines.last());
}

#[test]
fn who_connects_is_refused_while_who_is_connected_goes_on() {
    let seen = play((20, 20), &meanwhile(Condition::RefusesConnections), |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        let refused = weather.connect(DEVICE, "rest").await.map(drop);
        log.add(format!("{:?}", refused.map_err(|error| error.kind())));
        say(&mut wire, &log, "hello").await?;
        hear(&mut wire, &log).await?;
        until_ms(5_100).await;
        weather.connect(DEVICE, "rest").await.map(drop)
    });
    assert_eq!(seen.device.lines(), ["Err(ConnectionRefused)", "say hello", "hello"]);
    assert_eq!(only_effect(&seen), "ana/phone: 1 refused connection attempt");
}

#[test]
fn who_connects_hears_nothing_while_who_is_connected_goes_on() {
    let seen = play((20, 20), &meanwhile(Condition::HoldsConnections), |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        until_ms(1_500).await;
        let unanswered = timeout(Duration::from_secs(1), weather.connect(DEVICE, "rest")).await;
        log.add(if unanswered.is_err() { "nothing" } else { "something" });
        say(&mut wire, &log, "hello").await?;
        hear(&mut wire, &log).await?;
        drop(weather.connect(DEVICE, "rest").await?);
        log.add("connected");
        Ok(())
    });
    assert_eq!(seen.device.lines(), ["nothing", "say hello", "hello", "connected"]);
    assert!((5_000..5_100).contains(&seen.device.at("connected")), "{:?}", seen.device);
    assert_eq!(only_effect(&seen), "ana/phone: 2 held connection attempts");
}

/// Says `hello` at 1.5 s and waits until 20 s for an answer.
async fn call_into_the_void(weather: crate::network::Weather, log: Log) -> std::io::Result<()> {
    let mut wire = weather.connect(DEVICE, "ws").await?;
    until_ms(1_500).await;
    let said = wire.write_all(b"hello").await;
    log.add(format!("{:?}", said.map_err(|error| error.kind())));
    let heard = timeout(Duration::from_secs(18), wire.read(&mut [0; 8])).await;
    log.add(match heard {
        Err(_elapsed) => "silence".to_owned(),
        Ok(heard) => format!("{:?}", heard.map_err(|error| error.kind())),
    });
    drop(wire);
    until_ms(21_000).await;
    Ok(())
}

#[test]
fn a_forgotten_connection_is_dead_and_nobody_is_told() {
    let seen = play((20, 20), &meanwhile(Condition::ForgetsIdle { after_ms: 400 }), call_into_the_void);
    assert_eq!(seen.device.lines(), ["Ok(())", "silence"]);
    assert_eq!(seen.server.lines(), ["accepted"], "the server heard something");
    assert_eq!(only_effect(&seen), "ana/phone: 1 forgotten connection");
    let seen = play((20, 20), &meanwhile(Condition::ForgetsIdle { after_ms: 1_600 }), call_into_the_void);
    assert_eq!(seen.device.lines(), ["Ok(())", "Ok(5)"], "a connection in use is not forgotten");
}

#[test]
fn a_device_that_lost_its_end_knows_and_the_server_does_not() {
    let seen = play((20, 20), &[(1_000, Change::Vanish)], call_into_the_void);
    assert_eq!(seen.device.lines(), ["Err(ConnectionReset)", "Err(ConnectionReset)"]);
    assert_eq!(seen.server.lines(), ["accepted"], "the server heard something");
    assert_eq!(only_effect(&seen), "ana/phone: 1 broken connection");
}
