//! A user at work: logged in, with the typed calls, raw requests, sockets and whole client programs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use properties::trace::Observation;
use system::client::{Client, ClientConfig, Rest};
use system::protocol::{CompanyId, Login, Role, Session, StreamId, Tokens, UserId, Welcome};

use super::stop::Stop;
use super::whole::{Scene, correlation_name, lock};
use crate::scenarios::model::{Password, Redacted, User};
use crate::scenarios::wire::{Ask, Handshake, Line, Reply, Socket};

/// A whole client program, which finds back by itself.
pub type Device = Client<Line>;

/// A user at work. Clones are the same user.
#[derive(Clone)]
pub struct Person {
    inner: Arc<Inner>,
}

struct Inner {
    scene: Scene,
    name: String,
    password: Password,
    session: Session,
    tokens: Mutex<Tokens>,
    rest: Rest<Line>,
    requests: AtomicU32,
}

impl Person {
    /// Somebody who has just logged in with `rest`.
    pub(super) async fn new(scene: &Scene, name: &str, rest: Rest<Line>, password: Password, session: Session) -> Self {
        let user = &session.user;
        // For the record only: a server that does not say when they logged in is found out elsewhere.
        let account = rest.account(&session.tokens.access_token, user.id).await.ok();
        let record = User {
            id: user.id,
            email: user.email.clone(),
            password: password.clone(),
            full_name: user.name.clone(),
            company: user.company,
            role: user.role,
            access_token: Redacted(session.tokens.access_token.clone()),
            refresh_token: Redacted(session.tokens.refresh_token.clone()),
            active: user.active,
            created_at: user.created_at,
            last_login_at: account.and_then(|account| account.last_login_at),
        };
        let device = format!("{name}/rest").as_str().into();
        scene.inner.recorder.record(Observation::LoggedIn { device, user: user.id, session: session.session });
        let inner = Inner {
            scene: scene.clone(),
            name: name.to_owned(),
            password,
            tokens: Mutex::new(session.tokens.clone()),
            session,
            rest,
            requests: AtomicU32::new(0),
        };
        let person = Self { inner: Arc::new(inner) };
        scene.add_person(&person, record);
        person
    }

    /// Somebody who exists logs in.
    ///
    /// # Errors
    /// They may not.
    pub(super) async fn log_in(scene: &Scene, name: &str, email: &str, password: Password) -> Result<Self, Stop> {
        let rest = scene.rest(&format!("{name}/rest"));
        let device = "rest".to_owned();
        let login = Login { email: email.to_owned(), password: password.as_str().to_owned(), device };
        let session = rest.login(&login).await?;
        Ok(Self::new(scene, name, rest, password, session).await)
    }

    /// What faults, traces and stories call them: `mia`.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The identifier.
    pub fn id(&self) -> UserId {
        self.inner.session.user.id
    }

    /// The company.
    pub fn company(&self) -> CompanyId {
        self.inner.session.user.company
    }

    /// Their own stream.
    pub fn stream(&self) -> StreamId {
        StreamId::User(self.id())
    }

    /// The role, when they were made.
    pub fn role(&self) -> Role {
        self.inner.session.user.role
    }

    /// The email.
    pub fn email(&self) -> &str {
        &self.inner.session.user.email
    }

    /// The password.
    pub fn password(&self) -> &str {
        self.inner.password.as_str()
    }

    /// What the login was answered with.
    pub fn session(&self) -> &Session {
        &self.inner.session
    }

    /// The newest tokens.
    pub fn tokens(&self) -> Tokens {
        lock(&self.inner.tokens).clone()
    }

    /// The newest access token.
    pub fn token(&self) -> String {
        lock(&self.inner.tokens).access_token.clone()
    }

    /// The typed calls. Each takes the token: `mia.rest().me(&mia.token())`.
    pub fn rest(&self) -> &Rest<Line> {
        &self.inner.rest
    }

    /// Takes new tokens for the refresh token.
    ///
    /// # Errors
    /// The server gives none.
    pub async fn refreshes(&self) -> Result<Tokens, Stop> {
        let tokens = self.rest().refresh(&self.tokens().refresh_token).await?;
        lock(&self.inner.tokens).clone_from(&tokens);
        Ok(tokens)
    }

