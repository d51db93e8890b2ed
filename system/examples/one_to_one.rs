//! Two people in a private room: each has a client that follows all that it may, and finds back by itself whenever the
//! connection breaks (REQUIREMENTS.md WS-D1).
//!
//! Start a server with `cargo run -p system`, then: `cargo run -p system --example one_to_one`. An address other than
//! 127.0.0.1:7440 is the only argument.

#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::sync::Arc;

use system::Config;
use system::client::{Client, ClientConfig, Observer, Operation, Outcome, Rest, TcpConnector, Timing, Unobserved};
use system::platform::{OsPlatform, Platform};
use system::protocol::{CreateRoom, CreateUser, EventBody, Register, Role, ServerFrame, Visibility};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let authority = std::env::args().nth(1).unwrap_or_else(|| Config::default().listen);
    run(&authority).await
}

/// Lets Ana and Ben talk at a server.
pub async fn run(authority: &str) -> Result<(), Box<dyn Error>> {
    let platform = Arc::new(OsPlatform::new("."));
    let connector = Arc::new(TcpConnector::new(authority));
    let run = platform.new_uuid();
    let email = |name: &str| format!("{name}-{run}@example.com");
    let password = "correct horse!";

    // Setup, over REST: a company with two users, and a room of theirs.
    let rest = Rest::new(connector.clone(), Timing::default(), Arc::new(Unobserved));
    let register = Register {
        company: "Acme".into(),
        email: email("ana"),
        name: "Ana".into(),
        password: password.into(),
        device: "laptop".into(),
    };
    let token = rest.register(&register, &email("ana")).await?.tokens.access_token;
    let ben = CreateUser { email: email("ben"), name: "Ben".into(), password: password.into(), role: Role::Member };
    let ben = rest.create_user(&token, &ben, "ben").await?;
    let room = CreateRoom { name: "ana and ben".into(), visibility: Visibility::Private };
    let room = rest.create_room(&token, &room, "room").await?;
    rest.add_member(&token, room.id, ben.id).await?;

    // Two clients. Each follows its user's streams from now on.
    let (heard_by_ana, mut ana_hears) = mpsc::unbounded_channel();
    let (heard_by_ben, mut ben_hears) = mpsc::unbounded_channel();
    let start = |name, heard| {
        let config = ClientConfig::new(email(name), password, "laptop");
        Client::start(config, connector.clone(), platform.clone(), Arc::new(Listener { name, heard }))
    };
    let (ana, ben) = (start("ana", heard_by_ana), start("ben", heard_by_ben));
    for client in [&ana, &ben] {
        client.in_step().await;
    }

    // Each word is durable when it is acknowledged, and reaches both.
    for (client, body) in [(&ana, "hello, Ben"), (&ben, "hello, Ana")] {
        let said = client.perform(Operation::SendMessage { room: room.id, body: body.into() }, None).await;
        let Outcome::Acknowledged(ack) = said else { return Err(format!("not sent: {said:?}").into()) };
        println!("acknowledged {body:?} at position {}", ack.seq);
        for hears in [&mut ana_hears, &mut ben_hears] {
            assert_eq!(hears.recv().await.as_deref(), Some(body), "everybody in the room reads the same, in order");
        }
    }
    ana.shutdown().await;
    ben.shutdown().await;
    Ok(())
}

/// Prints what a device is told, and hands on who said what.
struct Listener {
    name: &'static str,
    heard: mpsc::UnboundedSender<String>,
}

impl Observer for Listener {
    fn frame_received(&self, _connection: u32, _text: &Arc<str>, frame: &Arc<ServerFrame>) {
        if let ServerFrame::Event(event) = &**frame
            && let EventBody::MessageCreated(message) = &event.body
        {
            println!("{} reads {:?} at position {}", self.name, message.body, event.seq);
            // Nobody listens any more when the example is over.
            let _ = self.heard.send(message.body.clone());
        }
    }
}
