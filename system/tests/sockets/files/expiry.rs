//! The expiration extension of tus: an upload that nobody continues ends, and what it has reserved is free again.

use system::protocol::{EventBody, FileFailure, FileState, ServerFrame};
use tokio::time::{Duration, sleep};

use super::tus::Tus;
use crate::support::{Company, LiveServer, Socket};

#[tokio::test]
async fn an_upload_that_nobody_continues_ends_and_frees_what_it_took() {
    let server = LiveServer::with(|config| {
        config.uploads.lifetime_ms = 1_000;
        config.uploads.sweep_interval_ms = 20;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let kept = tus.upload("kept.txt", None, "abc").await;
    let file = tus.create("a.txt", None, 500).await;
    assert_eq!(tus.patch(file.id, 0, "abc").await.status, 204);
    let put_off = tus.object(file.id).await.expires_at.unwrap();
    assert!(put_off >= file.expires_at.unwrap(), "what goes on is kept for longer");
    loop {
        if let ServerFrame::Event(event) = socket.hear().await
            && let EventBody::FileFailed(failed) = event.body
        {
            assert_eq!((failed.file, failed.reason), (file.id, FileFailure::Expired));
            assert!(event.timestamp >= put_off, "never before its time");
            break;
        }
    }
    loop {
        if let ServerFrame::Event(event) = socket.hear().await
            && let EventBody::QuotaUpdated(quota) = event.body
        {
            assert_eq!((quota.used_bytes, quota.reserved_bytes), (3, 0));
            break;
        }
    }
    assert_eq!(tus.offset(file.id).await, None);
    assert_eq!(tus.object(kept.id).await.state, FileState::Complete, "what is complete never ends");
}

/// An upload whose time is over is no more, even where nobody has swept it away yet.
#[tokio::test]
async fn its_end_does_not_wait_for_the_sweep() {
    let server = LiveServer::with(|config| {
        config.uploads.lifetime_ms = 1_000;
        config.uploads.sweep_interval_ms = 3_600_000;
    })
    .await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let file = tus.create("a.txt", None, 500).await;
    sleep(Duration::from_millis(1_050)).await;
    assert_eq!(tus.offset(file.id).await, None);
    assert_eq!(tus.patch(file.id, 0, "abc").await.status, 404);
}
