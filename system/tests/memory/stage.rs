//! A server in this process, people who are all there, and clients that keep nothing but their socket.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::SinkExt;
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use system::client::{Rest, TcpConnector, Timing, Unobserved};
use system::platform::OsPlatform;
use system::protocol::{
    ClientFrame, Command, CreateRoom, CreateUser, Follow, Hello, Login, Register, Role, Room, SUBPROTOCOL, Session,
    Visibility,
};
use system::{Config, Server};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// How many people are there: what one is told of them is longer than a connection may be large.
pub const USERS: usize = 80;

/// A company whose people are all in one room.
pub struct Company {
    address: SocketAddr,
    rest: Rest<TcpConnector>,
    room: Room,
    people: Vec<Session>,
    _directory: TempDir,
}

impl Company {
    pub async fn found() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config { listen: "127.0.0.1:0".into(), ..Config::default() };
        config.password.memory_kib = 8;
        config.password.iterations = 1;
        config.limits.connections_per_user = 0;
        let server = Server::start(config, Arc::new(OsPlatform::new(directory.path()))).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server.serve(listener, std::future::pending()));

        let rest = Rest::new(Arc::new(TcpConnector::new(address.to_string())), Timing::default(), Arc::new(Unobserved));
        let (email, password) = ("owner@acme.test".to_owned(), "secret-1".to_owned());
        let register = Register {
            company: "acme".into(),
            email,
            name: "Owner".into(),
            password: password.clone(),
            device: "test".into(),
        };
        let owner = rest.register(&register, "register").await.unwrap();
        let token = &owner.tokens.access_token;
        let room = CreateRoom { name: "all".into(), visibility: Visibility::Public };
        let room = rest.create_room(token, &room, "room").await.unwrap();
        let mut people = Vec::new();
        for number in 0..USERS {
            let (email, name) = (format!("user-{number}@acme.test"), format!("User {number}"));
            let user = CreateUser { email: email.clone(), name, password: password.clone(), role: Role::Member };
            let user = rest.create_user(token, &user, &email).await.unwrap();
            rest.add_member(token, room.id, user.id).await.unwrap();
            let login = Login { email, password: password.clone(), device: "test".into() };
            people.push(rest.login(&login).await.unwrap());
        }
        Self { address, rest, room, people, _directory: directory }
    }

    /// A connection that follows everything and was told who is there.
    pub async fn connect(&self, user: usize) -> TcpStream {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut request = format!("ws://{}/ws", self.address).into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.people[user].tokens.access_token);
        request.headers_mut().insert(AUTHORIZATION, bearer.parse().unwrap());
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL.parse().unwrap());
        let (mut socket, _) = client_async(request, stream).await.unwrap();
        let hello = Hello { positions: Vec::new(), follow: Follow::All };
        let hello = ClientFrame { id: None, command: Command::Hello(hello) };
        socket.send(Message::text(hello.to_text())).await.unwrap();
        // The server says nothing before the hello, so nothing of it is lost with the WebSocket's buffers.
        let mut stream = socket.into_inner();
        hear(&mut stream, "presence.state").await;
        stream
    }

    /// Somebody says something long in the room, and every connection has read it.
    pub async fn say_at_length(&self, connections: &mut [TcpStream]) {
        let author = &self.people[0].tokens.access_token;
        let key = format!("long-{}", connections.len());
        self.rest.post_message(author, self.room.id, &"long ".repeat(700), &key).await.unwrap();
        for connection in connections {
            hear(connection, "message.created").await;
        }
    }
}

/// Reads frames up to the first of this kind, and nothing after it.
async fn hear(stream: &mut TcpStream, kind: &str) {
    let begin = format!(r#"{{"type":"{kind}""#);
    loop {
        let [_, length] = read(stream).await;
        let length = match length {
            126 => u16::from_be_bytes(read(stream).await).into(),
            127 => u64::from_be_bytes(read(stream).await),
            short => u64::from(short),
        };
        let mut text = vec![0; length.try_into().unwrap()];
        stream.read_exact(&mut text).await.unwrap();
        if text.starts_with(begin.as_bytes()) {
            return;
        }
    }
}

async fn read<const BYTES: usize>(stream: &mut TcpStream) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}
