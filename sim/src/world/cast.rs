//! The cast: every device of the history as a running client, and how a step becomes something that one of them does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use properties::trace::{Observation, Replica};
use system::client::{Belief, Client, ClientConfig, Operation, Outcome};
use system::protocol::{Room, RoomId, StreamId, UserId};

use super::connector::WeatherConnector;
use super::recorder::Recorder;
use super::settings::server_config;
use super::stage::{PASSWORD, email};
use super::watcher::Watcher;
use crate::clock::WallClock;
use crate::history::{Action, History, Step};
use crate::network::Weather;
use crate::platform::SimPlatform;

/// A device's client.
pub(super) type Device = Client<WeatherConnector>;

/// All devices by name, and what names stand for. Clones are the same cast.
#[derive(Clone)]
pub(super) struct Cast {
    devices: Arc<Mutex<BTreeMap<String, Device>>>,
    rooms: Arc<Mutex<BTreeMap<String, RoomId>>>,
    users: Arc<BTreeMap<String, UserId>>,
    recorder: Recorder,
}

impl Cast {
    pub(super) fn new(users: BTreeMap<String, UserId>, rooms: BTreeMap<String, RoomId>, recorder: Recorder) -> Self {
        Self { devices: Arc::default(), rooms: Arc::new(Mutex::new(rooms)), users: Arc::new(users), recorder }
    }

    /// Lets a device begin, on the host that this is called on.
    pub(super) fn enter(&self, history: &History, device: &str, weather: &Weather) {
        let (user, program) = device.split_once('/').expect("a device's name is user/device");
        let mut config = ClientConfig::new(email(user), PASSWORD, program);
        config.messages_limit = server_config(&history.settings).store.snapshot_messages;
        let client = Client::start(
            config,
            Arc::new(WeatherConnector::new(weather.clone(), device)),
            Arc::new(SimPlatform::device(history.seed, device, WallClock::default())),
            Arc::new(Watcher::new(device, self.recorder.clone())),
        );
        lock(&self.devices).insert(device.to_owned(), client);
    }

    /// The devices that have begun, by name.
    pub(super) fn devices(&self) -> BTreeMap<String, Device> {
        lock(&self.devices).clone()
    }

    /// Does a user's step. What it leads to is told by the trace.
    pub(super) fn perform(&self, step: &Step) {
        match self.begin(step) {
            Ok(()) => {}
            Err(why) => self.recorder.record(Observation::Skipped { step: step.id, why }),
        }
    }

    fn begin(&self, step: &Step) -> Result<(), String> {
        let name = step.action.device().ok_or("no device does this")?;
        let device = lock(&self.devices).get(name).cloned().ok_or_else(|| format!("there is no device {name}"))?;
        self.recorder.record(Observation::Step { step: step.id, device: name.into(), text: step.action.what() });
        let operation = match &step.action {
            Action::Send { room, body, .. } => Operation::SendMessage { room: self.room(room)?, body: body.clone() },
            Action::Post { room, body, .. } => Operation::PostMessage { room: self.room(room)?, body: body.clone() },
            Action::CreateRoom { room, visibility, .. } => {
                Operation::CreateRoom { name: room.clone(), visibility: *visibility }
            }
            Action::AddMember { room, user, .. } => {
                Operation::AddMember { room: self.room(room)?, user: self.user(user)? }
            }
            Action::RemoveMember { room, user, .. } => {
                Operation::RemoveMember { room: self.room(room)?, user: self.user(user)? }
            }
            Action::ChangeRole { user, role, .. } => Operation::ChangeRole { user: self.user(user)?, role: *role },
            Action::Deactivate { user, .. } => Operation::Deactivate { user: self.user(user)? },
            Action::ReadRoom { room, .. } => Operation::ReadMessages { room: self.room(room)? },
            Action::RefreshToken { .. } => Operation::RefreshToken,
            Action::Close { .. } => {
                device.close();
                return Ok(());
            }
            Action::Open { .. } => {
                device.open();
                return Ok(());
            }
            Action::Fault(_) => return Err("a fault is not a device's to do".to_owned()),
        };
        let pending = device.perform(operation, Some(format!("step-{}", step.id)));
        if let Action::CreateRoom { room, .. } = &step.action {
            self.learn_room(room.clone(), pending);
        }
        Ok(())
    }

    /// Later steps may name a room as soon as its creator knows of it.
    fn learn_room(&self, name: String, created: impl Future<Output = Outcome> + Send + 'static) {
        let rooms = self.rooms.clone();
        tokio::spawn(async move {
            if let Outcome::Answered(answer) = created.await
                && let Ok(room) = serde_json::from_str::<Room>(&answer.body)
            {
                lock(&rooms).insert(name, room.id);
            }
        });
    }

    fn room(&self, name: &str) -> Result<RoomId, String> {
        lock(&self.rooms).get(name).copied().ok_or_else(|| format!("there is no room {name} yet"))
    }

    fn user(&self, name: &str) -> Result<UserId, String> {
        self.users.get(name).copied().ok_or_else(|| format!("there is no user {name}"))
    }
}

/// What a device believes, as the trace has it.
pub(super) fn to_trace(belief: &Belief) -> properties::trace::Belief {
    let streams: BTreeMap<StreamId, Replica> = belief
        .streams
        .iter()
        .map(|(stream, replica)| {
            let (seq, epoch, state) = (replica.seq, replica.epoch, replica.state.as_deref().cloned());
            (*stream, Replica { seq, epoch, state })
        })
        .collect();
    let standing = &belief.standing;
    properties::trace::Belief {
        connected: standing.connected,
        wants_connection: standing.wants_connection,
        role: standing.role,
        outbox: standing.outbox,
        streams,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
