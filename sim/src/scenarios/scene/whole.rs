//! The scene of one attempt: everything that its body does and sees goes through it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use properties::trace::Observation;
use system::client::{Observer, Rest, Timing};
use system::protocol::ServerFrame;
use tokio::time::sleep;

use super::faults::Faults;
use super::ground::Ground;
use super::person::Device;
use super::stop::Stop;
use super::{Feed, Person};
use crate::scenarios::model::{User, Validation};
use crate::scenarios::wire::{Ask, Handshake, Line, Reply, Socket};
use crate::world::{Recorder, watcher};

/// The scene of one attempt. Clones are the same scene.
#[derive(Clone)]
pub struct Scene {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) ground: Ground,
    pub(super) recorder: Recorder,
    /// Makes names that no other attempt on that server has.
    tag: String,
    numbers: AtomicU64,
    steps: AtomicU32,
    validations: Mutex<Vec<Validation>>,
    users: Mutex<Vec<User>>,
    /// Who has something on the server that is to be taken away.
    people: Mutex<Vec<Person>>,
    devices: Mutex<Vec<Device>>,
}

/// What an attempt leaves to whoever ran it.
#[derive(Default)]
pub(in crate::scenarios) struct Leavings {
    pub(in crate::scenarios) validations: Vec<Validation>,
    pub(in crate::scenarios) users: Vec<User>,
}

