//! The server's machine: its disk and clock, and the life of the process on it.
//!
//! Whoever wants the process to end or to start says so here; it happens between two ticks of the world's clock, for
//! only there turmoil lets a host crash. A power loss inside a commit is the exception: the disk itself decides that
//! moment, and the process is dead to the world from there on.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use properties::trace::{Observation, ServerChange};
use system::{Config, Server};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;

use super::idle::polls;
use super::recorder::Recorder;
use crate::clock::{self, WallClock};
use crate::disk::Disk;
use crate::keyed::Key;
use crate::network::{ServerEnd, Weather};
use crate::platform::{Burden, FeedFiles, SimPlatform};
use crate::words::amount;

/// turmoil's name of the server's host.
pub(super) const HOST: &str = "server";

/// How long a supervisor waits before it starts a process that gave up.
const SUPERVISOR_MS: u64 = 1_000;

/// The server's machine. Clones are the same machine.
#[derive(Clone)]
pub struct Machine {
    inner: Arc<Mutex<Inner>>,
    pub(super) disk: Disk,
    pub(super) clock: WallClock,
    pub(super) burden: Burden,
    weather: Weather,
    recorder: Recorder,
    config: Arc<Config>,
    key: Key,
    disk_max_ms: u64,
    feed: FeedFiles,
    /// How often the process's first task was polled, which is on no runtime's list of tasks.
    own_polls: Arc<AtomicU64>,
}

struct Inner {
    incarnation: u32,
    state: State,
    order: Option<Order>,
    stop: watch::Sender<bool>,
    /// What is to befall the next life of the process.
    next: NextLife,
    /// What the process runs on.
    runtime: Option<Handle>,
}

/// What is to befall the next life of the process, from its start.
#[derive(Clone, Copy, Default, Debug)]
struct NextLife {
    /// The step that makes it take so much longer until it listens, in milliseconds.
    slow_start: Option<(u32, u64)>,
    /// The step that takes the power again, after so many operations of the disk, and how long it is gone then.
    power_loss: Option<(u32, u32, u64)>,
}

/// What the process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It runs.
    Up,
    /// It was told to stop; this long after it has, it is started again.
    Stopping { down_ms: u64 },
    /// It does not run; it is started at this time.
    Down { until: Duration },
}

/// What is to happen to the process between two ticks.
#[derive(Clone, Copy, Debug)]
enum Order {
    Kill {
        step: u32,
        down_ms: u64,
    },
    /// `armed`: the disk decides when.
    PowerLoss {
        step: u32,
        down_ms: u64,
        armed: bool,
    },
}

