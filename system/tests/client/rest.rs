//! REST alone: typed calls, one connection for many requests, and the three ways in which a request can end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use system::client::{CallError, Exchange, Method, Purpose, Request, Rest, TcpConnector, Timing, Unobserved};
use system::protocol::{API_PREFIX, ErrorCode, Login, Problem};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::fake_server::{FakeConnector, FakeServer, Reply, Script, fake_server, serve};
use crate::objects::{ANA, ROOM, STREAM, message, snapshot};

fn rest() -> (FakeServer, Rest<FakeConnector>) {
    let (server, connector) = fake_server();
    (server, Rest::new(Arc::new(connector), Timing::default(), Arc::new(Unobserved)))
}

fn read() -> Request {
    Request::new(Method::Get, format!("{API_PREFIX}/rooms"))
}

#[tokio::test]
async fn typed_calls_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::new(Mutex::new(Script::default()));
    script.lock().unwrap().snapshots.push_back(snapshot(3));
    let served = script.clone();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream, served).await;
    });

    let connector = Arc::new(TcpConnector::new(address.to_string()));
    let rest = Rest::new(connector, Timing::default(), Arc::new(Unobserved));
    let login = Login { email: "ana@example.com".into(), password: "correct horse!".into(), device: "phone".into() };
    let session = rest.login(&login).await.unwrap();
    assert_eq!(session.user.id, ANA);
    let token = session.tokens.access_token;
    assert_eq!(rest.snapshot(&token, STREAM).await.unwrap(), snapshot(3));
    rest.add_member(&token, ROOM, ANA).await.unwrap();
    let posted = serde_json::to_string(&message(4)).unwrap();
    script.lock().unwrap().replies.push_back(Reply::Status(201, posted));
    assert_eq!(rest.post_message(&token, ROOM, "m4", "key").await.unwrap(), message(4));

    let seen = script.lock().unwrap().seen.last().cloned().unwrap();
    assert_eq!((seen.method.as_str(), seen.key.as_deref()), ("POST", Some("key")));
    assert_eq!(seen.token, Some(token));
    drop(rest);
    server.await.unwrap();
}

#[tokio::test]
async fn refusals_carry_the_servers_problem() {
    let (server, rest) = rest();
    let problem = Problem {
        r#type: "about:blank".into(),
        title: ErrorCode::Forbidden.title().into(),
        status: 403,
        detail: "you are no member".into(),
        code: ErrorCode::Forbidden,
        correlation_id: "c".into(),
        errors: vec![],
        quota: None,
    };
    let body = serde_json::to_string(&problem).unwrap();
    server.script.lock().unwrap().replies.extend([Reply::Status(403, body), Reply::Status(200, "?".into())]);
    let error = rest.room("token", ROOM).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Forbidden));
    assert_eq!(error.to_string(), "This is not allowed (403): you are no member");
    assert!(matches!(rest.room("token", ROOM).await, Err(CallError::Unreadable { status: 200, .. })));
}

#[tokio::test(start_paused = true)]
async fn a_broken_and_a_silent_server_lose_the_answer_and_the_next_request_connects_anew() {
    let (server, rest) = rest();
    server.script.lock().unwrap().replies.extend([
        Reply::Status(200, String::new()),
        Reply::Break,
        Reply::Silence,
        Reply::Status(200, String::new()),
    ]);
    assert!(matches!(rest.send(&read()).await, Exchange::Answered(_)));
    assert!(matches!(rest.send(&read()).await, Exchange::Lost { .. }));
    let sent = Instant::now();
    assert!(matches!(rest.send(&read()).await, Exchange::Lost { reason } if reason.contains("10000 ms")));
    assert_eq!(sent.elapsed().as_secs(), 10);
    assert!(matches!(rest.send(&read()).await, Exchange::Answered(_)));
    let script = server.script.lock().unwrap();
    assert_eq!(script.seen.len(), 4, "nothing is repeated");
    assert!(script.attempts.iter().all(|(purpose, _)| *purpose == Purpose::Rest));
    assert_eq!(script.attempts.len(), 3, "the first two shared a connection");
}

#[tokio::test(start_paused = true)]
async fn without_a_connection_nothing_was_sent() {
    let (server, rest) = rest();
    server.script.lock().unwrap().refuses_connections = 1;
    assert!(matches!(rest.send(&read()).await, Exchange::Unsent { .. }));
    assert_eq!(server.seen(""), []);
    assert!(matches!(rest.send(&read()).await, Exchange::Answered(_)));
}

#[tokio::test(start_paused = true)]
async fn an_exchange_that_is_given_up_leaves_no_connection_behind() {
    let (server, rest) = rest();
    server.script.lock().unwrap().replies.push_back(Reply::Silence);
    let request = read();
    assert!(tokio::time::timeout(Duration::from_secs(1), rest.send(&request)).await.is_err());
    assert!(matches!(rest.send(&request).await, Exchange::Answered(_)));
    assert_eq!(server.script.lock().unwrap().attempts.len(), 2);
}
