//! Listens to every connection of a server, where the server reads and writes.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::bytes::{Bytes, Head, Length};
use super::{answers, frames};

/// What was wrong, in the order in which it was said.
#[derive(Clone, Default)]
pub struct Findings(Arc<Mutex<Vec<String>>>);

/// A listener whose connections are listened to.
pub struct Tap<L> {
    listener: L,
    findings: Findings,
}

/// One connection that is listened to.
pub struct Tapped<Io> {
    io: Io,
    ear: Ear,
}

/// What was heard on one connection.
struct Ear {
    findings: Findings,
    requests: Bytes,
    answers: Bytes,
    /// Method and path of requests that wait for their answers.
    asked: VecDeque<(String, String)>,
    request_body: Option<Length>,
    answer: Option<(String, String, Head, Length)>,
    mode: Mode,
}

#[derive(PartialEq, Eq)]
enum Mode {
    Http,
    WebSocket,
    /// What comes is no HTTP, on purpose: nothing can be said of it.
    Deaf,
}

impl Findings {
    /// Fails if anything was wrong.
    pub fn assert_none(&self) {
        let findings = self.0.lock().unwrap();
        assert!(findings.is_empty(), "the server says what its documents do not:\n{}", findings.join("\n"));
    }

    fn add(&self, finding: String) {
        self.0.lock().unwrap().push(finding);
    }
}

impl<L> Tap<L> {
    pub fn new(listener: L) -> (Self, Findings) {
        let findings = Findings::default();
        (Self { listener, findings: findings.clone() }, findings)
    }
}

impl<L: Listener> Listener for Tap<L> {
    type Io = Tapped<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.listener.accept().await;
        (Tapped { io, ear: Ear::new(self.findings.clone()) }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Ear {
    fn new(findings: Findings) -> Self {
        Self {
            findings,
            requests: Bytes::default(),
            answers: Bytes::default(),
            asked: VecDeque::new(),
            request_body: None,
            answer: None,
            mode: Mode::Http,
        }
    }

    fn hear_request(&mut self, bytes: &[u8]) {
        if self.mode != Mode::Http {
            return;
        }
        self.requests.extend(bytes);
        loop {
            if let Some(length) = self.request_body {
                if self.requests.body(length).is_none() {
                    return;
                }
                self.request_body = None;
            }
            match self.requests.head() {
                Ok(Some(head)) => {
                    self.request_body = Some(head.length(Length::Known(0)));
                    let meant = head.headers.get("x-http-method-override").cloned();
                    let [method, path, _] = head.line;
                    let method = meant.filter(|meant| matches!(meant.as_str(), "PATCH" | "DELETE")).unwrap_or(method);
                    self.asked.push_back((method, path));
                }
                Ok(None) => return,
                Err(()) => return self.mode = Mode::Deaf,
            }
        }
    }

    fn hear_answer(&mut self, bytes: &[u8]) {
        if self.mode == Mode::Deaf {
            return;
        }
        self.answers.extend(bytes);
        while self.mode == Mode::Http {
            if self.answer.is_none() {
                let Ok(Some(head)) = self.answers.head() else { return };
                // Without a request that was understood, nothing can be said of the answer.
                let Some((method, path)) = self.asked.pop_front() else { return self.mode = Mode::Deaf };
                let empty = method == "HEAD" || matches!(head.line[1].as_str(), "101" | "204" | "304");
                let length = if empty { Length::Known(0) } else { head.length(Length::UntilClosed) };
                self.answer = Some((method, path, head, length));
            }
            let Some((method, path, head, length)) = self.answer.take() else { return };
            match self.answers.body(length) {
                None => return self.answer = Some((method, path, head, length)),
                Some(body) => {
                    if let Some(mistake) = answers::mistake(&method, &path, &head.line[1], &head.headers, &body) {
                        self.findings.add(format!("{method} {path}: {mistake}"));
                    }
                    if head.line[1] == "101" {
                        self.mode = Mode::WebSocket;
                    }
                }
            }
        }
        while self.mode == Mode::WebSocket {
            const TEXT: u8 = 1;
            const CLOSE: u8 = 8;
            let Some((opcode, payload)) = self.answers.frame() else { return };
            let mistake = match opcode {
                TEXT => frames::mistake(&payload),
                CLOSE => frames::close_mistake(&payload),
                _ => None,
            };
            if let Some(mistake) = mistake {
                self.findings.add(mistake);
            }
        }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Tapped<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(context, buffer);
        if polled.is_ready() {
            self.ear.hear_request(&buffer.filled()[before..]);
        }
        polled
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Tapped<Io> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.ear.hear_answer(&bytes[..written]);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