    /// Sends a request as it is written down, with the person's token unless it says who asks.
    ///
    /// # Errors
    /// No answer came.
    #[track_caller]
    pub fn asks(&self, ask: &Ask) -> impl Future<Output = Result<Reply, Stop>> {
        let place = std::panic::Location::caller();
        let number = self.inner.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let ask = if ask.is_authorized() { ask.clone() } else { ask.clone().token(&self.token()) };
        async move {
            let scene = &self.inner.scene;
            // Each request has a connection of its own, and so a device of its own.
            let device = format!("{}/request-{number}", self.name());
            let (line, observer) = (scene.line(&device), scene.observer(&device));
            let name = correlation_name(scene.tag(), &device);
            let answered = ask.send(&line, (&*observer, 1), &format!("{name}-1")).await;
            answered.map_err(|error| Stop::at(place, error.to_string()))
        }
    }

    /// Opens a WebSocket that follows everything, and is welcomed.
    ///
    /// # Errors
    /// It is not.
    #[track_caller]
    pub fn opens_socket(&self) -> impl Future<Output = Result<(Socket, Welcome), Stop>> {
        let place = std::panic::Location::caller();
        async move {
            let socket = self.knocks_with(place, &Handshake::new().token(&self.token())).await?;
            let welcome = socket.says_hello(serde_json::json!({"follow": "all"})).await;
            welcome.map(|welcome| (socket, welcome)).map_err(|stop| stop.seen_from(place))
        }
    }

    /// Opens a WebSocket, and says nothing yet.
    ///
    /// # Errors
    /// It is refused.
    #[track_caller]
    pub fn opens_silent_socket(&self) -> impl Future<Output = Result<Socket, Stop>> {
        let place = std::panic::Location::caller();
        async move { self.knocks_with(place, &Handshake::new().token(&self.token())).await }
    }

    /// Knocks at the server's WebSocket: a socket, or the answer if it is refused.
    ///
    /// # Errors
    /// Neither came.
    #[track_caller]
    pub fn knocks(&self, handshake: &Handshake) -> impl Future<Output = Result<Result<Socket, Reply>, Stop>> {
        self.inner.scene.knocks_as(self.name(), handshake)
    }

    /// Starts a whole client program of this name, such as `phone`.
    pub fn starts(&self, program: &str) -> Device {
        let scene = &self.inner.scene;
        let device = format!("{}/{program}", self.name());
        let config = ClientConfig::new(self.email(), self.password(), program);
        let line = Arc::new(scene.line(&device));
        let client = Client::start(config, line, scene.inner.ground.platform(&device), scene.observer(&device));
        scene.add_device(client.clone());
        client
    }

    /// Logs in once more, on another device.
    ///
    /// # Errors
    /// They may not.
    pub async fn logs_in_again(&self) -> Result<Session, Stop> {
        let device = "another".to_owned();
        let login = Login { email: self.email().to_owned(), password: self.password().to_owned(), device };
        Ok(self.rest().login(&login).await?)
    }

    async fn knocks_with(&self, place: &std::panic::Location<'_>, handshake: &Handshake) -> Result<Socket, Stop> {
        match self.knocks(handshake).await.map_err(|stop| stop.seen_from(place))? {
            Ok(socket) => Ok(socket),
            Err(reply) => {
                let what = format!("the handshake of {} was refused: {} {}", self.name(), reply.status, reply.text());
                Err(Stop::at(place, what))
            }
        }
    }

    pub(super) fn scene(&self) -> &Scene {
        &self.inner.scene
    }

    /// Takes away what this person has on the server, as far as the server lets them, and logs out.
    pub(super) async fn leave(&self) {
        // Whoever was deactivated, or has changed the password, cannot; nothing can be done about that here.
        let Ok(session) = self.logs_in_again().await else { return };
        let (rest, token) = (self.rest(), session.tokens.access_token.as_str());
        while let Ok(page) = rest.own_files(token, None).await {
            if page.items.is_empty() {
                break;
            }
            for file in page.items {
                if rest.delete_file(token, file.id).await.is_err() {
                    return;
                }
            }
        }
        let mut cursor = None;
        while let Ok(page) = rest.rooms(token, cursor.as_deref()).await {
            for room in page.items.iter().filter(|room| room.created_by == self.id()) {
                // Rooms that feeds or others govern stay.
                let _ = rest.delete_room(token, room.id, &self.inner.scene.new_name()).await;
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        for session in [self.token(), token.to_owned()] {
            // It may have ended before.
            let _ = rest.logout(&session).await;
        }
    }
}
