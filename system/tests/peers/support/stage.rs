//! A server with a company and a room, for a peer to meet.

use std::net::SocketAddr;
use std::sync::Arc;

use system::client::{Rest, TcpConnector, Timing, Unobserved};
use system::config::Secret;
use system::platform::OsPlatform;
use system::protocol::{CreateRoom, Login, Register, Room, Session, Visibility};
use system::{Config, Server};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// With what the owner logs in.
pub const EMAIL: &str = "owner@acme.test";
/// The owner's.
pub const PASSWORD: &str = "secret-1";
/// The token of the server's operator.
pub const OPERATOR_TOKEN: &str = "operator-0123456789";

/// A server that serves until this is dropped.
pub struct Stage {
    pub address: SocketAddr,
    pub owner: Session,
    pub room: Room,
    rest: Rest<TcpConnector>,
    serving: JoinHandle<()>,
    _directory: TempDir,
}

impl Stage {
    /// Starts it. The tests of peers wait for processes, so they need a runtime with more than one thread.
    pub async fn set() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config { listen: "127.0.0.1:0".into(), ..Config::default() };
        config.password.memory_kib = 8;
        config.password.iterations = 1;
        // Peers guess.
        config.limits.login_failures_per_minute = 0;
        config.limits.requests_per_second = 0;
        adjust(&mut config);
        config.operator.token = Secret::new(OPERATOR_TOKEN);
        let server = Server::start(config, Arc::new(OsPlatform::new(directory.path()))).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { server.serve(listener, std::future::pending()).await.unwrap() });
        let connector = Arc::new(TcpConnector::new(address.to_string()));
        let rest = Rest::new(connector, Timing::default(), Arc::new(Unobserved));
        let register = Register {
            company: "acme".to_owned(),
            email: EMAIL.to_owned(),
            name: "Owner".to_owned(),
            password: PASSWORD.to_owned(),
            device: "peer".to_owned(),
        };
        let owner = rest.register(&register, "register").await.unwrap();
        let room = CreateRoom { name: "general".to_owned(), visibility: Visibility::Public };
        let room = rest.create_room(&owner.tokens.access_token, &room, "room").await.unwrap();
        Self { address, owner, room, rest, serving, _directory: directory }
    }

    /// The owner's access token.
    pub fn token(&self) -> &str {
        &self.owner.tokens.access_token
    }

    /// A session beside the owner's.
    pub async fn another_session(&self) -> Session {
        let login = Login { email: EMAIL.to_owned(), password: PASSWORD.to_owned(), device: "another".to_owned() };
        self.rest.login(&login).await.unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
