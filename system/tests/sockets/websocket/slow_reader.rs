//! A client that does not read (PROTOCOL.md, promise 11; REQUIREMENTS.md WS-16, IT-E4).

use std::time::Duration;

use serde_json::json;
use system::protocol::{CloseCode, StreamId, Visibility};
use tokio::time::sleep;

use crate::support::{Company, LiveServer, Socket, StateOf};

/// Large enough to fill the kernel's buffers and the queue in a moment.
const SIZE: usize = 8_000;

#[tokio::test]
async fn a_slow_reader_is_closed_others_go_on_and_it_resumes() {
    let server = LiveServer::with(|config| {
        config.websocket.queue_bytes = 64 << 10;
        config.websocket.write_timeout_ms = 300;
        config.resume.bytes = 32 << 10;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let stream = StreamId::Room(room.id);
    let (mut slow, welcome) = Socket::follow_all(server.address, company.owner.token()).await;
    let start = welcome.state_of(stream);
    let (mut quick, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let live = async || company.rest.connections(company.owner.token()).await.unwrap().connections;

    let mut sent = start.seq;
    while live().await.len() == 2 {
        for connection in live().await {
            assert!(connection.queue_bytes <= 64 << 10, "a slow reader costs {} bytes", connection.queue_bytes);
        }
        for _ in 0..50 {
            sent = company.post(room.id, &"x".repeat(SIZE)).await.seq;
            assert_eq!(quick.hear_event().await, (stream, sent), "nobody waits for the slow one");
        }
        assert!(sent < 10_000, "the slow reader is never closed");
        sleep(Duration::from_millis(1)).await;
    }

    // It reads at last: a gapless beginning, then the end and why.
    let (frames, code) = slow.until_closed().await;
    let mut reached = start.seq;
    for frame in frames {
        if let system::protocol::ServerFrame::Event(event) = frame {
            assert_eq!(event.seq, reached + 1);
            reached = event.seq;
        }
    }
    assert!(reached < sent);
    assert_eq!(code, Some(CloseCode::SlowConsumer.number()));

    let mut back = Socket::open(server.address, company.owner.token()).await;
    let last = json!({"stream": stream, "seq": sent - 2, "epoch": start.epoch});
    let welcome = back.hello(json!({"positions": [last], "follow": [stream]})).await;
    assert!(welcome.state_of(stream).recovered);
    assert_eq!(back.hear_event().await, (stream, sent - 1));
    assert_eq!(back.hear_event().await, (stream, sent));
}
