//! What went wrong in a run, whom it concerned and for how long: what may excuse that something took long.

use crate::telling::{names_everybody, touches};
use crate::trace::{At, Concern, FaultChange, FaultKind, Observation, Phase, ServerChange, Trace};

/// All faults of a run, and all times in which the server was not there.
#[derive(Debug, Default)]
pub(crate) struct Troubles<'t> {
    faults: Vec<Trouble<'t>>,
    outages: Vec<(At, At)>,
}

/// How far the times of two hosts may be apart in a trace.
pub(crate) const APART_MS: u64 = 100;

/// The kinds of faults after which a connection may be dead and nobody knows: until it is used again, whenever that is.
const LEAVE_DEAD_CONNECTIONS: [&str; 2] = ["idle_drop", "half_open"];

/// One fault, from its beginning to its end.
#[derive(Clone, Copy, Debug)]
struct Trouble<'t> {
    kind: &'t FaultKind,
    step: u32,
    text: &'t str,
    from: At,
    to: At,
}

impl Trouble<'_> {
    /// Whether it was on at some moment between two.
    fn meets(&self, from: At, to: At) -> bool {
        self.from <= to && self.to >= from
    }

    fn leaves_dead_connections(&self) -> bool {
        LEAVE_DEAD_CONNECTIONS.contains(&&*self.kind.name)
    }
}

impl<'t> Troubles<'t> {
    pub(crate) fn new(trace: &'t Trace) -> Self {
        let mut troubles = Self::default();
        let mut down = false;
        for entry in &trace.entries {
            let at = entry.at;
            match &entry.what {
                Observation::Fault { kind, step, change: FaultChange::Began, text } => {
                    let to = if kind.lasts { At(u64::MAX) } else { at };
                    troubles.faults.push(Trouble { kind, step: *step, text, from: at, to });
                }
                Observation::Fault { step, change: FaultChange::Ended, .. } => {
                    troubles.end(at, |trouble| trouble.step == *step);
                }
                // What strikes once may show its effect later, and again: a reset that waits for its next connection.
                Observation::FaultEffect { kind, .. } => {
                    if let Some(last) = troubles.faults.iter_mut().rev().find(|trouble| trouble.kind == kind) {
                        last.to = last.to.max(at);
                    }
                }
                Observation::Phase { phase: Phase::Healed } => troubles.end(at, |_| true),
                Observation::Server { change: ServerChange::Listening, .. } => {
                    if let Some(outage) = troubles.outages.last_mut().filter(|_| down) {
                        outage.1 = at;
                    }
                    down = false;
                }
                what if !down && is_going(what) => {
                    down = true;
                    troubles.outages.push((at, At(u64::MAX)));
                }
                _ => {}
            }
        }
        troubles
    }

    /// Whether nothing that can hold a device or the server up was on between two moments, nor had ended less than `grace_ms`
    /// before the first. Without a device, only what concerns the server counts. Clocks do not: see
    /// [`Troubles::clock_is_true`].
    pub(crate) fn calm(&self, device: Option<&str>, from: At, to: At, grace_ms: u64) -> bool {
        let begin = At(from.0.saturating_sub(grace_ms * 1_000));
        device.is_none_or(|device| self.link_is_calm(device, from, to, grace_ms))
            && self.machine_is_calm(from, to, grace_ms)
            && !self.faults.iter().any(|trouble| trouble.kind.concerns == Concern::Process && trouble.meets(begin, to))
            && !self.server_was_away(begin, to)
    }

    /// The same of what concerns a device's connections only.
    pub(crate) fn link_is_calm(&self, device: &str, from: At, to: At, grace_ms: u64) -> bool {
        let from = At(from.0.saturating_sub(grace_ms * 1_000));
        !self.faults.iter().any(|trouble| {
            trouble.kind.concerns == Concern::Connections
                && (names_everybody(trouble.text) || touches(trouble.text, device))
                && (trouble.meets(from, to) || (trouble.leaves_dead_connections() && trouble.from <= to))
        })
    }

    /// Whether a connection that is dead may not have been found so at a moment: a server has `most_ms` to find it.
    pub(crate) fn may_have_left_dead_connections(&self, by: At, most_ms: u64) -> bool {
        let from = At(by.0.saturating_sub(most_ms * 1_000));
        self.faults.iter().any(|trouble| trouble.leaves_dead_connections() && trouble.meets(from, by))
    }

    /// The same of what concerns the server's power, its disk and its speed only.
    pub(crate) fn machine_is_calm(&self, from: At, to: At, grace_ms: u64) -> bool {
        let from = At(from.0.saturating_sub(grace_ms * 1_000));
        let of_machine = |kind: &FaultKind| matches!(kind.concerns, Concern::Power | Concern::Disk | Concern::Work);
        !self.faults.iter().any(|trouble| of_machine(trouble.kind) && trouble.meets(from, to))
    }

    /// Whether the server's clock ran as time does between two moments.
    ///
    /// Hosts are simulated one after the other, so one that hears of something may be some ticks behind.
    pub(crate) fn clock_is_true(&self, from: At, to: At) -> bool {
        let (from, to) = (At(from.0.saturating_sub(APART_MS * 1_000)), At(to.0.saturating_add(APART_MS * 1_000)));
        !self.faults.iter().any(|trouble| trouble.kind.concerns == Concern::Clock && trouble.meets(from, to))
    }

    /// Whether the server was on its way down, gone, or not yet back at some moment between two.
    pub(crate) fn server_was_away(&self, from: At, to: At) -> bool {
        self.outages.iter().any(|(begun, ended)| *begun <= to && *ended >= from)
    }

    fn end(&mut self, at: At, ends: impl Fn(&Trouble<'_>) -> bool) {
        for trouble in self.faults.iter_mut().filter(|trouble| trouble.to == At(u64::MAX) && ends(trouble)) {
            trouble.to = at;
        }
    }
}

/// Whether from here on the server is on its way down. That it was told to stop is known by its own word only.
fn is_going(what: &Observation) -> bool {
    match what {
        Observation::Server { change, .. } => !matches!(change, ServerChange::Started | ServerChange::Listening),
        Observation::Logged { message, .. } => &**message == "stopping",
        _ => false,
    }
}
