//! HTTP by hand: requests that no well-behaved client would send, and answers as they are on the wire.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use system::protocol::{ErrorCode, Problem};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A request, to the byte.
#[derive(Clone)]
pub struct RawRequest {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    chunked: bool,
}

/// An answer, as it came.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl RawRequest {
    /// A request of `/api/v1`, without token or body.
    pub fn api(method: &str, path: &str) -> Self {
        Self::new(method, &format!("/api/v1{path}"))
    }

    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.into(), path: path.into(), headers: vec![], body: vec![], chunked: false }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// A body that says that it is JSON.
    pub fn json(self, body: impl AsRef<[u8]>) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// The body in chunks: its length is not told beforehand.
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Sends it on a connection of its own.
    pub async fn send(&self, address: SocketAddr) -> RawAnswer {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may have heard enough before all of it is sent.
        let _ = stream.write_all(&self.to_bytes(address)).await;
        let answer = read_until_closed(&mut stream).await;
        RawAnswer::parse(&answer)
    }

    fn to_bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.chunked {
            head.push_str("Transfer-Encoding: chunked\r\n\r\n");
            let mut bytes = head.into_bytes();
            for chunk in self.body.chunks(1_000) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
            return bytes;
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        let mut bytes = head.into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}

impl RawAnswer {
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Self { status, headers: headers.collect(), body: body.to_owned() }
    }

    /// The problem that it tells of, which must have the shape of RFC 9457 and agree with the status.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem: Problem = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem.status, self.status);
        assert_eq!(problem.correlation_id, self.headers["x-correlation-id"]);
        assert!(problem.r#type.starts_with("/problems/") && !problem.title.is_empty() && !problem.detail.is_empty());
        problem
    }

    /// It must be refused with this code; gives back what the server says was wrong.
    #[track_caller]
    pub fn refused(&self, status: u16, code: ErrorCode) -> String {
        let problem = self.problem();
        assert_eq!((self.status, problem.code), (status, code), "{}", problem.detail);
        problem.detail
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Everything that comes until the other side closes, in whichever way it does.
pub async fn read_until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(20), async {
        let mut buffer = [0; 4_096];
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend(&buffer[..read]),
            }
        }
    });
    read.await.expect("the server closes the connection");
    bytes
}
