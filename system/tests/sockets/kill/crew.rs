//! Devices that talk without a pause, whatever becomes of the server.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use system::client::{Client, ClientConfig, Connector, Observer, Operation, Outcome, Purpose, Standing, Timing};
use system::platform::{BoxFuture, OsPlatform};
use system::protocol::{Message, RoomId, ServerFrame};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::support::password;

/// The way to a server that has another port after each restart.
pub struct Way(Mutex<SocketAddr>);

/// One client program that sends messages until it is told to stop.
pub struct Device {
    pub client: Client<Way>,
    pub resumes: Arc<Resumes>,
    quiet: Arc<AtomicBool>,
    talking: JoinHandle<Vec<Message>>,
}

/// How often the server took a device back, and how often not from where it was.
#[derive(Default)]
pub struct Resumes {
    welcomes: AtomicUsize,
    not_recovered: AtomicUsize,
}

impl Way {
    pub fn to(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self(Mutex::new(address)))
    }

    pub fn leads_to(&self, address: SocketAddr) {
        *self.0.lock().unwrap() = address;
    }
}

impl Connector for Way {
    type Stream = TcpStream;

    fn connect(&self, _purpose: Purpose) -> BoxFuture<io::Result<TcpStream>> {
        let address = *self.0.lock().unwrap();
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }

    fn authority(&self) -> &str {
        "stormglass.test"
    }
}

impl Observer for Resumes {
    fn frame_received(&self, _connection: u32, _text: &Arc<str>, frame: &Arc<ServerFrame>) {
        if let ServerFrame::Welcome(_, welcome) = &**frame {
            let first = self.welcomes.fetch_add(1, Ordering::Relaxed) == 0;
            if !first && welcome.streams.iter().any(|state| !state.recovered) {
                self.not_recovered.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Resumes {
    /// How often the device came back, always to exactly where it was.
    pub fn whole(&self) -> usize {
        assert_eq!(self.not_recovered.load(Ordering::Relaxed), 0, "nobody was away for long");
        self.welcomes.load(Ordering::Relaxed) - 1
    }
}

impl Device {
    /// Logs in, waits until it is connected, and talks from then on.
    pub async fn talk(way: Arc<Way>, email: &str, room: RoomId) -> Self {
        let resumes = Arc::new(Resumes::default());
        let client = Self::connect_observed(way, email, resumes.clone()).await;
        let quiet = Arc::new(AtomicBool::new(false));
        let talking = tokio::spawn(talk(client.clone(), email.to_owned(), room, quiet.clone()));
        Self { client, resumes, quiet, talking }
    }

    /// Stops talking; all messages that it got a definite answer for, which is all that it sent.
    pub async fn fall_silent(self) -> (Client<Way>, Vec<Message>) {
        self.quiet.store(true, Ordering::Relaxed);
        let sent = timeout(Duration::from_secs(20), self.talking).await.expect("everything is answered in the end");
        (self.client, sent.unwrap())
    }

    async fn connect_observed(way: Arc<Way>, email: &str, resumes: Arc<Resumes>) -> Client<Way> {
        let mut config = ClientConfig::new(email, password(), "device");
        // As many as a snapshot holds.
        config.messages_limit = 200;
        config.timing = Timing { backoff_first_ms: 10, backoff_cap_ms: 100, ..Timing::default() };
        let client = Client::start(config, way, Arc::new(OsPlatform::new("nowhere")), resumes);
        until(&client, |standing| standing.connected && standing.positions.len() == 3).await;
        client
    }
}

/// Waits until a client stands as expected.
pub async fn until(client: &Client<Way>, expected: impl Fn(&Standing) -> bool) {
    let poll = async {
        while !expected(&client.standing()) {
            sleep(Duration::from_millis(2)).await;
        }
    };
    if timeout(Duration::from_secs(20), poll).await.is_err() {
        panic!("it never came to that: {:?}", client.standing());
    }
}

/// A few messages at a time, over the WebSocket and over REST, each with a text of its own.
async fn talk(client: Client<Way>, name: String, room: RoomId, quiet: Arc<AtomicBool>) -> Vec<Message> {
    let mut sent = Vec::new();
    while !quiet.load(Ordering::Relaxed) {
        let body = |place: usize| format!("{name} {}", sent.len() + place);
        let mut pending: Vec<_> =
            (0..4).map(|place| client.perform(Operation::SendMessage { room, body: body(place) }, None)).collect();
        pending.push(client.perform(Operation::PostMessage { room, body: body(4) }, None));
        for pending in pending {
            sent.push(match pending.await {
                Outcome::Acknowledged(ack) => ack.object.message().expect("it was a message that was sent").clone(),
                Outcome::Answered(answer) => serde_json::from_str(&answer.body).unwrap(),
                other => panic!("{name} was not answered: {other:?}"),
            });
        }
    }
    sent
}
