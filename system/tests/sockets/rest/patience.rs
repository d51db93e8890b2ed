//! Clients that take their time: their connections end, and others do not notice.

use std::time::Duration;

use serde_json::json;
use system::protocol::ErrorCode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::unchanged::Unchanged;
use crate::support::{LiveServer, RawAnswer, RawRequest, read_until_closed};

#[tokio::test]
async fn a_head_that_trickles_in_is_not_waited_for() {
    let server = LiveServer::with(|config| config.http.header_timeout_ms = 300).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let began = Instant::now();
    let (mut reading, mut writing) = slow.split();
    let trickle = async {
        for byte in b"GET /health HTTP/1.1\r\nX-Slow: loris\r\n".iter().cycle() {
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let closed = async {
        let mut rest = Vec::new();
        // How it is closed is the kernel's matter: bytes may be under way.
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut rest).await;
    };
    tokio::select! {
        () = trickle => {}
        () = closed => {}
        () = sleep(Duration::from_secs(5)) => panic!("a slow client is served for ever"),
    }
    assert!(began.elapsed() >= Duration::from_millis(250), "{:?}", began.elapsed());
    assert_eq!(RawRequest::new("GET", "/health").send(server.address).await.status, 204);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = LiveServer::with(|config| config.http.request_timeout_ms = 300).await;
    let acme = Unchanged::on(&server).await;
    let head = format!(
        "POST /api/v1{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\nConnection: close\r\n\r\n{{\"body\":",
        acme.messages(),
        acme.company.owner.token()
    );
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(head.as_bytes()).await.unwrap();
    RawAnswer::parse(&read_until_closed(&mut slow).await).refused(504, ErrorCode::Timeout);
    acme.check().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let body = json!({"body": "half of a message"}).to_string();
    let head = format!(
        "POST /api/v1{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        acme.messages(),
        acme.company.owner.token(),
        body.len() + 1
    );
    let mut broken = TcpStream::connect(server.address).await.unwrap();
    broken.write_all(head.as_bytes()).await.unwrap();
    broken.shutdown().await.unwrap();
    read_until_closed(&mut broken).await;
    acme.check().await;
}
