//! The handle of a running client.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::operation::{Operation, Pending};
use super::shared::Shared;
use super::wish::Wish;
use super::{Belief, ClientConfig, Connector, Observer, SavedLogin, Standing, WhoIsThere, keeper, worker};
use crate::platform::Platform;
use crate::protocol::{Message, MessageId, Position, RoomId, StreamId, UserId};

/// How often [`Client::in_step`] looks.
const GLANCE: Duration = Duration::from_millis(10);

/// A client that is running. It ends when it is shut down, or when the last clone of its handle is dropped.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use system::client::{Client, ClientConfig, Operation, TcpConnector, Unobserved};
/// use system::platform::OsPlatform;
/// use system::protocol::Visibility;
///
/// # async fn example() {
/// let client = Client::start(
///     ClientConfig::new("ana@example.com", "correct horse!", "laptop"),
///     Arc::new(TcpConnector::new("127.0.0.1:7440")),
///     Arc::new(OsPlatform::new("data")),
///     Arc::new(Unobserved),
/// );
/// let room = Operation::CreateRoom { name: "general".to_owned(), visibility: Visibility::Public };
/// println!("{:?}", client.perform(room, None).await);
/// client.shutdown().await;
/// # }
/// ```
pub struct Client<C: Connector>(Arc<Running<C>>);

struct Running<C: Connector> {
    shared: Arc<Shared<C>>,
    tasks: Mutex<JoinSet<()>>,
}

impl<C: Connector> Client<C> {
    /// Starts a client, which connects at once. Must be called on a tokio runtime.
    pub fn start(
        config: ClientConfig,
        connector: Arc<C>,
        platform: Arc<dyn Platform>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self::run(Shared::new(config, connector, platform, observer, None))
    }

    /// The same with a login that was kept, so that no password is sent; it is used only when that login has ended. `login`
    /// is what [`Client::login`] gave or [`Observer::login_changed`] told, of this program's last run or of another's.
    pub fn resume(
        login: SavedLogin,
        config: ClientConfig,
        connector: Arc<C>,
        platform: Arc<dyn Platform>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self::run(Shared::new(config, connector, platform, observer, Some(login)))
    }

    fn run(shared: Shared<C>) -> Self {
        let shared = Arc::new(shared);
        let mut tasks = JoinSet::new();
        tasks.spawn(keeper::run(shared.clone()));
        tasks.spawn(worker::run(shared.clone()));
        Self(Arc::new(Running { shared, tasks: Mutex::new(tasks) }))
    }

    /// Puts `operation` into the outbox, from where it is carried to a definite answer, through lost answers,
    /// reconnects and restarts of the server, under one idempotency key: `key`, or one that is drawn.
    ///
    /// The operation is under way when this returns; what is returned may be dropped.
    pub fn perform(&self, operation: Operation, key: Option<String>) -> Pending {
        let shared = &self.0.shared;
        let key = key.unwrap_or_else(|| shared.platform.new_uuid().to_string());
        shared.perform(operation, key.into())
    }

    /// Comes back after [`Client::close`].
    pub fn open(&self) {
        self.0.shared.wish(Wish::Open);
    }

    /// Says goodbye and stays away. The outbox is kept and nothing in it performed until [`Client::open`].
    pub fn close(&self) {
        self.0.shared.wish(Wish::Closed);
    }

    /// The login as it is now, to be kept or given to another program; none before the first, or when the server has ended
    /// it.
    pub fn login(&self) -> Option<SavedLogin> {
        self.0.shared.session.saved()
    }

    /// All that this client believes: copies every state.
    pub fn belief(&self) -> Belief {
        let standing = self.standing();
        let state = self.0.shared.state();
        let who_is_there = state.heard.there().cloned();
        Belief { standing, streams: state.replicas.copies(), left: state.replicas.left(), who_is_there }
    }

    /// How this client stands: cheap enough to be asked often.
    pub fn standing(&self) -> Standing {
        self.0.shared.standing()
    }

    /// A message of a followed room as this client has it; none if it has not, or no longer.
    pub fn message(&self, room: RoomId, message: MessageId) -> Option<Message> {
        self.0.shared.state().replicas.message(room, message).cloned()
    }

    /// Where this client's copy of a stream is, if its state is known: also of one that was left with
    /// [`Operation::Unsubscribe`].
    pub fn position(&self, stream: StreamId) -> Option<Position> {
        self.0.shared.state().replicas.position(stream)
    }

    /// Who of the company is there, as the live connection has told it; none while there is none, or the company is not
    /// followed.
    pub fn who_is_there(&self) -> Option<WhoIsThere> {
        self.0.shared.state().heard.there().cloned()
    }

    /// Who types in a room now.
    pub fn who_types(&self, room: RoomId) -> BTreeSet<UserId> {
        self.0.shared.state().heard.who_types(room)
    }

    /// Waits until this client is connected and has the state of every stream that it follows, or will not be again.
    pub async fn in_step(&self) {
        while !self.0.shared.is_in_step() {
            sleep(GLANCE).await;
        }
    }

    /// Says goodbye and ends. Operations without a definite answer are abandoned.
    pub async fn shutdown(&self) {
        self.0.shared.end();
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }
}

impl<C: Connector> Clone for Client<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C: Connector> std::fmt::Debug for Client<C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Client").field(&self.standing()).finish()
    }
}
