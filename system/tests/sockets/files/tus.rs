//! A tus client that says whatever it is told to.

use std::net::SocketAddr;

use system::protocol::{File, FileId, NewFile, RoomId};

use crate::support::{Person, RawAnswer, RawRequest};

/// Uploads of one user.
pub struct Tus {
    pub address: SocketAddr,
    pub token: String,
}

/// A text of so many bytes, no two of whose chunks are equal.
pub fn text(length: usize) -> String {
    (0..).flat_map(|number: u64| format!("{number} ").into_bytes()).take(length).map(char::from).collect()
}

/// A text file.
pub fn new_file(name: &str, room: Option<RoomId>, size: usize) -> NewFile {
    NewFile { name: name.to_owned(), content_type: "text/plain".to_owned(), room, size: size as u64 }
}

impl Tus {
    pub fn of(address: SocketAddr, person: &Person) -> Self {
        Self { address, token: person.token().to_owned() }
    }

    /// A request with the token and the version.
    pub fn request(&self, method: &str, path: &str) -> RawRequest {
        RawRequest::api(method, path).token(&self.token).header("Tus-Resumable", "1.0.0")
    }

    /// A creating request.
    pub fn creation(&self, file: &NewFile) -> RawRequest {
        self.request("POST", "/files")
            .header("Upload-Length", &file.size.to_string())
            .header("Upload-Metadata", &file.to_metadata())
    }

    /// Creates an upload, which must succeed.
    pub async fn create(&self, name: &str, room: Option<RoomId>, size: usize) -> File {
        let answer = self.creation(&new_file(name, room, size)).send(self.address).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let file: File = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer.headers["location"], format!("/api/v1/files/{}", file.id));
        file
    }

    /// A request that goes on.
    pub fn continuation(&self, file: FileId, offset: usize) -> RawRequest {
        self.request("PATCH", &format!("/files/{file}"))
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", &offset.to_string())
    }

    /// Goes on.
    pub async fn patch(&self, file: FileId, offset: usize, body: &str) -> RawAnswer {
        self.continuation(file, offset).body(body).send(self.address).await
    }

    /// Where the upload is, if it is.
    pub async fn offset(&self, file: FileId) -> Option<usize> {
        let answer = self.request("HEAD", &format!("/files/{file}")).send(self.address).await;
        assert_eq!(answer.headers["tus-resumable"], "1.0.0", "{answer:?}");
        match answer.status {
            200 => {
                assert_eq!(answer.headers["cache-control"], "no-store");
                Some(answer.headers["upload-offset"].parse().unwrap())
            }
            status => {
                assert_eq!(status, 404, "{answer:?}");
                None
            }
        }
    }

    /// The whole file at once.
    pub async fn upload(&self, name: &str, room: Option<RoomId>, content: &str) -> File {
        let file = self.create(name, room, content.len()).await;
        if !content.is_empty() {
            let answer = self.patch(file.id, 0, content).await;
            assert_eq!(answer.status, 204, "{answer:?}");
        }
        self.object(file.id).await
    }

    /// The object.
    pub async fn object(&self, file: FileId) -> File {
        let answer = self.request("GET", &format!("/files/{file}")).send(self.address).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The content.
    pub async fn download(&self, file: FileId) -> RawAnswer {
        self.request("GET", &format!("/files/{file}/content")).send(self.address).await
    }

    pub async fn delete(&self, file: FileId) -> RawAnswer {
        self.request("DELETE", &format!("/files/{file}")).send(self.address).await
    }
}
