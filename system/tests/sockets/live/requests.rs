//! Requests and TCP connections too many (REQUIREMENTS.md WS-10): one too many is told when to come back, and others do not
//! notice.

use std::time::Duration;

use serde_json::json;
use system::config::Secret;
use system::protocol::{ErrorCode, Role};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::{Company, LiveServer, Person, RawAnswer, RawRequest, Socket, read_until_closed};

const OPERATOR_TOKEN: &str = "operator-0123456789";

async fn ask(server: &LiveServer, person: &Person) -> RawAnswer {
    RawRequest::api("GET", "/users/me").token(person.token()).send(server.address).await
}

#[tokio::test]
async fn each_user_is_told_what_is_left_and_when_to_come_back() {
    let server = LiveServer::with(|config| {
        config.limits.requests_per_second = 2;
        config.limits.requests_burst = 10;
        config.operator.token = Secret::new(OPERATOR_TOKEN);
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let first = ask(&server, &mia).await;
    assert_eq!((first.status, first.headers["ratelimit-policy"].as_str()), (200, "\"user\";q=10;w=5"));
    assert_eq!(first.headers["ratelimit"], "\"user\";r=9;t=1");
    let mut refused = None;
    for _ in 0..30 {
        let answer = ask(&server, &mia).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("nobody asks 30 times at once where 10 may");
    assert_eq!(refused.headers["ratelimit"], "\"user\";r=0;t=5");
    let wait_s: u64 = refused.headers["retry-after"].parse().unwrap();
    assert_eq!(wait_s, 1, "half a second, rounded up");
    assert!(refused.refused(429, ErrorCode::RateLimited).contains("user"));

    // Neither another user, nor probes, nor whoever has no token, waits for them.
    assert_eq!(ask(&server, &company.owner).await.status, 200);
    let probe = RawRequest::new("GET", "/ready").send(server.address).await;
    assert!(probe.status == 204 && !probe.headers.contains_key("ratelimit"));
    let nobody = RawRequest::api("GET", "/users/me").send(server.address).await;
    assert!(!nobody.headers.contains_key("ratelimit"));
    nobody.refused(401, ErrorCode::Unauthenticated);
    sleep(Duration::from_secs(wait_s)).await;
    assert_eq!(ask(&server, &mia).await.status, 200, "who waits so long has waited long enough");

    // An operator changes it while the server runs, and takes it away.
    let put = async |limits: serde_json::Value| {
        let put = RawRequest::api("PUT", "/operator/limits").token(OPERATOR_TOKEN).json(limits.to_string());
        assert_eq!(put.send(server.address).await.status, 200);
    };
    put(json!({"requests_per_second": 50, "requests_burst": 3})).await;
    assert_eq!(ask(&server, &mia).await.headers["ratelimit-policy"], "\"user\";q=3;w=1");
    put(json!({"requests_per_second": 0})).await;
    let unlimited = ask(&server, &mia).await;
    assert!(unlimited.status == 200 && !unlimited.headers.contains_key("ratelimit-policy"));
}

#[tokio::test]
async fn an_address_is_limited_whoever_calls() {
    let server = LiveServer::with(|config| {
        config.limits.requests_per_second_per_address = 1;
        config.limits.requests_burst_per_address = 3;
    })
    .await;
    let ask = RawRequest::api("GET", "/users/me");
    for left in ["r=2", "r=1", "r=0"] {
        let answer = ask.clone().token("nonsense").send(server.address).await;
        assert!(answer.headers["ratelimit"].starts_with(&format!("\"address\";{left}")), "{answer:?}");
        answer.refused(401, ErrorCode::Unauthenticated);
    }
    let refused = ask.send(server.address).await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.refused(429, ErrorCode::RateLimited);
    let handshake = RawRequest::new("GET", "/ws").send(server.address).await;
    handshake.refused(429, ErrorCode::RateLimited);
}

/// A connection that has asked once and stays.
async fn stay(server: &LiveServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 1_024];
    let read = stream.read(&mut answer).await.unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 204"), "{}", String::from_utf8_lossy(&answer[..read]));
    stream
}

#[tokio::test]
async fn tcp_connections_too_many_are_answered_before_they_are_read() {
    for (in_all, status, code) in [(false, 429, ErrorCode::LimitReached), (true, 503, ErrorCode::Unavailable)] {
        let server = LiveServer::with(|config| {
            let limits = &mut config.limits;
            let limit = if in_all { &mut limits.http_connections } else { &mut limits.http_connections_per_address };
            *limit = 3;
        })
        .await;
        let company = Company::register(server.address, "acme").await;
        // What has become a WebSocket counts among those, and no longer here.
        let (_first, _) = Socket::follow_all(server.address, company.owner.token()).await;
        let (_second, _) = Socket::follow_all(server.address, company.owner.token()).await;
        // The client of the company keeps a connection of its own, or not: until it is full.
        let mut held = Vec::new();
        let mut turned_away = loop {
            let mut next = TcpStream::connect(server.address).await.unwrap();
            next.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            let mut first = [0; 12];
            next.read_exact(&mut first).await.unwrap();
            if first != *b"HTTP/1.1 204" {
                assert_eq!(first, *format!("HTTP/1.1 {status}").as_bytes());
                break next;
            }
            held.push(next);
            assert!(held.len() <= 3, "there is no limit");
        };
        let rest = [format!("HTTP/1.1 {status}").into_bytes(), read_until_closed(&mut turned_away).await].concat();
        let answer = RawAnswer::parse(&rest);
        assert!(answer.headers.contains_key("retry-after"));
        answer.refused(status, code);
        // One that ends makes room, and those that were there go on.
        drop(held.pop());
        sleep(Duration::from_millis(200)).await;
        drop(stay(&server).await);
        for mut stream in held {
            stream.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
            let told = read_until_closed(&mut stream).await;
            assert!(String::from_utf8_lossy(&told).contains("HTTP/1.1 204"));
        }
    }
}
