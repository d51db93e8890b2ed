//! One voice, many listeners: everybody who follows a room gets each message once and in order (REQUIREMENTS.md WS-D1,
//! WS-7).
//!
//! Start a server with `cargo run -p system`, then: `cargo run -p system --example broadcast`. An address other than
//! 127.0.0.1:7440 is the only argument.

#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::sync::Arc;

use system::Config;
use system::client::{Client, ClientConfig, Observer, Operation, Rest, TcpConnector, Timing, Unobserved};
use system::platform::{OsPlatform, Platform};
use system::protocol::{CreateRoom, EventBody, Register, ServerFrame, Visibility};
use tokio::sync::mpsc;

/// How many devices listen.
const LISTENERS: usize = 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let authority = std::env::args().nth(1).unwrap_or_else(|| Config::default().listen);
    run(&authority).await
}

/// Lets one device speak to many at a server.
pub async fn run(authority: &str) -> Result<(), Box<dyn Error>> {
    let platform = Arc::new(OsPlatform::new("."));
    let connector = Arc::new(TcpConnector::new(authority));
    let email = format!("ana-{}@example.com", platform.new_uuid());
    let password = "correct horse!";
    let rest = Rest::new(connector.clone(), Timing::default(), Arc::new(Unobserved));
    let register = Register {
        company: "Acme".into(),
        email: email.clone(),
        name: "Ana".into(),
        password: password.into(),
        device: "stage".into(),
    };
    let token = rest.register(&register, &email).await?.tokens.access_token;
    let room = CreateRoom { name: "news".into(), visibility: Visibility::Public };
    let room = rest.create_room(&token, &room, "room").await?;

    // All devices of one user: each follows by itself, and each is told everything.
    let (heard, mut hears) = mpsc::unbounded_channel();
    let devices: Vec<_> = (0..LISTENERS)
        .map(|number| {
            let config = ClientConfig::new(&email, password, format!("device {number}"));
            Client::start(config, connector.clone(), platform.clone(), Arc::new(Listener { heard: heard.clone() }))
        })
        .collect();
    for device in &devices {
        device.in_step().await;
    }
    for body in ["one", "two", "three"] {
        let outcome = devices[0].perform(Operation::SendMessage { room: room.id, body: body.into() }, None).await;
        for _ in 0..LISTENERS {
            assert_eq!(hears.recv().await.as_deref(), Some(body), "nobody reads two before everybody has read one");
        }
        println!(
            "{LISTENERS} devices read {body:?} ({})",
            if outcome.succeeded() { "acknowledged" } else { "refused" }
        );
    }
    for device in &devices {
        device.shutdown().await;
    }
    Ok(())
}

/// Hands on what a device reads.
struct Listener {
    heard: mpsc::UnboundedSender<String>,
}

impl Observer for Listener {
    fn frame_received(&self, _connection: u32, _text: &Arc<str>, frame: &Arc<ServerFrame>) {
        if let ServerFrame::Event(event) = &**frame
            && let EventBody::MessageCreated(message) = &event.body
        {
            // Nobody listens any more when the example is over.
            let _ = self.heard.send(message.body.clone());
        }
    }
}
