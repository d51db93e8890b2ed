//! Many interruptions at once: a connection that is not broken loses nothing, however it is shaken.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stage::{Change, Cue, DEVICE, Log, play};
use crate::faults::Direction;
use crate::keyed::Key;
use crate::network::{Condition, Weather};

const WORDS: u64 = 200;

/// Twelve disturbances that overlap as they like, all over after 20 s.
fn storm(draw: u64) -> Vec<Cue> {
    let mut cues = Vec::new();
    for step in 0..12u32 {
        let key = Key::new(draw).with(step);
        let begins_at = key.with("begin").below(18_000);
        let ends_at = begins_at + key.with("length").between(10, 2_000);
        let change = match key.with("change").below(9) {
            0 => Change::Cut(step, Direction::Both),
            1 => Change::Cut(step, Direction::Up),
            2 => Change::Cut(step, Direction::Down),
            3 => Change::Stall(step),
            4 => Change::Begin(step, Condition::Slow { extra_ms: 100, jitter_ms: 400 }),
            5 => Change::Begin(step, Condition::Lossy { percent: 30 }),
            6 => Change::Begin(step, Condition::Narrow { bytes_per_s: 100 }),
            7 => Change::Begin(step, Condition::Fragmented { most_bytes: 3 }),
            _ => Change::Begin(step, Condition::ReadsSlowly { bytes_per_s: 50 }),
        };
        cues.extend([(begins_at, change), (ends_at, Change::End(step))]);
    }
    cues.sort_by_key(|(at_ms, _)| *at_ms);
    cues
}

/// Says a word each 100 ms and writes down what comes back.
async fn chat(weather: Weather, log: Log) -> io::Result<()> {
    let (mut reader, mut writer) = tokio::io::split(weather.connect(DEVICE, "ws").await?);
    let echo_log = log.clone();
    let listening = tokio::task::spawn_local(async move {
        let mut buffer = [0; 4];
        for _ in 0..WORDS {
            reader.read_exact(&mut buffer).await?;
            echo_log.add(String::from_utf8_lossy(&buffer));
        }
        Ok(())
    });
    for word in 0..WORDS {
        writer.write_all(format!("{word:04}").as_bytes()).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    listening.await?
}

#[test]
fn what_is_not_broken_loses_nothing_and_every_storm_plays_alike() {
    let expected: Vec<String> = (0..WORDS).map(|word| format!("{word:04}")).collect();
    for draw in 0..40 {
        let seen = play((5, 60), &storm(draw), chat);
        assert_eq!(seen.device.lines(), expected, "storm {draw}");
        // All is over after 20 s. Waits double, so the last one is no longer than the cut before it.
        let last = seen.device.at("0199");
        assert!(last < 25_000, "storm {draw}: the last word came back at {last} ms");
        assert!(!seen.effects.is_empty(), "storm {draw} was none");
        assert_eq!(seen, play((5, 60), &storm(draw), chat), "storm {draw} plays differently");
    }
}
