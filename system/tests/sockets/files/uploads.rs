//! The way of an upload from its first byte to its last (REQUIREMENTS.md IT-11).

use system::protocol::{ErrorCode, FileState};

use super::tus::{Tus, text};
use crate::support::{Company, LiveServer};

#[tokio::test]
async fn a_file_goes_in_and_comes_out_the_same() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    // Nothing, less than a chunk, exactly some chunks, some and a bit.
    for size in [0, 1, 61_440, 122_880, 200_000] {
        let content = text(size);
        let file = tus.upload("a.txt", None, &content).await;
        assert_eq!((file.state, file.offset, file.expires_at), (FileState::Complete, size as u64, None));
        assert!(file.completed_at.is_some());
        let answer = tus.download(file.id).await;
        assert_eq!((answer.status, answer.headers["content-length"].as_str()), (200, size.to_string().as_str()));
        assert!(answer.body == content, "{size}");
    }
}

#[tokio::test]
async fn the_pieces_may_end_anywhere() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(200_000);
    let file = tus.create("b.txt", None, content.len()).await;
    let mut offset = 0;
    for size in [1, 10, 61_000, 0, 1_000, 99_999, 37_990] {
        assert_eq!(tus.object(file.id).await.state, FileState::Uploading);
        tus.download(file.id).await.refused(409, ErrorCode::FileIncomplete);
        let answer = tus.patch(file.id, offset, &content[offset..offset + size]).await;
        offset += size;
        assert_eq!((answer.status, answer.headers["upload-offset"].as_str()), (204, offset.to_string().as_str()));
        assert_eq!(tus.offset(file.id).await, Some(offset));
    }
    assert_eq!(tus.object(file.id).await.state, FileState::Complete);
    assert!(tus.download(file.id).await.body == content);
    assert_eq!(tus.patch(file.id, offset, "").await.status, 204, "there is nothing left to be done");
}

/// Which of two who continue at once is the first is decided by the writer; the other learns that it was not.
#[tokio::test]
async fn of_two_who_continue_at_once_one_does() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    for _ in 0..8 {
        let (ones, twos) = ("1".repeat(300_000), "2".repeat(300_000));
        let file = tus.create("c.txt", None, ones.len()).await;
        let (first, second) = tokio::join!(tus.patch(file.id, 0, &ones), tus.patch(file.id, 0, &twos));
        let content = tus.download(file.id).await.body;
        let (won, lost) = if content == ones { (first, second) } else { (second, first) };
        assert!(content == ones || content == twos, "never a mixture");
        assert_eq!(won.status, 204, "{won:?}");
        lost.refused(409, ErrorCode::UploadOffsetMismatch);
    }
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_so_is_what_was_ended() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let complete = tus.upload("a.txt", None, "abc").await;
    let begun = tus.create("b.txt", None, 10).await;
    assert_eq!(tus.patch(begun.id, 0, "abc").await.status, 204);
    for file in [complete.id, begun.id] {
        assert_eq!(tus.delete(file).await.status, 204);
        assert_eq!(tus.offset(file).await, None);
        tus.download(file).await.refused(404, ErrorCode::NotFound);
        tus.patch(file, 3, "d").await.refused(404, ErrorCode::NotFound);
        tus.delete(file).await.refused(404, ErrorCode::NotFound);
    }
    let own = tus.request("GET", "/files").send(server.address).await;
    assert_eq!(own.json()["items"].as_array().unwrap().len(), 0);
}
