//! A running client, its server, and a note of everything that its observer heard.

use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use system::client::{Client, ClientConfig, Observer, ReplicaError, SavedLogin, Standing};
use system::platform::{Backend, BoxFuture, Platform, Work};
use system::protocol::{StreamId, Timestamp, UserId};

use crate::fake_server::{FakeConnector, FakeServer, fake_server};
use crate::objects::ANA;

pub struct World {
    pub server: FakeServer,
    pub client: Client<FakeConnector>,
    pub notes: Arc<Notes>,
}

/// One line for each thing that a test may ask about.
#[derive(Default)]
pub struct Notes(Mutex<Vec<String>>);

pub fn world() -> World {
    of(Client::start)
}

/// A client that goes on with a login that was kept.
pub fn resumed(login: SavedLogin) -> World {
    of(|config, connector, platform, notes| Client::resume(login, config, connector, platform, notes))
}

fn of(
    start: impl FnOnce(ClientConfig, Arc<FakeConnector>, Arc<dyn Platform>, Arc<dyn Observer>) -> Client<FakeConnector>,
) -> World {
    let (server, connector) = fake_server();
    let notes = Arc::new(Notes::default());
    let config = ClientConfig::new("ana@example.com", "correct horse!", "phone");
    let client = start(config, Arc::new(connector), Arc::new(Dice::default()), notes.clone());
    World { server, client, notes }
}

impl World {
    /// Waits until the client stands as `expected`.
    pub async fn until(&self, expected: impl Fn(&Standing) -> bool) -> Standing {
        let poll = async {
            loop {
                let standing = self.client.standing();
                if expected(&standing) {
                    return standing;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(120), poll).await {
            Ok(standing) => standing,
            Err(_) => panic!("it never came to that: {:?}, {:?}", self.client.standing(), self.notes.all()),
        }
    }
}

impl Notes {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub fn with(&self, part: &str) -> Vec<String> {
        self.all().into_iter().filter(|note| note.contains(part)).collect()
    }

    fn add(&self, note: std::fmt::Arguments<'_>) {
        let mut line = String::new();
        line.write_fmt(note).unwrap();
        self.0.lock().unwrap().push(line);
    }
}

impl Observer for Notes {
    fn connection_opened(&self, connection: u32, user: UserId, _token_expires_at: Timestamp) {
        assert_eq!(user, ANA);
        self.add(format_args!("opened {connection}"));
    }

    fn login_changed(&self, login: &SavedLogin) {
        self.add(format_args!("login {}", login.tokens.refresh_token));
    }

    fn connection_closed(&self, connection: u32, code: Option<u16>, reason: &str) {
        self.add(format_args!("closed {connection} {code:?} {reason}"));
    }

    fn requested(&self, request: u32, method: &'static str, path: &str, key: Option<&str>, _body: &str) {
        self.add(format_args!("requested {request} {method} {path} {key:?}"));
    }

    fn answered(&self, request: u32, status: u16, _body: &str) {
        self.add(format_args!("answered {request} {status}"));
    }

    fn answer_lost(&self, request: u32, reason: &str) {
        self.add(format_args!("lost {request} {reason}"));
    }

    fn refused(&self, operation: &str, reason: &str) {
        self.add(format_args!("refused {operation} because {reason}"));
    }

    fn replica_broken(&self, stream: StreamId, error: &ReplicaError) {
        self.add(format_args!("broken {stream} {error}"));
    }
}

/// A platform that throws the same numbers in each run.
#[derive(Debug, Default)]
struct Dice(AtomicU64);

impl Platform for Dice {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let thrown = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *byte = thrown.to_be_bytes()[0];
        }
    }

    fn open_database(&self) -> io::Result<Backend> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn run_blocking(&self, work: Work) -> BoxFuture<()> {
        work();
        Box::pin(async {})
    }
}
