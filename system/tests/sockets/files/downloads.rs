//! Downloads: ranges, conditions, and damage that is never served.

use std::sync::Arc;

use system::Server;
use system::protocol::ErrorCode;

use super::tus::{Tus, text};
use crate::damage::image::{Image, ImagePlatform};
use crate::support::{Company, LiveServer, RawAnswer, quick};

#[tokio::test]
async fn ranges_are_served_to_the_byte() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(150_000);
    let file = tus.upload("a.txt", None, &content).await;
    let get = async |headers: &[(&str, &str)]| {
        let request = tus.request("GET", &format!("/files/{}/content", file.id));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send(server.address).await
    };
    for (range, first, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=61439-61440", 61_439, 61_441),
        ("bytes=100-149999", 100, 150_000),
        ("bytes=122880-", 122_880, 150_000),
        ("bytes=-1", 149_999, 150_000),
        ("bytes=0-999999", 0, 150_000),
    ] {
        let answer = get(&[("Range", range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.headers["content-range"], format!("bytes {first}-{}/150000", end - 1));
        assert!(answer.body == content[first..end], "{range}");
    }
    let whole = get(&[("Range", "bytes=0-1,4-5")]).await;
    assert_eq!((whole.status, whole.headers["accept-ranges"].as_str()), (200, "bytes"));
    assert!(whole.body == content);
    for range in ["bytes=150000-", "bytes=-0"] {
        let answer = get(&[("Range", range)]).await;
        answer.refused(416, ErrorCode::RangeNotSatisfiable);
        assert_eq!(answer.headers["content-range"], "bytes */150000");
    }
    let etag = whole.headers["etag"].clone();
    assert_eq!(get(&[("Range", "bytes=0-0"), ("If-Range", &etag)]).await.status, 206);
    assert_eq!(get(&[("Range", "bytes=0-0"), ("If-Range", "\"another\"")]).await.status, 200);
    let unchanged = get(&[("If-None-Match", &etag)]).await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    let head = tus.request("HEAD", &format!("/files/{}/content", file.id)).send(server.address).await;
    assert_eq!((head.status, head.headers["content-length"].as_str()), (200, "150000"));
}

/// What an answer has, whether it is whole or was broken off.
async fn raw(tus: &Tus, path: &str, range: &str) -> RawAnswer {
    tus.request("GET", path).header("Range", range).send(tus.address).await
}

/// A page of the database is damaged while nobody looks, and the check at the start is off: the checksums of the chunks
/// are all that is left, and they suffice.
#[tokio::test]
async fn damage_is_found_where_it_is_read_and_never_served() {
    let image = Image::default();
    let server =
        LiveServer::on(Server::start(quick(), Arc::new(ImagePlatform::new(image.clone()))).await.unwrap()).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(150_000);
    let file = tus.upload("a.txt", None, &content).await;
    server.stop().await.unwrap().unwrap();
    let mut bytes = image.copy_when_closed().await;
    let second = &content.as_bytes()[61_440..62_440];
    // Chunks are kept as they are, and pages that are no longer in use may hold them, too.
    let places: Vec<usize> = (0..bytes.len() - 1_000).filter(|place| bytes[*place..].starts_with(second)).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place + 500] ^= 1;
    }
    let mut config = quick();
    config.store.verify_at_start = false;
    let platform = Arc::new(ImagePlatform::new(Image::new(bytes)));
    let server = LiveServer::on(Server::start(config, platform).await.unwrap()).await;
    let tus = Tus { address: server.address, ..tus };
    let path = format!("/files/{}/content", file.id);
    let untouched = raw(&tus, &path, "bytes=0-61439").await;
    assert_eq!(untouched.status, 206);
    assert!(untouched.body == content[..61_440]);
    raw(&tus, &path, "bytes=61440-").await.refused(500, ErrorCode::ContentDamaged);
    let broken_off = raw(&tus, &path, "bytes=0-").await;
    assert_eq!(broken_off.headers["content-length"], "150000");
    assert!(broken_off.body.len() <= 61_440 && content.starts_with(&broken_off.body), "nothing of the damage is sent");
    assert_eq!(tus.delete(file.id).await.status, 204, "what is damaged can be deleted");
}
