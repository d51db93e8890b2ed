//! SIGTERM: everybody is told, everything is flushed, exit 0 (PROTOCOL.md, promise 12; REQUIREMENTS.md WS-8).

use serde_json::json;
use system::protocol::{CloseCode, Role, ServerFrame, Visibility};

use crate::support::{Company, LiveServer, Program, Socket, refused, rest_at};

const ARGUMENTS: [&str; 2] = ["--listen", "127.0.0.1:0"];

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
async fn a_server_that_stops_is_not_ready_takes_no_upgrade_and_sends_what_waits() {
    let server = LiveServer::with(|config| config.shutdown.jitter_ms = 300).await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let (mut first, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let (mut second, _) = Socket::follow_all(server.address, company.owner.token()).await;
    // On a connection of its own that is open already: the server no longer accepts others.
    let rest = rest_at(server.address);
    rest.rooms(company.owner.token(), None).await.unwrap();
    let send = json!({"room": room.id, "body": "the last word", "idempotency_key": "k"});
    first.say(json!({"type": "message.send", "id": "last", "data": send})).await;
    let stopped = server.stop();
    for socket in [&mut first, &mut second] {
        let (frames, code) = socket.until_closed().await;
        assert_eq!(code, Some(CloseCode::ServiceRestart.number()));
        assert!(matches!(frames.last(), Some(ServerFrame::Closing(_))), "{frames:?}");
    }
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_answer_the_goodbye_is_ended_by_the_deadline() {
    let server = LiveServer::with(|config| config.shutdown.deadline_ms = 500).await;
    let company = Company::register(server.address, "acme").await;
    let (deaf, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let began = tokio::time::Instant::now();
    server.stop().await.unwrap().unwrap();
    assert!(began.elapsed().as_millis() < 2_000, "{:?}", began.elapsed());
    drop(deaf);
}
