//! The state of all links of one run, and the levers by which the world changes it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::condition::Condition;
use super::effect::{FaultEffect, Harm, Tally};
use super::link::{Admission, Blow, ConnectionName, Gate, Lasting, Link, Way};
use super::send_buffer::SendBuffers;
use super::server_state::{Fate, ServerState};
use crate::activity::{self, DEVICES, Kind};
use crate::clock;
use crate::keyed::Key;

/// For so long the way of one connection takes as long as it does. Were each segment's latency its own, one that is sent
/// some milliseconds sooner, because a step that it had to wait for is no longer there, would draw another (DESIGN §3):
/// and so would all that follow from it.
const SPELL_MS: u64 = 250;

/// The weather between all devices and the server. Clones are the same weather.
///
/// A server that nobody [started](Weather::server_started) refuses connections. Faults that last are named by the
/// history's step that began them, and end when [`Weather::end`] names it again. The world changes the weather between
/// two ticks, and in the same moment as turmoil's host: a killed server's host is crashed before it ticks again.
#[derive(Clone)]
pub struct Weather {
    sky: Arc<Mutex<Sky>>,
    send_buffers: SendBuffers,
    server_is_mute: Arc<AtomicBool>,
    key: Key,
    latency_min_ms: u64,
    latency_max_ms: u64,
}

impl Weather {
    /// Calm weather, in which each segment takes between the least and the greatest latency, one way.
    pub fn new(seed: u64, latency_min_ms: u64, latency_max_ms: u64) -> Self {
        let key = Key::new(seed).with("network");
        let (sky, server_is_mute) = (Arc::default(), Arc::default());
        Self { sky, send_buffers: SendBuffers::default(), server_is_mute, key, latency_min_ms, latency_max_ms }
    }

    /// What a fault does to the device's link begins, and lasts.
    pub fn begin(&self, step: u32, device: &str, condition: Condition) {
        let since = clock::elapsed();
        self.change(device, |sky, device| {
            sky.link(device).begin(step, Lasting { condition, since, tally: Tally::default() });
        });
    }

    /// What began with `step` ends, for all its devices.
    pub fn end(&self, step: u32) {
        for device in self.devices() {
            self.change(&device, |sky, device| sky.end(step, device));
        }
    }

    /// All that lasts ends.
    pub fn end_all(&self) {
        for device in self.devices() {
            self.change(&device, |sky, device| {
                for step in sky.link(device).lasting_steps() {
                    sky.end(step, device);
                }
            });
        }
    }

    /// Every connection of the device breaks with a reset, which both ends hear.
    pub fn reset(&self, step: u32, device: &str) {
        self.strike(step, device, Blow::Reset);
    }

    /// The device loses every connection, and the server hears nothing: a half-open connection is left.
    pub fn vanish(&self, step: u32, device: &str) {
        self.strike(step, device, Blow::Vanished);
    }

    /// The server's process was started. It may not listen yet.
    pub fn server_started(&self) {
        self.change_server(|server| server.start());
    }

    /// The server's process ended by itself. Connections that it left open end.
    pub fn server_stopped(&self) {
        self.change_server(|server| server.end(Fate::Stopped, clock::elapsed()));
    }

    /// Whether the server's process is as good as dead: nothing that it writes leaves it. To be followed by its end at the
    /// next tick.
    pub fn mute_server(&self, is_mute: bool) {
        self.server_is_mute.store(is_mute, Ordering::Relaxed);
    }

    /// What [`Weather::mute_server`] sets, for whoever must do so in the midst of something else.
    pub fn server_mute(&self) -> Arc<AtomicBool> {
        self.server_is_mute.clone()
    }

    /// As [`Weather::mute_server`] said last.
    pub(super) fn server_is_mute(&self) -> bool {
        self.server_is_mute.load(Ordering::Relaxed)
    }

