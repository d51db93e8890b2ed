//! Chunks of uploads in binary frames of the WebSocket (REQUIREMENTS.md WS-2, WS-12, IT-11).

use bytes::Bytes;
use system::protocol::{ChunkFrame, ErrorCode, FileId, Role, ServerFrame};
use tokio_tungstenite::tungstenite::Message;

use super::tus::{Tus, text};
use crate::support::{Company, LiveServer, Socket};

/// Sends a chunk; the answer to it.
async fn send(socket: &mut Socket, file: FileId, offset: usize, request: u32, bytes: &str) -> ServerFrame {
    let bytes = Bytes::copy_from_slice(bytes.as_bytes());
    socket.send(Message::Binary(ChunkFrame { file, offset: offset as u64, request, bytes }.to_bytes())).await;
    loop {
        let frame = socket.hear().await;
        if frame.reply_to() == Some(&request.to_string()) {
            return frame;
        }
    }
}

#[tokio::test]
async fn a_file_goes_in_by_binary_frames_and_over_rest_by_turns() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let (mut socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let content = text(200_000);
    let file = tus.create("a.txt", None, content.len()).await;
    let mut offset = 0;
    for (number, size) in (1..).zip([50_000, 20_000, 61_000, 1]) {
        match send(&mut socket, file.id, offset, number, &content[offset..offset + size]).await {
            ServerFrame::ChunkStored(_, stored) => {
                offset += size;
                assert_eq!((stored.file, stored.offset), (file.id, offset as u64));
            }
            other => panic!("not stored: {other:?}"),
        }
        assert_eq!(tus.offset(file.id).await, Some(offset), "what is acknowledged is durable");
    }
    assert_eq!(tus.patch(file.id, offset, &content[offset..]).await.status, 204);
    assert!(tus.download(file.id).await.body == content);
}

#[tokio::test]
async fn what_cannot_be_right_is_told_and_the_connection_stays_open() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let (owners, hers) = (Tus::of(server.address, &company.owner), Tus::of(server.address, &mia));
    let file = owners.create("a.txt", None, 10).await;
    let foreign = hers.create("b.txt", None, 10).await;
    let mut socket = Socket::open(server.address, company.owner.token()).await;
    let early = send(&mut socket, file.id, 0, 1, "abc").await;
    assert!(matches!(early, ServerFrame::Error(_, error) if error.code == ErrorCode::UnexpectedCommand));
    socket.hello(serde_json::json!({"follow": []})).await;
    for (file, offset, bytes, code) in [
        (file.id, 1, "abc", ErrorCode::UploadOffsetMismatch),
        (file.id, 0, "more than ten", ErrorCode::TooLarge),
        (foreign.id, 0, "abc", ErrorCode::NotFound),
        (FileId(uuid_of_nothing()), 0, "abc", ErrorCode::NotFound),
        (file.id, 0, "", ErrorCode::InvalidRequest),
    ] {
        match send(&mut socket, file, offset, u32::MAX, bytes).await {
            ServerFrame::Error(Some(id), error) => assert_eq!((id.as_str(), error.code), ("4294967295", code)),
            other => panic!("not refused: {other:?}"),
        }
    }
    socket.send(Message::binary(vec![1; 28])).await;
    assert_eq!(socket.hear_error().await.code, ErrorCode::InvalidRequest);
    socket.send(Message::binary(vec![2; 100])).await;
    assert_eq!(socket.hear_error().await.code, ErrorCode::InvalidRequest);
    socket.send(Message::binary(vec![1; (64 << 10) + 1])).await;
    assert_eq!(socket.hear_error().await.code, ErrorCode::TooLarge);
    socket.assert_open().await;
    assert_eq!(owners.offset(file.id).await, Some(0));
}

fn uuid_of_nothing() -> uuid::Uuid {
    uuid::Uuid::from_u128(1)
}
