//! Connections that say too much, or what nobody reads, and commands that panic (REQUIREMENTS.md WS-11, WS-12).

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use system::Server;
use system::platform::{Backend, BoxFuture, OsPlatform, Platform, Work};
use system::protocol::{CloseCode, ErrorCode, ServerFrame, Timestamp};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Company, LiveServer, Socket, quick};

#[tokio::test]
async fn who_says_too_much_is_warned_then_slowed_down_then_closed() {
    let server = LiveServer::with(|config| {
        config.limits.frames_per_second = 50;
        config.limits.frames_burst = 5;
        config.limits.frames_throttled = 3;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let (mut loud, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (mut quiet, _) = Socket::follow_all(server.address, company.owner.token()).await;
    for _ in 0..50 {
        if loud.try_say(json!({"type": "pong"})).await.is_err() {
            break;
        }
    }
    let (frames, code) = loud.until_closed().await;
    let warnings = frames.iter().filter_map(|frame| match frame {
        ServerFrame::Warning(warning) => Some((warning.code, warning.retry_after_ms > 0)),
        _ => None,
    });
    assert_eq!(warnings.collect::<Vec<_>>(), [(ErrorCode::RateLimited, true)], "one warning for one burst");
    assert_eq!(code, Some(CloseCode::RateLimited.number()));
    quiet.assert_open().await;
}

#[tokio::test]
async fn binary_frames_that_are_none_are_refused_and_at_last_closed() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    for _ in 0..15 {
        socket.send(Message::binary(vec![0xff])).await;
        socket.hear_error().await;
    }
    socket.assert_open().await;
    for _ in 0..16 {
        socket.send(Message::binary(vec![0xff])).await;
    }
    assert_eq!(socket.close_code().await, CloseCode::UnsupportedData.number());
}

/// A machine whose entropy fails when it is told to: whatever draws an identifier then panics.
#[derive(Debug)]
struct Failing {
    machine: OsPlatform,
    fails: AtomicBool,
}

impl Platform for Failing {
    fn now(&self) -> Timestamp {
        self.machine.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        assert!(!self.fails.load(Ordering::Relaxed), "no entropy, as the test wants it");
        self.machine.fill_random(bytes);
    }

    fn open_database(&self) -> io::Result<Backend> {
        self.machine.open_database()
    }

    fn run_blocking(&self, work: Work) -> BoxFuture<()> {
        self.machine.run_blocking(work)
    }
}

#[tokio::test]
async fn a_command_that_panics_ends_its_own_connection_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let machine = OsPlatform::new(directory.path());
    let platform = Arc::new(Failing { machine, fails: AtomicBool::new(false) });
    let server = LiveServer::on(Server::start(quick(), platform.clone()).await.unwrap()).await;
    let company = Company::register(server.address, "acme").await;
    let (mut unlucky, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (mut other, _) = Socket::follow_all(server.address, company.owner.token()).await;
    platform.fails.store(true, Ordering::Relaxed);
    unlucky.say(json!({"type": "pong"})).await;
    assert_eq!(unlucky.close_code().await, CloseCode::Internal.number());
    platform.fails.store(false, Ordering::Relaxed);
    other.assert_open().await;
}