    /// The server's process was killed: its connections are reset. How many were open.
    pub fn server_killed(&self) -> usize {
        self.change_server(|server| server.end(Fate::Killed, clock::elapsed()));
        self.open_connections()
    }

    /// The server's host lost power: nobody answers, not even with a refusal, until it is started again. How many
    /// connections were open.
    pub fn server_power_lost(&self) -> usize {
        self.change_server(|server| server.end(Fate::PowerLost, clock::elapsed()));
        self.open_connections()
    }

    /// What faults did since this was last asked. What lasts reports when it ends, the rest at once; a fault that
    /// did nothing is silent.
    pub fn take_effects(&self) -> Vec<FaultEffect> {
        std::mem::take(&mut self.lock().effects)
    }

    /// Whether the device takes a connection for this purpose for a live one whose server is dead: it hears so late.
    pub fn holds_a_dead_connection(&self, device: &str, purpose: &str) -> bool {
        let sky = self.lock();
        let link = sky.links.get(device);
        link.is_some_and(|link| link.lives(purpose).any(|life| sky.server.fate(life) != Fate::Alive))
    }

    /// How many connections the devices hold open.
    pub fn open_connections(&self) -> usize {
        self.lock().links.values().map(Link::open_connections).sum()
    }

    /// The number of the device's next connection for this purpose.
    pub(super) fn next_ordinal(&self, device: &Arc<str>, purpose: &'static str) -> u64 {
        self.lock().link(device).next_ordinal(purpose)
    }

    /// The key of everything about one connection.
    pub(super) fn connection_key(&self, device: &str, (purpose, ordinal): ConnectionName) -> Key {
        self.key.with(device).with(purpose).with(ordinal)
    }

    /// How long a segment of the device takes that way. `spell` is the key of all that goes that way about now, `key` the
    /// segment's own.
    pub(super) fn passage(&self, device: &Arc<str>, way: Way, (spell, key): (Key, Key), bytes: usize) -> Duration {
        let calm = Duration::from_millis(spell.with("latency").between(self.latency_min_ms, self.latency_max_ms));
        let takes = self.lock().link(device).passage(way, key, bytes, clock::elapsed(), calm);
        activity::note(Kind::Drew, spell.id() ^ key.id() ^ takes.as_micros() as u64, || {
            let name = format!("latency {} {:016x}", way.word(), spell.id());
            (DEVICES, device.to_string(), name, format!("{calm:?} in calm weather"))
        });
        takes
    }

