//! Requests that cannot be right: a clear code, the tus headers, and an upload that is as it was.

use system::protocol::ErrorCode;

use super::tus::{Tus, new_file, text};
use crate::support::{Company, LiveServer, RawRequest};

#[tokio::test]
async fn a_creation_that_says_too_little_or_nonsense() {
    let server = LiveServer::with(|config| config.uploads.file_bytes = 1_000).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let metadata = new_file("a", None, 0).to_metadata();
    let creation = |length: Option<&str>, metadata: &str| {
        let request = tus.request("POST", "/files").header("Upload-Metadata", metadata);
        match length {
            Some(length) => request.header("Upload-Length", length),
            None => request,
        }
    };
    for length in [None, Some(""), Some("-1"), Some("+1"), Some("1.0"), Some("x"), Some("99999999999999999999")] {
        let answer = creation(length, &metadata).send(server.address).await;
        assert!(answer.refused(400, ErrorCode::InvalidRequest).contains("upload-length"));
        assert_eq!(answer.headers["tus-resumable"], "1.0.0", "refusals have the tus headers, too");
    }
    creation(Some("1001"), &metadata).send(server.address).await.refused(413, ErrorCode::TooLarge);
    for header in ["Upload-Defer-Length", "Upload-Concat"] {
        let answer = creation(Some("1"), &metadata).header(header, "1").send(server.address).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
    for (metadata, field) in [
        ("", "filename"),
        ("filetype YQ==", "filename"),
        ("filename YQ==,colour YQ==", "colour"),
        ("filename *", "filename"),
        ("filename YQ==,filetype bm90aGluZw==", "filetype"),
        ("filename YQ==,room bm90aGluZw==", "room"),
    ] {
        let answer = creation(Some("1"), metadata).send(server.address).await;
        answer.refused(422, ErrorCode::InvalidValue);
        assert_eq!(answer.problem().errors[0].field, field, "{metadata}");
    }
    let own = tus.request("GET", "/files").send(server.address).await;
    assert_eq!(own.json()["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_continuation_that_cannot_be_right_changes_nothing() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let file = tus.create("a.txt", None, 10).await;
    assert_eq!(tus.patch(file.id, 0, "abcd").await.status, 204);
    for offset in [0, 3, 5, 10, 11] {
        let said = tus.patch(file.id, offset, "x").await.refused(409, ErrorCode::UploadOffsetMismatch);
        assert!(said.contains("is at 4"), "{said}");
    }
    let path = format!("/files/{}", file.id);
    let offset = |request: RawRequest| request.header("Upload-Offset", "4");
    let bytes = |request: RawRequest| request.header("Content-Type", "application/offset+octet-stream").body("x");
    offset(tus.request("PATCH", &path))
        .body("x")
        .send(server.address)
        .await
        .refused(415, ErrorCode::UnsupportedMediaType);
    let json = offset(tus.request("PATCH", &path)).json("{}");
    json.send(server.address).await.refused(415, ErrorCode::UnsupportedMediaType);
    bytes(tus.request("PATCH", &path)).send(server.address).await.refused(400, ErrorCode::InvalidRequest);
    let negative = bytes(tus.request("PATCH", &path).header("Upload-Offset", "-4"));
    negative.send(server.address).await.refused(400, ErrorCode::InvalidRequest);
    let nothing = tus.request("PATCH", "/files/nonsense").header("Upload-Offset", "0");
    bytes(nothing).send(server.address).await.refused(404, ErrorCode::NotFound);
    bytes(offset(RawRequest::api("PATCH", &path).header("Tus-Resumable", "1.0.0")))
        .send(server.address)
        .await
        .refused(401, ErrorCode::Unauthenticated);
    assert_eq!(tus.offset(file.id).await, Some(4));
}

#[tokio::test]
async fn more_than_is_missing_is_refused_whether_its_length_is_told_or_not() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let file = tus.create("a.txt", None, 1_000).await;
    let long = text(1_001);
    tus.patch(file.id, 0, &long).await.refused(413, ErrorCode::TooLarge);
    tus.continuation(file.id, 0).body(&long).chunked().send(server.address).await.refused(413, ErrorCode::TooLarge);
    assert_eq!(tus.offset(file.id).await, Some(0));
    let answer = tus.continuation(file.id, 0).body(&long[..1_000]).chunked().send(server.address).await;
    assert_eq!(answer.status, 204);
    tus.patch(file.id, 1_000, "x").await.refused(413, ErrorCode::TooLarge);
}
