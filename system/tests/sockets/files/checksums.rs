//! The checksum extension of tus: what does not add up leaves nothing behind.

use system::protocol::{Checksum, ErrorCode};

use super::tus::{Tus, text};
use crate::support::{Company, LiveServer};

#[tokio::test]
async fn what_adds_up_is_kept() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(150_000) + "hello world" + "hello world";
    let file = tus.create("a.txt", None, content.len()).await;
    let mut offset = 0;
    for (length, checksum) in [
        (150_000, Checksum::sha256(&content.as_bytes()[..150_000]).to_string()),
        (11, "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=".to_owned()),
        (11, "crc32 DUoRhQ==".to_owned()),
    ] {
        let request = tus.continuation(file.id, offset).header("Upload-Checksum", &checksum);
        let answer = request.body(&content[offset..offset + length]).send(server.address).await;
        assert_eq!(answer.status, 204, "{checksum}: {answer:?}");
        offset += length;
    }
    assert!(tus.download(file.id).await.body == content);
}

#[tokio::test]
async fn what_does_not_is_not_even_in_part() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(200_000);
    let file = tus.create("a.txt", None, content.len()).await;
    let right = Checksum::sha256(content.as_bytes()).to_string();
    let send = |checksum: &str, body: &str| {
        let request = tus.continuation(file.id, 0).header("Upload-Checksum", checksum).body(body);
        let address = server.address;
        async move { request.send(address).await }
    };
    let flipped = content.replacen("9", "8", 1);
    let answer = send(&right, &flipped).await;
    answer.refused(460, ErrorCode::ChecksumMismatch);
    assert_eq!(answer.headers["tus-resumable"], "1.0.0");
    send(&right, &content[..199_999]).await.refused(460, ErrorCode::ChecksumMismatch);
    for checksum in ["md5 XrY7u+Ae7tCTyyK7j1rNww==", "sha1", "sha1 XrY7", "nonsense", "sha256 *"] {
        send(checksum, &content).await.refused(400, ErrorCode::InvalidRequest);
    }
    assert_eq!(tus.offset(file.id).await, Some(0));
    assert_eq!(send(&right, &content).await.status, 204);
    assert!(tus.download(file.id).await.body == content);
}

#[tokio::test]
async fn a_body_that_must_be_held_is_bounded() {
    let server = LiveServer::with(|config| config.uploads.checksum_bytes = 100_000).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(100_001);
    let file = tus.create("a.txt", None, content.len()).await;
    let checksum = Checksum::sha256(content.as_bytes()).to_string();
    let request = tus.continuation(file.id, 0).header("Upload-Checksum", &checksum).body(&content);
    for request in [request.clone(), request.chunked()] {
        request.send(server.address).await.refused(413, ErrorCode::TooLarge);
    }
    assert_eq!(tus.offset(file.id).await, Some(0));
}