    /// The number of the spell of weather that holds now.
    pub(super) fn spell(now: Duration) -> u64 {
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX) / SPELL_MS
    }

    /// The longest that a segment takes if nothing is wrong.
    pub(super) fn calm_passage(&self) -> Duration {
        Duration::from_millis(self.latency_max_ms)
    }

    /// Whether the device may connect, and who tells when that changes.
    pub(super) fn admission(&self, device: &Arc<str>) -> (Admission, Arc<Notify>) {
        let mut sky = self.lock();
        let link = sky.link(device);
        (link.admission(), link.changed())
    }

    /// The buffers of the server's ends.
    pub(super) fn send_buffers(&self) -> &SendBuffers {
        &self.send_buffers
    }

    /// Whether segments of the device pass that way, and who tells when that changes.
    pub(super) fn gate(&self, device: &Arc<str>, way: Way) -> (Gate, Arc<Notify>) {
        let mut sky = self.lock();
        (sky.gate(device, way), sky.link(device).changed())
    }

    /// Which life of the server a new connection reaches. None if there is nobody to reach.
    pub(super) fn living_server(&self) -> Option<usize> {
        self.lock().server.living()
    }

    /// All that one connection must know to go on.
    pub(super) fn view(&self, device: &Arc<str>, name: ConnectionName, life: usize) -> View {
        let mut sky = self.lock();
        let (up, down, fate) = (sky.server_gate(Way::Up), sky.server_gate(Way::Down), sky.server.fate(life));
        let link = sky.link(device);
        let (up, down) = (up.and(link.gate(Way::Up)), down.and(link.gate(Way::Down)));
        View {
            up,
            down,
            fate,
            blow: link.blow(name),
            backs_up: link.backs_up(),
            reads_bytes_per_s: link.reads_bytes_per_s(),
            forgets_after: link.forgets_after(),
            widened_at: link.widened_at(),
        }
    }

    /// Does `work` on the device's link, which wakes nobody.
    pub(super) fn with_link<T>(&self, device: &Arc<str>, work: impl FnOnce(&mut Link) -> T) -> T {
        work(self.lock().link(device))
    }

    fn strike(&self, step: u32, device: &str, blow: Blow) {
        self.change(device, |sky, device| {
            let mut tally = Tally::default();
            tally.add(Harm::BrokenConnections, sky.link(device).strike(blow));
            sky.effects.extend(tally.into_effect(step, device));
        });
    }

    /// Changes one device's weather and wakes whom it concerns.
    fn change(&self, device: &str, work: impl FnOnce(&mut Sky, &Arc<str>)) {
        let device: Arc<str> = device.into();
        let mut sky = self.lock();
        work(&mut sky, &device);
        let (wakers, changed) = (sky.link(&device).wakers().collect(), sky.link(&device).changed());
        drop(sky);
        wake(wakers, &[changed]);
    }

    /// Changes the server's state, which concerns everybody.
    fn change_server(&self, work: impl FnOnce(&mut ServerState)) {
        let mut sky = self.lock();
        work(&mut sky.server);
        let wakers = sky.links.values().flat_map(Link::wakers).collect();
        let changed: Vec<_> = sky.links.values().map(Link::changed).collect();
        drop(sky);
        wake(wakers, &changed);
    }

    fn devices(&self) -> Vec<Arc<str>> {
        self.lock().links.keys().cloned().collect()
    }

    /// Locks also while a panic unwinds: wires are dropped then.
    fn lock(&self) -> MutexGuard<'_, Sky> {
        self.sky.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Weather {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Weather").field("open_connections", &self.open_connections()).finish_non_exhaustive()
    }
}

/// What the weather is for one connection, now.
pub(super) struct View {
    pub(super) up: Gate,
    pub(super) down: Gate,
    pub(super) fate: Fate,
    pub(super) blow: Option<Blow>,
    /// What is sent to the device piles up.
    pub(super) backs_up: bool,
    /// How fast the device reads, if it reads slowly.
    pub(super) reads_bytes_per_s: Option<u64>,
    /// After how long without a segment the connection is forgotten, if it is.
    pub(super) forgets_after: Option<Duration>,
    /// When the way last ceased to be narrow.
    pub(super) widened_at: Option<Duration>,
}

#[derive(Default)]
struct Sky {
    links: BTreeMap<Arc<str>, Link>,
    server: ServerState,
    effects: Vec<FaultEffect>,
}

impl Sky {
    fn link(&mut self, device: &Arc<str>) -> &mut Link {
        self.links.entry(Arc::clone(device)).or_default()
    }

    fn gate(&mut self, device: &Arc<str>, way: Way) -> Gate {
        self.server_gate(way).and(self.link(device).gate(way))
    }

    /// To a host without power the way is cut. What it sent before is on its way.
    fn server_gate(&self, way: Way) -> Gate {
        match (way, self.server.dark_since()) {
            (Way::Up, Some(since)) => Gate::Closed { since, loses: true },
            _ => Gate::Open,
        }
    }

    fn end(&mut self, step: u32, device: &Arc<str>) {
        if let Some(Lasting { tally, .. }) = self.link(device).end(step, clock::elapsed()) {
            self.effects.extend(tally.into_effect(step, device));
        }
    }
}

fn wake(wakers: Vec<Waker>, changed: &[Arc<Notify>]) {
    for waker in wakers {
        waker.wake();
    }
    for notify in changed {
        notify.notify_waiters();
    }
}