impl Machine {
    pub(super) fn new(
        seed: u64,
        disk_max_ms: u64,
        config: Config,
        disk: Disk,
        weather: Weather,
        recorder: Recorder,
        feed: FeedFiles,
    ) -> Self {
        // A loss of power that the disk decides upon silences the process in that very moment.
        disk.alarm(weather.server_mute());
        disk.alarm(recorder.server_mute());
        let (stop, _) = watch::channel(false);
        let inner =
            Inner { incarnation: 0, state: State::Up, order: None, stop, next: NextLife::default(), runtime: None };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            disk,
            clock: WallClock::default(),
            burden: Burden::default(),
            weather,
            recorder,
            config: Arc::new(config),
            key: Key::new(seed).with("machine"),
            disk_max_ms,
            feed,
            own_polls: Arc::default(),
        }
    }

    /// Kills the process at the next tick. Its disk keeps all that it wrote.
    pub(super) fn kill(&self, step: u32, down_ms: u64) {
        let mut inner = self.lock();
        if inner.order.is_none() {
            inner.order = Some(Order::Kill { step, down_ms });
            drop(inner);
            self.die();
        }
    }

    /// From this very moment nothing that the process does leaves it: until the next tick it runs on, and nobody hears.
    fn die(&self) {
        if matches!(self.lock().state, State::Down { .. }) {
            return;
        }
        self.disk.kill();
        self.recorder.mute_server(true);
        self.weather.mute_server(true);
    }

    /// Kills the process at the next tick, and flips a bit of what has lain still on the disk.
    pub(super) fn flip_bit(&self, step: u32, down_ms: u64) {
        let inner = self.lock();
        if inner.order.is_some() || matches!(inner.state, State::Down { .. }) {
            return;
        }
        drop(inner);
        self.kill(step, down_ms);
        self.disk.flip(step, self.key.with("flip").with(step));
    }

    /// Takes the power away: at the next tick, or in the midst of the disk's work after some more operations.
    pub(super) fn lose_power(&self, step: u32, after_operations: u32, down_ms: u64) {
        let armed = after_operations > 0;
        if self.lock().order.is_some() {
            return;
        }
        if armed {
            self.disk.arm_power_loss(after_operations, self.power_key(step));
        }
        self.lock().order = Some(Order::PowerLoss { step, down_ms, armed });
        if !armed {
            self.go_dark(step);
        }
    }

    /// Kills the process at the next tick, and lets its successor take longer until it listens.
    pub(super) fn start_slowly(&self, step: u32, down_ms: u64, start_ms: u64) {
        let mut inner = self.lock();
        if inner.order.is_none() {
            inner.order = Some(Order::Kill { step, down_ms });
            inner.next.slow_start = Some((step, start_ms));
            drop(inner);
            self.die();
        }
    }

    /// Takes the power at the next tick, and again after so many operations of the disk of the next life, which is
    /// mostly while it recovers from the first.
    pub(super) fn lose_power_twice(&self, step: u32, after_operations: u32, down_ms: u64) {
        let mut inner = self.lock();
        if inner.order.is_none() {
            inner.order = Some(Order::PowerLoss { step, down_ms, armed: false });
            inner.next.power_loss = Some((step, after_operations, down_ms));
            drop(inner);
            self.go_dark(step);
        }
    }

    /// Tells the process to stop; it is started again `down_ms` after it has.
    pub(super) fn restart(&self, step: u32, down_ms: u64) {
        let mut inner = self.lock();
        if inner.state != State::Up {
            return;
        }
        inner.state = State::Stopping { down_ms };
        inner.stop.send_replace(true);
        drop(inner);
        let connections = self.weather.open_connections();
        if connections > 0 {
            let connections = amount(connections as u64, "connection is", "connections are");
            self.recorder.record_effect(step, format!("{connections} told to come back"));
        }
    }

    /// Takes back what has not happened yet, and starts the process at the next tick if it does not run.
    pub(super) fn heal(&self) {
        self.disk.disarm();
        let mut inner = self.lock();
        inner.next = NextLife::default();
        match &mut inner.order {
            // It is still to come.
            Some(Order::PowerLoss { armed: true, .. }) if !self.disk.power_failed() => inner.order = None,
            // It has happened, in this very tick: the process is dead already, and must be seen to be.
            Some(Order::Kill { down_ms, .. } | Order::PowerLoss { down_ms, .. }) => *down_ms = 0,
            None => {}
        }
        match &mut inner.state {
            State::Up => {}
            State::Stopping { down_ms } => *down_ms = 0,
            State::Down { until } => *until = Duration::ZERO,
        }
    }

    /// Whether the process runs and was not told to stop.
    pub(super) fn is_up(&self) -> bool {
        self.lock().state == State::Up
    }

    /// How often tasks of the process were polled since its start, and how many live.
    pub(super) fn polls_and_tasks(&self) -> (u64, u64) {
        let runtime = self.lock().runtime.clone();
        let (polls, tasks) = runtime.map_or((0, 0), |runtime| (polls(&runtime), runtime.metrics().num_alive_tasks()));
        (polls + self.own_polls.load(Ordering::Relaxed), tasks as u64)
    }

    /// Counts the starts of the process.
    pub(super) fn incarnation(&self) -> u32 {
        self.lock().incarnation
    }

    /// Between two ticks: does to the process what is due. `crash` and `bounce` are turmoil's.
    pub(super) fn between_ticks(&self, host: &mut dyn Host) {
        let order = {
            let mut inner = self.lock();
            let due = match inner.order {
                Some(Order::PowerLoss { armed: true, .. }) => self.disk.power_failed(),
                Some(_) => true,
                None => false,
            };
            if due { inner.order.take() } else { None }
        };
        if let Some(order) = order {
            self.end(order, host);
        }
        let mut inner = self.lock();
        if let State::Down { until } = inner.state
            && clock::elapsed() >= until
        {
            inner.state = State::Up;
            if let Some((step, after_operations, down_ms)) = inner.next.power_loss.take() {
                self.disk.arm_power_loss(after_operations, self.power_key(step).with("again"));
                inner.order = Some(Order::PowerLoss { step, down_ms, armed: true });
            }
            drop(inner);
            host.bounce();
        }
    }

    fn end(&self, order: Order, host: &mut dyn Host) {
        let was_down = matches!(self.lock().state, State::Down { .. });
        if was_down {
            return;
        }
        let (step, down_ms, change, connections, lost) = match order {
            Order::Kill { step, down_ms } => {
                self.disk.kill();
                (step, down_ms, ServerChange::Killed, self.weather.server_killed(), 0)
            }
            Order::PowerLoss { step, down_ms, .. } => {
                let loss = self.disk.take_power_loss().unwrap_or_else(|| self.disk.power_loss(self.power_key(step)));
                let change =
                    ServerChange::PowerLost { lost_writes: loss.lost_writes, unsynced_writes: loss.unsynced_writes };
                (step, down_ms, change, self.weather.server_power_lost(), loss.lost_writes)
            }
        };
        host.crash();
        let incarnation = {
            let mut inner = self.lock();
            inner.state = State::Down { until: clock::elapsed() + Duration::from_millis(down_ms) };
            inner.incarnation
        };
        self.recorder.record(Observation::Server { incarnation, change });
        let broken =
            (connections > 0).then(|| format!("{} broke", amount(connections as u64, "connection", "connections")));
        let lost = (lost > 0).then(|| format!("{} lost", amount(lost as u64, "write was", "writes were")));
        let effect: Vec<String> = broken.into_iter().chain(lost).collect();
        if !effect.is_empty() {
            self.recorder.record_effect(step, effect.join(", "));
        }
    }

    /// The life of one process, on the server's host: from its start until it ends by itself.
    pub(super) async fn live(self) {
        let (incarnation, mut stop, slow_start) = {
            let mut inner = self.lock();
            inner.incarnation += 1;
            let (stop, stopping) = watch::channel(false);
            inner.stop = stop;
            inner.runtime = Some(Handle::current());
            (inner.incarnation, stopping, inner.next.slow_start.take())
        };
        let record = |change| self.recorder.record(Observation::Server { incarnation, change });
        self.recorder.mute_server(false);
        self.weather.mute_server(false);
        record(ServerChange::Started);
        self.weather.server_started();
        let seed = self.key.with(incarnation).u64();
        let platform = SimPlatform::server(seed, incarnation, self.disk.clone(), self.disk_max_ms, self.clock.clone());
        let platform = platform.with_feed(self.feed.clone()).with_burden(self.burden.clone());
        if let Some((step, start_ms)) = slow_start {
            self.recorder.record_effect(step, format!("the start takes {start_ms} ms longer"));
            sleep(Duration::from_millis(start_ms)).await;
        }
        let mut serving = pin!(self.serve(Arc::new(platform), &mut stop, &record));
        let ended = poll_fn(|context| {
            self.own_polls.fetch_add(1, Ordering::Relaxed);
            serving.as_mut().poll(context)
        })
        .await;
        if self.recorder.server_is_mute() || self.disk.power_failed() {
            // It was killed in this very tick, or has lost its power, and ends as its host does: what it makes of that nobody hears.
            return std::future::pending().await;
        }
        let down_ms = match ended {
            Ok(()) => {
                record(ServerChange::Stopped);
                match self.lock().state {
                    State::Stopping { down_ms } => down_ms,
                    State::Up | State::Down { .. } => SUPERVISOR_MS,
                }
            }
            Err(reason) => {
                record(ServerChange::Failed { reason });
                SUPERVISOR_MS
            }
        };
        self.weather.server_stopped();
        self.disk.kill();
        self.lock().state = State::Down { until: clock::elapsed() + Duration::from_millis(down_ms) };
    }

    async fn serve(
        &self,
        platform: Arc<SimPlatform>,
        stop: &mut watch::Receiver<bool>,
        record: &impl Fn(ServerChange),
    ) -> Result<(), String> {
        let server = Server::start((*self.config).clone(), platform).await.map_err(|error| error.to_string())?;
        let listener = turmoil::net::TcpListener::bind(("0.0.0.0", 80)).await.map_err(|error| error.to_string())?;
        record(ServerChange::Listening);
        let stopped = async {
            // The sender is kept by the machine for as long as this process lives.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        server
            .serve(Listener { listener, weather: self.weather.clone() }, stopped)
            .await
            .map_err(|error| error.to_string())
    }

    /// The power is gone from this very moment on.
    fn go_dark(&self, step: u32) {
        if matches!(self.lock().state, State::Down { .. }) {
            return;
        }
        self.disk.lose_power_now(self.power_key(step));
        self.recorder.mute_server(true);
        self.weather.mute_server(true);
    }

    fn power_key(&self, step: u32) -> Key {
        self.key.with("power").with(step)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What turmoil can do to the server's host between two ticks.
pub(super) trait Host {
    fn crash(&mut self);
    fn bounce(&mut self);
}

impl Host for turmoil::Sim<'_> {
    fn crash(&mut self) {
        turmoil::Sim::crash(self, HOST);
    }

    fn bounce(&mut self) {
        turmoil::Sim::bounce(self, HOST);
    }
}

/// turmoil's listener, as axum wants one, with the buffers of a real socket.
struct Listener {
    listener: turmoil::net::TcpListener,
    weather: Weather,
}

impl axum::serve::Listener for Listener {
    type Io = ServerEnd;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, address)) = self.listener.accept().await
                && let Ok(end) = self.weather.server_end(stream)
            {
                return (end, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
