//! Clients that disappear and servers that die in the middle: what was durable stays, and the upload goes on from there
//! (REQUIREMENTS.md IT-11, IT-8, CG-7).

use std::sync::Arc;

use system::Server;
use system::protocol::FileId;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep};

use super::tus::{Tus, text};
use crate::damage::image::{Image, ImagePlatform};
use crate::support::{Company, LiveServer, quick};

/// Sends the beginning of a body whose whole length it declares.
async fn begin(tus: &Tus, file: FileId, offset: usize, declared: usize, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(tus.address).await.unwrap();
    let head = format!(
        "PATCH /api/v1/files/{file} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
         Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\nContent-Length: {declared}\r\n\r\n",
        tus.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}

/// Waits until the upload is at least there; where it is then.
async fn reaches(tus: &Tus, file: FileId, least: usize) -> usize {
    for _ in 0..1_000 {
        let offset = tus.offset(file).await.expect("the upload is kept");
        if offset >= least {
            return offset;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("the upload never reached {least}");
}

#[tokio::test]
async fn a_client_that_disappears_goes_on_where_it_was() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(400_000);
    let file = tus.create("a.txt", None, content.len()).await;
    let mut offset = 0;
    while offset < 300_000 {
        let sent = 100_000;
        let stream = begin(&tus, file.id, offset, content.len() - offset, &content[offset..offset + sent]).await;
        // At least the full chunk of what was sent becomes durable while the client is there, all of it once it is not.
        let reached = reaches(&tus, file.id, offset + 61_440).await;
        assert!(reached <= offset + sent);
        drop(stream);
        offset = reaches(&tus, file.id, offset + sent).await;
    }
    assert_eq!(tus.patch(file.id, offset, &content[offset..]).await.status, 204);
    assert!(tus.download(file.id).await.body == content);
}

/// What a client was told, or could have read, is there after the server has died: the image is copied in the middle.
#[tokio::test]
async fn a_server_that_dies_has_all_that_it_told_of() {
    let image = Image::default();
    let start = async |image: &Image| {
        LiveServer::on(Server::start(quick(), Arc::new(ImagePlatform::new(image.clone()))).await.unwrap()).await
    };
    let server = start(&image).await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let content = text(500_000);
    let file = tus.create("a.txt", None, content.len()).await;
    let begun = begin(&tus, file.id, 0, content.len(), &content[..350_000]).await;
    let told = reaches(&tus, file.id, 300_000).await;
    let died = Image::new(image.copy());
    drop((begun, server));
    let server = start(&died).await;
    let tus = Tus { address: server.address, ..tus };
    let offset = tus.offset(file.id).await.unwrap();
    assert!(offset >= told && offset <= 350_000, "{offset} after {told}");
    assert_eq!(tus.patch(file.id, offset, &content[offset..]).await.status, 204);
    assert!(tus.download(file.id).await.body == content);
}