impl Scene {
    pub(in crate::scenarios) fn new(ground: Ground, recorder: Recorder, tag: String) -> Self {
        let inner = Inner {
            ground,
            recorder,
            tag,
            numbers: AtomicU64::new(0),
            steps: AtomicU32::new(0),
            validations: Mutex::default(),
            users: Mutex::default(),
            people: Mutex::default(),
            devices: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Lets time pass: simulated, or real.
    pub async fn pause(&self, time: Duration) {
        sleep(time).await;
    }

    /// How much time has passed since the scenario began.
    pub fn elapsed(&self) -> Duration {
        self.inner.recorder.elapsed()
    }

    /// An idempotency key, or any other name, that was not used yet.
    pub fn new_name(&self) -> String {
        format!("{}-{}", self.inner.tag, self.inner.numbers.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Sends a request of nobody's: whoever asks is what its headers say.
    ///
    /// # Errors
    /// No answer came.
    #[track_caller]
    pub fn asks(&self, ask: &Ask) -> impl Future<Output = Result<Reply, Stop>> {
        let place = std::panic::Location::caller();
        let device = format!("somebody/request-{}", self.next_step());
        async move {
            let (line, observer) = (self.line(&device), self.observer(&device));
            let name = correlation_name(&self.inner.tag, &device);
            let answered = ask.send(&line, (&*observer, 1), &format!("{name}-1")).await;
            answered.map_err(|error| Stop::at(place, error.to_string()))
        }
    }

    /// Knocks at the server's WebSocket: a socket, or the answer if it is refused.
    ///
    /// # Errors
    /// Neither came.
    #[track_caller]
    pub fn knocks(&self, handshake: &Handshake) -> impl Future<Output = Result<Result<Socket, Reply>, Stop>> {
        self.knocks_as("somebody", handshake)
    }

    #[track_caller]
    pub(super) fn knocks_as(
        &self,
        user: &str,
        handshake: &Handshake,
    ) -> impl Future<Output = Result<Result<Socket, Reply>, Stop>> {
        let place = std::panic::Location::caller();
        let device = format!("{user}/socket-{}", self.next_step());
        async move {
            let knocked = handshake.knock(&self.line(&device), &device, &self.observer(&device)).await;
            knocked.map_err(|why| Stop::at(place, format!("{device} knocked: {why}")))
        }
    }

    /// The typed calls, from a device of this name.
    pub(super) fn rest(&self, device: &str) -> Rest<Line> {
        let line = Arc::new(self.line(device));
        Rest::new(line, Timing::default(), self.observer(device)).named(correlation_name(&self.inner.tag, device))
    }

    /// The token of the server's operator.
    ///
    /// # Errors
    /// It is not known: the scenario must say that it needs it.
    #[track_caller]
    pub fn operator_token(&self) -> Result<&str, Stop> {
        let missing = || Stop::because("nobody knows the operator's token: the scenario must say Needs::Operator");
        self.inner.ground.operator_token().ok_or_else(missing)
    }

    /// What can go wrong.
    ///
    /// # Errors
    /// Nothing can, on a real server: the scenario must say that it needs it.
    #[track_caller]
    pub fn faults(&self) -> Result<Faults, Stop> {
        match &self.inner.ground {
            Ground::Simulated(stagehand) => Ok(Faults::new((**stagehand).clone(), self.clone())),
            Ground::Real(_) => Err(Stop::because("a real server has no faults: the scenario must say Needs::Faults")),
        }
    }

    /// The program that writes conversation files.
    ///
    /// # Errors
    /// Nobody knows where they are: the scenario must say that it needs it.
    #[track_caller]
    pub fn feed(&self, company: &super::Company) -> Result<Feed, Stop> {
        let missing = || Stop::because("nobody knows where the feed is: the scenario must say Needs::Feed");
        Ok(Feed::new(self.inner.ground.feed().ok_or_else(missing)?, company.id()))
    }

    /// Every user that was made so far.
    pub fn users(&self) -> Vec<User> {
        lock(&self.inner.users).clone()
    }

    pub(super) fn tag(&self) -> &str {
        &self.inner.tag
    }

    pub(super) fn line(&self, device: &str) -> Line {
        self.inner.ground.line(device)
    }

    pub(super) fn observer(&self, device: &str) -> Arc<dyn Observer> {
        watcher(device, &self.inner.recorder)
    }

    pub(super) fn next_step(&self) -> u32 {
        self.inner.steps.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn add_person(&self, person: &Person, user: User) {
        lock(&self.inner.users).push(user);
        lock(&self.inner.people).push(person.clone());
    }

    pub(super) fn add_device(&self, device: Device) {
        lock(&self.inner.devices).push(device);
    }

    pub(super) fn validate(&self, validation: Validation) {
        lock(&self.inner.validations).push(validation);
    }

    /// The name of the last thing that the server was heard of, in its own log.
    pub(super) fn last_correlation_id(&self) -> Option<String> {
        self.inner.recorder.latest(|observed| match observed {
            Observation::FrameReceived { frame, .. } => match &**frame {
                ServerFrame::Event(event) => Some(event.correlation_id.clone()),
                ServerFrame::Error(_, error) => Some(error.correlation_id.clone()),
                _ => None,
            },
            // What asked is named after its device and its number.
            Observation::Answered { device, request, .. } => {
                Some(format!("{}-{request}", correlation_name(&self.inner.tag, device)))
            }
            _ => None,
        })
    }

    /// What the attempt has to show.
    pub(in crate::scenarios) fn leavings(&self) -> Leavings {
        let (validations, users) = (&self.inner.validations, &self.inner.users);
        Leavings { validations: lock(validations).clone(), users: lock(users).clone() }
    }

    /// Ends what still runs and takes away what can be taken away: on a server that others use too.
    pub(in crate::scenarios) async fn clean_up(&self) {
        let (devices, people) = (&self.inner.devices, &self.inner.people);
        let (devices, people) = (std::mem::take(&mut *lock(devices)), std::mem::take(&mut *lock(people)));
        for device in devices {
            device.shutdown().await;
        }
        // The owners registered first, and can take away what all others have.
        for person in people.iter().rev() {
            person.leave().await;
        }
    }
}

/// What the correlation ids of a device's requests begin with. The server takes 64 characters.
pub(in crate::scenarios) fn correlation_name(tag: &str, device: &str) -> String {
    let name = format!("{tag}.{}", device.replace('/', "."));
    name.chars().take(50).collect()
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
