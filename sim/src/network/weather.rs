//! The state of all links of one run, and the levers by which the world changes it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::effect::{FaultEffect, Tally};
use super::link::{ConnectionName, Gate, Interruption, Link, Way};
use super::server_state::{Fate, ServerState};
use crate::clock;
use crate::faults::Direction;
use crate::keyed::Key;

/// The weather between all devices and the server. Clones are the same weather.
///
/// A server that nobody [started](Weather::server_started) refuses connections. Faults that last are named by the
/// history's step that began them, and end when [`Weather::end`] names it again. The world changes the weather between
/// two ticks, and in the same moment as turmoil's host: a killed server's host is crashed before it ticks again.
#[derive(Clone)]
pub struct Weather {
    sky: Arc<Mutex<Sky>>,
    key: Key,
    latency_min_ms: u64,
    latency_max_ms: u64,
}

impl Weather {
    /// Calm weather, in which each segment takes between the least and the greatest latency, one way.
    pub fn new(seed: u64, latency_min_ms: u64, latency_max_ms: u64) -> Self {
        let key = Key::new(seed).with("network");
        Self { sky: Arc::default(), key, latency_min_ms, latency_max_ms }
    }

    /// A cut begins: segments of the device that way are lost.
    pub fn cut(&self, step: u32, device: &str, direction: Direction) {
        self.interrupt(step, device, "cut", direction, true);
    }

    /// A stall begins: segments of the device wait, both ways.
    pub fn stall(&self, step: u32, device: &str) {
        self.interrupt(step, device, "stall", Direction::Both, false);
    }

    /// The cut or stall that began with `step` ends, for all its devices.
    pub fn end(&self, step: u32) {
        for device in self.devices() {
            self.change(&device, |sky, device| sky.end(step, device));
        }
    }

    /// All cuts and stalls end.
    pub fn end_all(&self) {
        for device in self.devices() {
            self.change(&device, |sky, device| {
                for step in sky.link(device).interrupting_steps() {
                    sky.end(step, device);
                }
            });
        }
    }

    /// Every connection of the device breaks with a reset.
    pub fn reset(&self, step: u32, device: &str) {
        self.change(device, |sky, device| {
            let broken_connections = sky.link(device).reset();
            let tally = Tally { broken_connections, ..Tally::default() };
            sky.effects.extend(tally.into_effect("reset", step, device));
        });
    }

    /// The server's process was started. It may not listen yet.
    pub fn server_started(&self) {
        self.change_server(|server| server.start());
    }

    /// The server's process ended by itself. Connections that it left open end.
    pub fn server_stopped(&self) {
        self.change_server(|server| server.end(Fate::Stopped, clock::elapsed()));
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

    /// What faults did since this was last asked. Cuts and stalls report when they end, resets at once; a fault that
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

    /// How long a segment with this key takes, one way.
    pub(super) fn latency(&self, key: Key) -> Duration {
        Duration::from_millis(key.with("latency").between(self.latency_min_ms, self.latency_max_ms))
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
        View { up, down, fate, is_reset: link.is_reset(name) }
    }

    /// Does `work` on the device's link, which wakes nobody.
    pub(super) fn with_link<T>(&self, device: &Arc<str>, work: impl FnOnce(&mut Link) -> T) -> T {
        work(self.lock().link(device))
    }

    fn interrupt(&self, step: u32, device: &str, kind: &'static str, direction: Direction, loses: bool) {
        let since = clock::elapsed();
        self.change(device, |sky, device| {
            let interruption = Interruption { kind, direction, since, loses, tally: Tally::default() };
            sky.link(device).interrupt(step, interruption);
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
    pub(super) is_reset: bool,
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
        if let Some(Interruption { kind, tally, .. }) = self.link(device).resume(step) {
            self.effects.extend(tally.into_effect(kind, step, device));
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
