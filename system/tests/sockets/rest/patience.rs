//! Clients that take their time: their connections end, and others do not notice.

use std::time::Duration;

use serde_json::json;
use system::protocol::ErrorCode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::unchanged::Unchanged;
use crate::files::tus::{Tus, text};
use crate::support::{Company, LiveServer, RawAnswer, RawRequest, read_until_closed};

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

/// What the server says until it closes, which must be soon.
async fn until_closed_soon(stream: &mut TcpStream) -> Vec<u8> {
    let closed = tokio::time::timeout(Duration::from_secs(5), read_until_closed(stream)).await;
    closed.expect("it is closed")
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let server = LiveServer::with(|config| config.http.header_timeout_ms = 300).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let told = until_closed_soon(&mut silent).await;
    assert!(told.is_empty() || told.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&told));

    // Between two requests, too: a connection that is kept is not kept for ever.
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..2 {
        idle.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 1_024];
        let read = tokio::io::AsyncReadExt::read(&mut idle, &mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 204"));
    }
    until_closed_soon(&mut idle).await;
}

#[tokio::test]
async fn a_body_that_trickles_in_is_not_waited_for() {
    let server = LiveServer::with(|config| config.http.request_timeout_ms = 300).await;
    let acme = Unchanged::on(&server).await;
    let head = format!(
        "POST /api/v1{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        acme.messages(),
        acme.company.owner.token()
    );
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = slow.split();
    let mut told = Vec::new();
    let trickle = async {
        while writing.write_all(b"1\r\n \r\n").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let answered = async {
        let mut buffer = [0; 4_096];
        while !told.ends_with(b"}") {
            match tokio::io::AsyncReadExt::read(&mut reading, &mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => told.extend_from_slice(&buffer[..read]),
            }
        }
    };
    tokio::select! {
        () = trickle => {}
        () = answered => {}
        () = sleep(Duration::from_secs(5)) => panic!("a slow body is read for ever"),
    }
    RawAnswer::parse(&told).refused(504, ErrorCode::Timeout);
    acme.check().await;
}

/// A download whose reader stops reading: its task, its connection and its buffers are given back.
#[tokio::test]
async fn a_reader_that_stops_is_not_waited_for() {
    const OPERATOR_TOKEN: &str = "operator-0123456789";
    let server = LiveServer::with(|config| {
        config.http.write_timeout_ms = 1_000;
        config.operator.token = system::config::Secret::new(OPERATOR_TOKEN);
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    // Far more than the kernel takes of it on both sides.
    let file = tus.upload("long.txt", None, &text(16 << 20)).await;
    let head = format!(
        "GET /api/v1/files/{}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        file.id,
        company.owner.token()
    );
    let mut stopped = TcpStream::connect(server.address).await.unwrap();
    stopped.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stopped, &mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let connections = async || {
        let scrape = RawRequest::new("GET", "/metrics").token(OPERATOR_TOKEN).send(server.address).await;
        let line = scrape.body.lines().find(|line| line.starts_with("stormglass_http_connections ")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let open = connections().await;
    let began = Instant::now();
    while connections().await >= open {
        assert!(began.elapsed() < Duration::from_secs(10), "the download is held for ever");
        sleep(Duration::from_millis(20)).await;
    }
    // One that is slow, but reads, gets all of it.
    let whole = tus.request("GET", &format!("/files/{}/content", file.id)).send(server.address).await;
    assert_eq!((whole.status, whole.body.len()), (200, 16 << 20));
}
