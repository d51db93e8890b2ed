//! The cast: every device of the history as a running client, and how a step becomes something that one of them does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use properties::trace::{Observation, Replica};
use system::client::{Belief, CallError, Client, ClientConfig, Observer, Outcome, Rest, SavedLogin, Timing, described};
use system::platform::Platform;
use system::protocol::{AcceptInvitation, StreamId, UserId};
use tokio::time::sleep;

use super::connector::{WEB_SOCKET, WeatherConnector};
use super::device_clocks::DeviceClocks;
use super::leak::Leak;
use super::levers::Levers;
use super::recorder::Recorder;
use super::settings::server_config;
use super::stage::{PASSWORD, Stage, email, persist};
use super::tokens::Tab;
use super::watcher::Watcher;
use crate::history::{History, Step};
use crate::network::Weather;
use crate::operations::{Accept, Begun, Book, Part, answer_of, lock};
use crate::platform::SimPlatform;

/// A device's client.
pub(crate) type Device = Client<WeatherConnector>;

/// All devices by name, and what names stand for. Clones are the same cast.
#[derive(Clone)]
pub(super) struct Cast {
    devices: Arc<Mutex<BTreeMap<String, Device>>>,
    /// How many have accepted an invitation and have no answer yet, and how much else the end has to wait for.
    entering: Arc<Mutex<usize>>,
    book: Book,
    weather: Weather,
    clocks: DeviceClocks,
    recorder: Recorder,
    leak: Option<Leak>,
    history: Arc<History>,
    /// Doubles of devices, which are none of them.
    pub(super) tabs: Arc<Mutex<Vec<Tab>>>,
}

/// Something is under way that the end has to wait for.
pub(super) struct UnderWay(Arc<Mutex<usize>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        *lock(&self.0) -= 1;
    }
}

impl Cast {
    pub(super) fn new(history: &Arc<History>, stage: &Stage, levers: &Levers, leak: Option<Leak>) -> Self {
        let book = Book::new(stage.company, stage.users.clone(), stage.rooms.clone());
        Self {
            devices: Arc::default(),
            entering: Arc::default(),
            book,
            weather: levers.weather.clone(),
            clocks: levers.device_clocks.clone(),
            recorder: levers.recorder.clone(),
            leak,
            history: history.clone(),
            tabs: Arc::default(),
        }
    }

    /// What names stand for.
    pub(super) fn book(&self) -> Book {
        self.book.clone()
    }

    /// Something is under way from now on, until what this gives is dropped.
    pub(super) fn errand(&self) -> UnderWay {
        *lock(&self.entering) += 1;
        UnderWay(self.entering.clone())
    }

    /// These devices, in the order in which they begin: their own, unless that leaks on purpose.
    pub(super) fn entrance(&self, devices: &[String]) -> Vec<String> {
        self.leak.map_or_else(|| devices.to_vec(), |leak| leak.order(devices))
    }

    /// Waits before a device begins, if that leaks on purpose.
    pub(super) async fn pause(&self) {
        let pause = self.leak.map_or(Duration::ZERO, Leak::pause);
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }

    /// Lets a device begin, on the host that this is called on.
    pub(super) fn enter(&self, history: &History, device: &str) {
        self.enter_after(history, device, 0);
    }

    fn enter_after(&self, history: &History, device: &str, requests: u32) {
        let client = self.start(history, device, requests, Client::start);
        lock(&self.devices).insert(device.to_owned(), client);
    }

    /// Starts a client program of this name, which has made so many requests already.
    fn start(
        &self,
        history: &History,
        device: &str,
        requests: u32,
        start: impl FnOnce(ClientConfig, Arc<WeatherConnector>, Arc<dyn Platform>, Arc<dyn Observer>) -> Device,
    ) -> Device {
        let (user, program) = device.split_once('/').expect("a device's name is user/device");
        let program = self.leak.map_or_else(|| program.to_owned(), |leak| leak.program(program));
        let mut config = ClientConfig::new(email(user), PASSWORD, program);
        config.messages_limit = server_config(history).store.snapshot_messages;
        start(
            config,
            Arc::new(WeatherConnector::new(self.weather.clone(), device)),
            Arc::new(SimPlatform::device(history.seed, device, self.clocks.of(device))),
            Arc::new(Watcher::going_on(device, self.recorder.clone(), self.book.clone(), requests)),
        )
    }

    /// Starts a double that goes on with the login of a device.
    pub(super) fn start_double(&self, double: &str, login: SavedLogin) -> Device {
        self.start(&self.history, double, 0, |config, connector, platform, watcher| {
            Client::resume(login, config, connector, platform, watcher)
        })
    }

