//! The client's own uploads and downloads, by typed calls and as operations of a device.

use std::sync::Arc;

use bytes::Bytes;
use system::client::{Client, ClientConfig, Operation, Outcome, TcpConnector, Unobserved, Upload};
use system::platform::OsPlatform;
use system::protocol::{ErrorCode, File, FileState, Role, RoomId, Visibility};

use crate::support::{Company, LiveServer, password};

/// Bytes that are no text.
fn content(length: usize) -> Bytes {
    (0_u32..).flat_map(u32::to_le_bytes).take(length).collect()
}

#[tokio::test]
async fn a_large_file_goes_up_and_comes_down() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let (rest, token) = (&company.rest, company.owner.token());
    let content = content(3_000_000);
    let upload = Upload::new("a.bin", "x/y", content.clone());
    let file = rest.upload(token, &upload, "once").await.unwrap();
    assert_eq!((file.state, file.size), (FileState::Complete, 3_000_000));
    assert!(rest.download(token, file.id).await.unwrap() == content);
    assert!(rest.download_range(token, file.id, 61_000..130_000).await.unwrap() == content.slice(61_000..130_000));
    let again = rest.upload(token, &upload, "once").await.unwrap();
    assert_eq!(again, file, "a repeat uploads nothing");
    assert_eq!(rest.quota(token).await.unwrap().user.used_bytes, 3_000_000);
    assert_eq!(rest.own_files(token, None).await.unwrap().items, std::slice::from_ref(&file));
    rest.delete_file(token, file.id).await.unwrap();
    assert_eq!(rest.download(token, file.id).await.unwrap_err().code(), Some(ErrorCode::NotFound));
    let by_hand = rest.create_upload(token, &upload.new_file(), "twice").await.unwrap();
    assert_eq!(rest.continue_upload(token, by_hand.id, 0, content.slice(..5)).await.unwrap(), 5);
    assert_eq!(rest.upload_offset(token, by_hand.id).await.unwrap(), 5);
}

#[tokio::test]
async fn a_device_uploads_reads_and_deletes() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let client = Client::start(
        ClientConfig::new("mia@acme.test", password(), "laptop"),
        Arc::new(TcpConnector::new(server.address.to_string())),
        Arc::new(OsPlatform::new("nowhere")),
        Arc::new(Unobserved),
    );
    let content = content(100_000);
    let upload = Upload { room: Some(room.id), ..Upload::new("a.bin", "x/y", content.clone()) };
    let Outcome::Answered(answer) = client.perform(Operation::UploadFile(upload), None).await else {
        panic!("refused")
    };
    let file: File = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(file.state, FileState::Complete);
    let download = client.perform(Operation::DownloadFile { file: file.id, range: None }, None).await;
    assert!(matches!(download, Outcome::Answered(answer) if answer.bytes == content));
    let part = Operation::DownloadFile { file: file.id, range: Some(61_000..70_000) };
    let part = client.perform(part, None).await;
    assert!(matches!(part, Outcome::Answered(answer) if answer.bytes == content.slice(61_000..70_000)));
    let list = client.perform(Operation::ReadFiles { room: room.id }, None).await;
    assert!(matches!(list, Outcome::Answered(answer) if answer.body.contains("a.bin")));
    let deleted = client.perform(Operation::DeleteFile { file: file.id }, None).await;
    assert!(matches!(deleted, Outcome::Answered(answer) if answer.status == 204));
    let quota = client.perform(Operation::ReadQuota, None).await;
    assert!(matches!(quota, Outcome::Answered(answer) if answer.body.contains(r#""used_bytes":0"#)));
    let (piece_bytes, pause_ms) = (40_000, 5);
    let upload = Upload { piece_bytes, pause_ms, ..Upload::new("b.bin", "x/y", content.clone()) };
    let Outcome::Answered(answer) = client.perform(Operation::SendFile(upload), None).await else { panic!("refused") };
    let file: File = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((file.state, file.offset), (FileState::Complete, 100_000), "by three binary frames");
    let download = client.perform(Operation::DownloadFile { file: file.id, range: None }, None).await;
    assert!(matches!(download, Outcome::Answered(answer) if answer.bytes == content));
    let list = client.perform(Operation::ReadOwnFiles, None).await;
    assert!(matches!(list, Outcome::Answered(answer) if answer.body.contains("b.bin")));
    let homeless = Upload { room: Some(RoomId(uuid::Uuid::nil())), ..Upload::new("c.bin", "x/y", content.clone()) };
    let refused = client.perform(Operation::SendFile(homeless), None).await;
    assert!(matches!(refused, Outcome::Refused(refusal) if refusal.code == Some(ErrorCode::NotFound)));
    assert_eq!(client.standing().broken, 0, "the copies of the streams take what is told of files");
    client.shutdown().await;
}
