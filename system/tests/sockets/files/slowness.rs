//! Slow clients: one that stalls is let go with what it has sent, one that gets on may take as long as it takes.

use system::protocol::ErrorCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep};

use super::tus::{Tus, text};
use crate::support::{Company, LiveServer, RawAnswer, read_until_closed};

async fn begin(tus: &Tus, file: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(tus.address).await.unwrap();
    let head = format!(
        "PATCH /api/v1/files/{file} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n\
         Content-Length: {length}\r\n\r\n",
        tus.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn who_stalls_is_told_and_keeps_what_was_sent() {
    let server = LiveServer::with(|config| config.uploads.stall_timeout_ms = 200).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(200_000);
    let file = tus.create("a.txt", None, content.len()).await;
    let mut stream = begin(&tus, &file.id.to_string(), content.len()).await;
    stream.write_all(&content.as_bytes()[..100_000]).await.unwrap();
    let answer = RawAnswer::parse(&read_until_closed(&mut stream).await);
    answer.refused(408, ErrorCode::BodyTooSlow);
    assert_eq!(tus.offset(file.id).await, Some(100_000));
}

/// The whole takes far longer than any request may, and each part of it less.
#[tokio::test]
async fn who_gets_on_is_not_hurried() {
    let server = LiveServer::with(|config| {
        config.http.request_timeout_ms = 1_500;
        config.uploads.stall_timeout_ms = 1_100;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(61_440 * 8);
    let file = tus.create("a.txt", None, content.len()).await;
    let mut stream = begin(&tus, &file.id.to_string(), content.len()).await;
    for chunk in content.as_bytes().chunks(61_440) {
        stream.write_all(chunk).await.unwrap();
        sleep(Duration::from_millis(300)).await;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(RawAnswer::parse(&answer).status, 204);
    assert!(tus.download(file.id).await.body == content);
}
