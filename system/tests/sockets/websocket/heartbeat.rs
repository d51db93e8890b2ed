//! Connections on which nothing happens (PROTOCOL.md, promise 10; REQUIREMENTS.md WS-3, WS-17).

use std::time::Duration;

use serde_json::json;
use system::protocol::{CloseCode, ServerFrame};
use tokio::time::{Instant, sleep};

use crate::support::{Company, LiveServer, Socket};

#[tokio::test]
async fn who_never_says_hello_is_closed() {
    let server = LiveServer::with(|config| config.websocket.hello_timeout_ms = 1_000).await;
    let company = Company::register(server.address, "acme").await;
    let mut silent = Socket::open(server.address, company.owner.token()).await;
    let mut polite = Socket::open(server.address, company.owner.token()).await;
    polite.hello(json!({})).await;
    assert_eq!(silent.close_code().await, CloseCode::PolicyViolation.number());
    polite.assert_open().await;
}

/// The times are long enough for a machine that is busy with other tests to answer in.
#[tokio::test]
async fn who_is_silent_is_dead_and_who_answers_lives() {
    let server = LiveServer::with(|config| {
        config.websocket.heartbeat_ms = 500;
        config.websocket.silence_ms = 2_000;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let began = Instant::now();
    let (mut silent, welcome) = Socket::follow_all(server.address, company.owner.token()).await;
    assert_eq!(welcome.heartbeat_ms, 500);
    let (mut alive, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let pongs = async {
        for _ in 0..8 {
            sleep(Duration::from_millis(500)).await;
            alive.say(json!({"type": "pong"})).await;
        }
    };
    let (_, (frames, code)) = tokio::join!(pongs, silent.until_closed());
    assert_eq!(code, Some(CloseCode::HeartbeatLost.number()));
    assert!(began.elapsed() >= Duration::from_millis(2_000));
    let pings = frames.iter().filter(|frame| **frame == ServerFrame::Ping).count();
    assert!((2..=4).contains(&pings), "{frames:?}");
    alive.assert_open().await;
}