    /// The devices that have begun, by name.
    pub(super) fn devices(&self) -> BTreeMap<String, Device> {
        lock(&self.devices).clone()
    }

    /// Whether a device takes its WebSocket for a live one whose server is dead.
    pub(super) fn is_deceived(&self, device: &str) -> bool {
        self.weather.holds_a_dead_connection(device, WEB_SOCKET)
    }

    /// Everybody who is or became a user.
    pub(super) fn users(&self) -> Vec<UserId> {
        self.book.users()
    }

    /// Whether somebody may still become a user, or something else is under way that the end has to wait for.
    pub(super) fn is_entering(&self) -> bool {
        *lock(&self.entering) > 0
    }

    /// Lets somebody accept their invitation, through whatever goes wrong, and begin with a device of their own.
    pub(super) fn admit(&self, history: &Arc<History>, step: &Step, accept: &Accept) {
        let (guest, device) = (accept.guest().to_owned(), accept.device.clone());
        let token = match self.book.invitation(&guest) {
            Ok((_, token)) => token,
            Err(why) => return self.recorder.record(Observation::Skipped { step: step.id, why }),
        };
        let text = step.action.what();
        self.recorder.record(Observation::Step { step: step.id, device: device.as_str().into(), text });
        let counted = self.recorder.operations().began(step.action.kind());
        let watcher = Arc::new(Watcher::new(&device, self.recorder.clone(), self.book.clone()));
        let rest = Rest::new(
            Arc::new(WeatherConnector::new(self.weather.clone(), &device)),
            Timing::default(),
            watcher.clone(),
        );
        let (name, password) = (guest.clone(), PASSWORD.to_owned());
        let body = AcceptInvitation { token, name, password, device: device.clone() };
        let (cast, history, key) = (self.clone(), history.clone(), format!("step-{}", step.id));
        let under_way = self.errand();
        // A run is one thread.
        tokio::task::spawn_local(async move {
            match persist(async || rest.accept(&body, &key).await).await {
                Ok(session) => {
                    cast.book.add_user(&guest, session.user.id);
                    cast.enter_after(&history, &device, watcher.requests());
                    counted.succeeded();
                }
                Err(CallError::Refused(_)) => counted.refused(),
                Err(_) => {}
            }
            drop(under_way);
        });
    }

    /// Does a user's step. What it leads to is told by the trace.
    pub(super) fn perform(&self, step: &Step) {
        match self.begin(step) {
            Ok(()) => {}
            Err(why) => self.recorder.record(Observation::Skipped { step: step.id, why }),
        }
    }

    /// The idempotency key of a step. A program that dates its keys dates them by its device's clock.
    fn key(&self, step: &Step, device: &str) -> String {
        match self.clocks.wrong(device) {
            None => format!("step-{}", step.id),
            Some((fault, shows)) => {
                self.recorder.record_effect(fault, format!("{device} takes the time for {shows}"));
                format!("step-{}@{shows}", step.id)
            }
        }
    }

    fn begin(&self, step: &Step) -> Result<(), String> {
        let (Some(deed), Some(name)) = (step.action.deed(), step.action.device()) else {
            return Err("no device does this".to_owned());
        };
        let device = lock(&self.devices).get(name).cloned().ok_or_else(|| format!("there is no device {name}"))?;
        self.recorder.record(Observation::Step { step: step.id, device: name.into(), text: step.action.what() });
        let begun = deed.begin(&device, &self.book)?;
        if let Some(Part { file, range, bytes }) = deed.content(&self.book) {
            let (file, described) = (file.into(), described(&bytes).into());
            self.recorder.record(Observation::Content { file, from: range.start, to: range.end, described });
        }
        match begun {
            Begun::Done => self.recorder.operations().began(step.action.kind()).succeeded(),
            Begun::Asks(operation) => {
                let key = self.key(step, name);
                let key = self.leak.map_or_else(|| key.clone(), |leak| leak.key(key.clone()));
                let pending = device.perform(operation, Some(key));
                let counted = self.recorder.operations().began(step.action.kind());
                let (action, book) = (step.action.clone(), self.book.clone());
                tokio::spawn(async move {
                    let outcome = pending.await;
                    match outcome {
                        Outcome::Refused(_) => counted.refused(),
                        Outcome::Abandoned | Outcome::Lapsed => {}
                        _ => counted.succeeded(),
                    }
                    if let (Some(deed), Some(answer)) = (action.deed(), answer_of(&outcome)) {
                        deed.learn(answer, &book);
                    }
                });
            }
        }
        Ok(())
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
        left: belief.left.clone(),
    }
}
