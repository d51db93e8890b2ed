//! Coming back: all of it, or none and a snapshot (PROTOCOL.md, promise 5).

use std::time::Duration;

use serde_json::{Value, json};
use system::Config;
use system::protocol::{StreamId, StreamState, Visibility, Welcome};

use crate::support::{Company, LiveServer, Socket, StateOf};

/// A room, where a client was in it, and what happened since.
struct Away {
    server: LiveServer,
    company: Company,
    stream: StreamId,
    left_at: StreamState,
    missed: Vec<u64>,
}

impl Away {
    /// A client that was away while `messages` of some size were sent.
    async fn during(messages: usize, size: usize, adjust: impl FnOnce(&mut Config)) -> Self {
        let server = LiveServer::with(adjust).await;
        let company = Company::register(server.address, "acme").await;
        let room = company.room("general", Visibility::Public, &[]).await;
        let stream = StreamId::Room(room.id);
        let (_, welcome) = Socket::follow_all(server.address, company.owner.token()).await;
        let mut missed = Vec::new();
        for _ in 0..messages {
            missed.push(company.post(room.id, &"x".repeat(size)).await.seq);
        }
        Self { server, company, stream, left_at: welcome.state_of(stream), missed }
    }

    fn position(&self) -> Value {
        json!({"stream": self.stream, "seq": self.left_at.seq, "epoch": self.left_at.epoch})
    }

    async fn back_at(&self, position: Value) -> (Socket, Welcome) {
        let mut socket = Socket::open(self.server.address, self.company.owner.token()).await;
        let welcome = socket.hello(json!({"positions": [position], "follow": [self.stream]})).await;
        (socket, welcome)
    }

    /// That the client is told to start over, and that nothing of what it missed is sent.
    async fn starts_over(&self, position: Value) {
        let (mut socket, welcome) = self.back_at(position).await;
        let state = welcome.state_of(self.stream);
        let newest = *self.missed.last().unwrap();
        assert_eq!((state.recovered, state.seq), (false, newest));
        let StreamId::Room(room) = self.stream else { unreachable!("it is a room") };
        let next = self.company.post(room, "the next").await;
        assert_eq!(socket.hear_event().await, (self.stream, next.seq));
    }
}

#[tokio::test]
async fn within_the_window_exactly_what_is_missing_comes() {
    let away = Away::during(5, 10, |_| {}).await;
    let (mut socket, welcome) = away.back_at(away.position()).await;
    let state = welcome.state_of(away.stream);
    assert_eq!((state.recovered, state.seq), (true, away.left_at.seq));
    for seq in &away.missed {
        assert_eq!(socket.hear_event().await, (away.stream, *seq));
    }
    socket.assert_open().await;
}

#[tokio::test]
async fn another_history_or_a_future_position_starts_over() {
    let away = Away::during(2, 10, |_| {}).await;
    let mut other_epoch = away.position();
    other_epoch["epoch"] = json!(away.left_at.epoch.0 ^ 1);
    away.starts_over(other_epoch).await;
    let away = Away::during(2, 10, |_| {}).await;
    let mut ahead = away.position();
    ahead["seq"] = json!(1_000);
    away.starts_over(ahead).await;
}

#[tokio::test]
async fn too_many_events_too_many_bytes_or_too_long_starts_over() {
    let away = Away::during(4, 10, |config| config.resume.events = 3).await;
    away.starts_over(away.position()).await;
    let away = Away::during(4, 1_000, |config| config.resume.bytes = 4_000).await;
    away.starts_over(away.position()).await;
    let away = Away::during(1, 10, |config| config.resume.window_ms = 50).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    away.starts_over(away.position()).await;
}

#[tokio::test]
async fn what_just_fits_is_recovered() {
    let away = Away::during(3, 10, |config| config.resume.events = 3).await;
    assert!(away.back_at(away.position()).await.1.state_of(away.stream).recovered);
}
