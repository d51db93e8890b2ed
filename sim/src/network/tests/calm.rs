//! Calm weather: latency, order, backpressure, closing.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stage::{DEVICE, Log, hear, now_ms, play, say, until_ms};
use crate::network::Weather;

/// Says `count` words ten milliseconds apart, while another task reads.
async fn chat(weather: Weather, log: Log, count: u64) -> std::io::Result<()> {
    let wire = weather.connect(DEVICE, "ws").await?;
    log.add("connected");
    let (mut reader, mut writer) = tokio::io::split(wire);
    let echo_log = log.clone();
    let listening = tokio::task::spawn_local(async move {
        let mut buffer = [0; 4];
        for _ in 0..count {
            reader.read_exact(&mut buffer).await.expect("calm weather");
            echo_log.add(String::from_utf8_lossy(&buffer));
        }
    });
    for word in 0..count {
        log.add(format!("say {word:04}"));
        writer.write_all(format!("{word:04}").as_bytes()).await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    listening.await.map_err(std::io::Error::other)
}

#[test]
fn a_segment_takes_the_latency_both_ways() {
    let seen = play((100, 100), &[], |weather, log| chat(weather, log, 1));
    let (said, got, echoed) = (seen.device.at("say 0000"), seen.server.at("0000"), seen.device.at("0000"));
    // The server's clock is up to one tick away from the device's.
    assert!((90..=120).contains(&(got - said)), "{said} -> {got}");
    assert!((190..=230).contains(&(echoed - said)), "{said} -> {echoed}");
    let connected = seen.device.at("connected");
    assert!((200..=230).contains(&connected), "a handshake goes there and back: {connected}");
}

#[test]
fn latency_is_a_function_of_the_key_and_order_is_kept() {
    let [first, second] = [(); 2].map(|()| play((5, 80), &[], |weather, log| chat(weather, log, 300)));
    assert_eq!(first, second);
    let echoes: Vec<String> = first.device.lines().into_iter().filter(|line| line.len() == 4).collect();
    let expected: Vec<String> = (0..300).map(|word| format!("{word:04}")).collect();
    assert_eq!(echoes, expected, "order was lost");
    let round_trips: std::collections::BTreeSet<u64> =
        expected.iter().map(|word| first.device.at(word) - first.device.at(&format!("say {word}"))).collect();
    assert!(round_trips.len() > 10, "latency does not vary with the spells of weather: {round_trips:?}");
}

#[test]
fn another_connection_leaves_the_weather_of_the_first_as_it_was() {
    let alone = play((5, 80), &[], |weather, log| chat(weather, log, 30));
    let in_company = play((5, 80), &[], |weather, log| async move {
        for purpose in ["rest", "ws"] {
            let weather = weather.clone();
            let device = if purpose == "ws" { "ben/laptop" } else { DEVICE };
            tokio::task::spawn_local(async move {
                let mut wire = weather.connect(device, purpose).await.expect("calm weather");
                wire.write_all(b"company").await.expect("calm weather");
                hear(&mut wire, &Log::default()).await
            });
        }
        chat(weather, log, 30).await
    });
    assert_eq!(alone.device, in_company.device);
}

#[test]
fn a_server_that_does_not_read_pushes_back() {
    let seen = play((5, 5), &[], |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        say(&mut wire, &log, "deaf").await?;
        until_ms(100).await;
        let mut written = 0;
        let block = vec![b'x'; 64 * 1024];
        while let Ok(count) = tokio::time::timeout(Duration::from_secs(5), wire.write(&block)).await {
            written += count?;
        }
        log.add(format!("pushed back: {}", written < 32 * 1024 * 1024));
        Ok(())
    });
    seen.device.at("pushed back: true");
}

#[test]
fn a_device_that_does_not_read_pushes_back() {
    let seen = play((5, 5), &[], |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        say(&mut wire, &log, "flood").await?;
        until_ms(5_000).await;
        let before = weather.open_connections();
        let mut buffer = vec![0; 1_024];
        let mut read = 0;
        while read < 4 * 1024 * 1024 {
            read += wire.read(&mut buffer).await?;
        }
        log.add(format!("{before} open, read {read}"));
        Ok(())
    });
    seen.device.at("1 open, read 4194304");
    let flooded = seen.server.lines().len();
    assert_eq!(flooded, 1 + 4_096, "the flood went on when the device read");
    assert!(seen.server.at("flooded 4194304") > 5_000, "the whole flood fitted into buffers");
}

#[test]
fn dropping_a_wire_sends_what_was_written_and_then_the_end() {
    let seen = play((100, 100), &[], |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        say(&mut wire, &log, "last").await?;
        drop(wire);
        log.add("dropped");
        let open = weather.open_connections();
        until_ms(now_ms() + 500).await;
        log.add(format!("{open} open"));
        Ok(())
    });
    assert_eq!(seen.server.lines(), ["accepted", "last", "end"]);
    let (dropped, ended) = (seen.device.at("dropped"), seen.server.at("end"));
    assert!((90..=130).contains(&(ended - dropped)), "{dropped} -> {ended}");
    seen.device.at("0 open");
}

#[test]
fn after_a_shutdown_the_answer_still_comes() {
    let seen = play((20, 20), &[], |weather, log| async move {
        let mut wire = weather.connect(DEVICE, "ws").await?;
        say(&mut wire, &log, "last").await?;
        wire.shutdown().await?;
        let refused = wire.write(b"more").await.map_err(|error| error.kind());
        log.add(format!("{refused:?}"));
        hear(&mut wire, &log).await?;
        hear(&mut wire, &log).await?;
        hear(&mut wire, &log).await
    });
    assert_eq!(seen.device.lines(), ["say last", "Err(BrokenPipe)", "last", "end", "end"]);
    assert_eq!(seen.server.lines(), ["accepted", "last", "end"]);
}

#[test]
fn giving_up_a_connection_attempt_leaves_nothing_behind() {
    for patience_ms in [10, 30, 35, 45, 60] {
        let seen = play((25, 25), &[], |weather, log| async move {
            let patience = Duration::from_millis(patience_ms);
            let gave_up = tokio::time::timeout(patience, weather.connect(DEVICE, "ws")).await.is_err();
            log.add(format!("gave up {gave_up}"));
            until_ms(1_000).await;
            log.add(format!("{} streams", turmoil::established_tcp_stream_count_on("server")));
            Ok(())
        });
        assert_eq!(seen.device.lines()[1], "0 streams", "after {patience_ms} ms");
        let accepted = seen.server.find("accepted").is_some();
        assert_eq!(accepted, seen.server.find("end").is_some(), "after {patience_ms} ms: {:?}", seen.server);
    }
}
