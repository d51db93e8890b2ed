//! Creating uploads: what is said of the server beforehand, the first bytes along with it, and repeats.

use system::protocol::{ErrorCode, File, FileState, Visibility};

use super::tus::{Tus, new_file, text};
use crate::support::{Company, LiveServer, RawRequest};

#[tokio::test]
async fn the_server_says_what_it_speaks_to_anybody() {
    let server = LiveServer::with(|config| config.uploads.file_bytes = 5_000).await;
    for path in ["/files", "/files/01890000-0000-7000-8000-000000000001"] {
        let answer = RawRequest::api("OPTIONS", path).send(server.address).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        for (name, value) in [
            ("tus-resumable", "1.0.0"),
            ("tus-version", "1.0.0"),
            ("tus-extension", "creation,creation-with-upload,checksum,expiration,termination"),
            ("tus-checksum-algorithm", "sha1,sha256,crc32"),
            ("tus-max-size", "5000"),
        ] {
            assert_eq!(answer.headers[name], value);
        }
    }
}

#[tokio::test]
async fn another_version_is_refused_with_the_right_one() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let file = tus.create("a.txt", None, 3).await;
    for (method, path) in [("POST", "/files".to_owned()), ("PATCH", format!("/files/{}", file.id))] {
        for version in [None, Some("0.2.2"), Some("1.0.1")] {
            let mut request = RawRequest::api(method, &path).token(company.owner.token());
            if let Some(version) = version {
                request = request.header("Tus-Resumable", version);
            }
            let answer = request.send(server.address).await;
            answer.refused(412, ErrorCode::TusVersionUnsupported);
            assert_eq!(
                (answer.headers["tus-resumable"].as_str(), answer.headers["tus-version"].as_str()),
                ("1.0.0", "1.0.0")
            );
        }
    }
    let head = RawRequest::api("HEAD", &format!("/files/{}", file.id)).token(company.owner.token());
    assert_eq!(head.send(server.address).await.status, 412);
}

#[tokio::test]
async fn the_first_bytes_may_come_along() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(100_000);
    let creation = || {
        tus.creation(&new_file("a.txt", None, content.len())).header("Content-Type", "application/offset+octet-stream")
    };
    let answer = creation().body(&content).send(server.address).await;
    assert_eq!((answer.status, answer.headers["upload-offset"].as_str()), (201, "100000"));
    let file: File = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(tus.object(file.id).await.state, FileState::Complete);
    assert!(tus.download(file.id).await.body == content);
    let answer = creation().body(&content[..70_000]).send(server.address).await;
    let file: File = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(tus.offset(file.id).await, Some(70_000));
    let other = tus.creation(&new_file("a.txt", None, 3)).header("Content-Type", "text/plain").body("abc");
    other.send(server.address).await.refused(415, ErrorCode::UnsupportedMediaType);
}

#[tokio::test]
async fn a_repeat_creates_nothing_and_says_where_to_go_on() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let creation = |size| {
        tus.creation(&new_file("a.txt", None, size))
            .header("Idempotency-Key", "once")
            .header("Content-Type", "application/offset+octet-stream")
            .body("abc")
    };
    let first = creation(10).send(server.address).await;
    let repeat = creation(10).send(server.address).await;
    assert_eq!((first.status, repeat.status), (201, 201));
    assert_eq!(first.json(), repeat.json());
    assert_eq!(repeat.headers["idempotency-replayed"], "true");
    assert_eq!(
        (repeat.headers["upload-offset"].as_str(), &repeat.headers["location"]),
        ("3", &first.headers["location"])
    );
    creation(11).send(server.address).await.refused(409, ErrorCode::IdempotencyKeyReused);
    let own = tus.request("GET", "/files").send(server.address).await.json();
    assert_eq!(own["items"].as_array().unwrap().len(), 1, "{own}");
}

#[tokio::test]
async fn the_head_tells_all_that_was_said() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let tus = Tus::of(server.address, &company.owner);
    let said = new_file("Grüße, Welt.txt", Some(room.id), 7);
    let answer = tus.creation(&said).send(server.address).await;
    let file: File = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((file.name.as_str(), file.room), ("Grüße, Welt.txt", Some(room.id)));
    assert!(answer.headers["upload-expires"].ends_with(" GMT"), "{answer:?}");
    let head = tus.request("HEAD", &format!("/files/{}", file.id)).send(server.address).await;
    assert_eq!(
        (head.headers["upload-length"].as_str(), head.headers["upload-metadata"].as_str()),
        ("7", said.to_metadata().as_str())
    );
    assert_eq!(head.headers["upload-expires"], answer.headers["upload-expires"]);
}

#[tokio::test]
async fn a_post_can_stand_for_patch_and_delete() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let file = tus.create("a.txt", None, 6).await;
    let post =
        |method: &str| tus.request("POST", &format!("/files/{}", file.id)).header("X-HTTP-Method-Override", method);
    let patch = post("PATCH").header("Content-Type", "application/offset+octet-stream").header("Upload-Offset", "0");
    assert_eq!(patch.body("abc").send(server.address).await.status, 204);
    assert_eq!(tus.offset(file.id).await, Some(3));
    post("PUT").send(server.address).await.refused(405, ErrorCode::MethodNotAllowed);
    assert_eq!(post("DELETE").send(server.address).await.status, 204);
    assert_eq!(tus.offset(file.id).await, None);
}
