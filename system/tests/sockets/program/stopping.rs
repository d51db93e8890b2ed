//! SIGTERM: everybody is told, everything is flushed, exit 0 (PROTOCOL.md, promise 12; REQUIREMENTS.md WS-8).

use std::time::Duration;

use system::protocol::{CloseCode, ErrorCode, Role, ServerFrame, Visibility};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::{Company, LiveServer, Program, RawAnswer, Socket, read_until_closed, refused};

const ARGUMENTS: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// What RFC 6455 wants of a handshake.
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: stormglass.v1.json\r\n";

#[tokio::test]
async fn sigterm_tells_everybody_and_ends_with_0() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::start(directory.path(), &ARGUMENTS).await;
    let company = Company::register(program.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let mut sockets = Vec::new();
    for person in [&company.owner, &mia, &mia] {
        sockets.push(Socket::follow_all(program.address, person.token()).await.0);
    }
    let restart = CloseCode::ServiceRestart.number();
    program.terminate();
    for mut socket in sockets {
        let (frames, code) = socket.until_closed().await;
        let closings: Vec<_> = frames
            .into_iter()
            .filter_map(|frame| if let ServerFrame::Closing(closing) = frame { Some(closing) } else { None })
            .collect();
        assert_eq!(closings.len(), 1);
        assert!(closings[0].reconnect && closings[0].code == restart, "{closings:?}");
        assert_eq!(code, Some(restart));
    }
    assert_eq!(program.ended().await.code(), Some(0));
    assert!(program.stderr().contains("told to terminate"), "{}", program.stderr());
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let server = LiveServer::start().await;
    let directory = tempfile::tempdir().unwrap();
    let taken = server.address.to_string();
    let refused = refused(directory.path(), &["--listen", &taken], &[]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains(&format!("cannot listen on {taken}")), "{}", refused.stderr);
}

#[tokio::test]
async fn a_server_that_stops_is_not_ready_and_upgrades_nobody_but_finishes_what_it_began() {
    let server = LiveServer::with(|config| config.shutdown.jitter_ms = 300).await;
    let company = Company::register(server.address, "acme").await;
    let (mut following, _) = Socket::follow_all(server.address, company.owner.token()).await;
    // Their heads are half sent when the shutdown begins.
    let bearer = format!("Authorization: Bearer {}\r\n", company.owner.token());
    let mut waiting = Vec::new();
    for (path, headers, status) in [("/ready", "", 503), ("/ws", UPGRADE, 503), ("/api/v1/rooms", bearer.as_str(), 200)]
    {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}").as_bytes()).await.unwrap();
        waiting.push((path, stream, status));
    }
    sleep(Duration::from_millis(50)).await;
    let stopped = server.stop();
    sleep(Duration::from_millis(50)).await;
    for (path, mut stream, status) in waiting {
        stream.write_all(b"\r\n").await.unwrap();
        let answer = RawAnswer::parse(&read_until_closed(&mut stream).await);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        if status == 503 {
            answer.refused(503, ErrorCode::Unavailable);
            assert_eq!(answer.headers["retry-after"], "1");
        }
    }
    assert_eq!(following.close_code().await, CloseCode::ServiceRestart.number());
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_reads_only_when_the_deadline_is_near_is_told_to_go_away() {
    let server = LiveServer::with(|config| config.shutdown.deadline_ms = 4_000).await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let (mut slow, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let waiting = async || company.rest.connections(company.owner.token()).await.unwrap().connections[0].queue_bytes;
    while waiting().await < 200_000 {
        for _ in 0..20 {
            company.post(room.id, &"x".repeat(8_000)).await;
        }
    }
    let stopped = server.stop();
    sleep(Duration::from_millis(3_200)).await;
    assert_eq!(slow.close_code().await, CloseCode::GoingAway.number());
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let environment = [("STORMGLASS_SHUTDOWN__DEADLINE_MS", "60000"), ("STORMGLASS_SHUTDOWN__JITTER_MS", "30000")];
    let mut program = Program::try_start(directory.path(), &ARGUMENTS, &environment).await.unwrap();
    let company = Company::register(program.address, "acme").await;
    // Several, so that one of them is told late: the drain takes its time.
    let mut following = Vec::new();
    for _ in 0..8 {
        following.push(Socket::follow_all(program.address, company.owner.token()).await.0);
    }
    program.terminate();
    while !program.stderr().contains("stopping") {
        sleep(Duration::from_millis(5)).await;
    }
    program.terminate();
    assert_eq!(program.ended().await.code(), Some(1));
    assert!(program.stderr().contains("told twice"), "{}", program.stderr());
}

#[tokio::test]
async fn a_client_that_does_not_answer_the_goodbye_is_ended_by_the_deadline() {
    let server = LiveServer::with(|config| config.shutdown.deadline_ms = 500).await;
    let company = Company::register(server.address, "acme").await;
    let (deaf, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let began = Instant::now();
    server.stop().await.unwrap().unwrap();
    assert!(began.elapsed().as_millis() < 2_000, "{:?}", began.elapsed());
    drop(deaf);
}
