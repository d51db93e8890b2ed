//! What all workloads share: the way to the server, and a company with people and a room.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use system::client::{CallError, Client, ClientConfig, Connector, Purpose, Rest, Standing, Timing, Unobserved};
use system::platform::{BoxFuture, OsPlatform};
use system::protocol::{
    CompanyId, CreateRoom, CreateUser, Epoch, Event, Position, Register, Role, RoomId, StreamId, UserId, Visibility,
};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Everybody's password.
const PASSWORD: &str = "secret-1";

/// The way to a server that has another port after each restart.
pub struct Way(Mutex<SocketAddr>);

/// A company on the server that is killed.
pub struct Stage {
    pub way: Arc<Way>,
    pub rest: Rest<Way>,
    /// The owner's, good for all of the storm.
    pub token: String,
    pub company: CompanyId,
    /// The directory that the server watches.
    pub feed: PathBuf,
}

impl Way {
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

impl Stage {
    /// Registers the company. Its owner is `owner@acme.test`.
    pub async fn set(address: SocketAddr, feed: PathBuf) -> Self {
        let way = Arc::new(Way(Mutex::new(address)));
        let rest = Rest::new(way.clone(), Timing::default(), Arc::new(Unobserved));
        let register = Register {
            company: "Acme".to_owned(),
            email: email("owner"),
            name: "Owner".to_owned(),
            password: PASSWORD.to_owned(),
            device: "storm".to_owned(),
        };
        let session = rest.register(&register, "register").await.unwrap();
        Self { way, rest, token: session.tokens.access_token, company: session.company.id, feed }
    }

    /// A new user.
    pub async fn hire(&self, name: &str, role: Role) -> UserId {
        let user = CreateUser { email: email(name), name: name.to_owned(), password: PASSWORD.to_owned(), role };
        self.rest.create_user(&self.token, &user, &format!("hire-{name}")).await.unwrap().id
    }

    /// A room with these people in it, and the owner.
    pub async fn room(&self, name: &str, people: &[UserId]) -> RoomId {
        let room = CreateRoom { name: name.to_owned(), visibility: Visibility::Private };
        let room = self.rest.create_room(&self.token, &room, &format!("room-{name}")).await.unwrap().id;
        for person in people {
            self.rest.add_member(&self.token, room, *person).await.unwrap();
        }
        room
    }

    /// A client program of a user, connected.
    pub async fn device(&self, name: &str) -> Client<Way> {
        let mut config = ClientConfig::new(email(name), PASSWORD, "device");
        config.timing = Timing { backoff_first_ms: 10, backoff_cap_ms: 100, ..Timing::default() };
        let platform = Arc::new(OsPlatform::new("nowhere"));
        let client = Client::start(config, self.way.clone(), platform, Arc::new(Unobserved));
        until(&client, |standing| standing.connected).await;
        client
    }

    /// Asks until there is an answer: the connection of before the death may be found broken only by asking.
    pub async fn asked<T>(&self, ask: impl AsyncFn() -> Result<T, CallError>) -> T {
        for _ in 0..100 {
            match ask().await {
                Ok(answer) => return answer,
                Err(CallError::Refused(problem)) => panic!("refused: {} {}", problem.title, problem.detail),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
        panic!("the server does not answer any more");
    }

    /// Reads on in a stream: everything after what is known, to its head.
    pub async fn read_on(&self, stream: StreamId, known: &mut Log) {
        loop {
            let epoch = match known.epoch {
                Some(epoch) => epoch,
                None => self.asked(async || self.rest.snapshot(&self.token, stream).await).await.epoch,
            };
            known.epoch = Some(epoch);
            let after = Position { seq: known.events.len() as u64, epoch };
            let page = self.asked(async || self.rest.events(&self.token, stream, after, 200).await).await;
            for event in page.events {
                assert_eq!(event.seq, known.events.len() as u64 + 1, "{stream} is gapless");
                assert_eq!(Some(event.epoch), known.epoch, "a restart is no new history");
                known.events.push(event);
            }
            if !page.more {
                return;
            }
        }
    }
}

/// What was read of a stream.
#[derive(Default)]
pub struct Log {
    epoch: Option<Epoch>,
    pub events: Vec<Event>,
}

/// Waits until a client stands as expected.
pub async fn until(client: &Client<Way>, expected: impl Fn(&Standing) -> bool) {
    let poll = async {
        while !expected(&client.standing()) {
            sleep(Duration::from_millis(2)).await;
        }
    };
    if timeout(PATIENCE, poll).await.is_err() {
        panic!("it never came to that: {:?}", client.standing());
    }
}

fn email(name: &str) -> String {
    format!("{name}@acme.test")
}
