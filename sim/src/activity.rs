//! What the world does between two observations: segments that set out and arrive, writes and syncs of the disk, blocking
//! work, draws, and what each tick of the clock set in motion. A hash chain over it all is equal for equal runs (SIM-3).
//!
//! What devices see shows a leak late: an order that differed may take seconds until somebody reads it. Each link of this
//! chain holds the simulated time, so that a second look finds the first thing that went another way. It is kept for one
//! run on one thread, by whoever [`begin`]s; on all other threads nothing is noted. Reads of the disk are no part of it:
//! how often a cache misses is the store's affair, and another build may look more often.

use std::cell::RefCell;

use serde::{Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::clock;

#[cfg(tokio_unstable)]
use tokio::runtime::Handle;

/// The turmoil host that the server lives on.
pub const SERVER: &str = "server";

/// The turmoil host that the director and all devices live on.
pub const DEVICES: &str = "devices";

/// Whose deeds a tick of a host's clock counts.
pub const ALL_TASKS: &str = "all tasks";

/// Whose calls of libc a tick counts.
pub const ALL_HOSTS: &str = "all hosts";

/// What the world did in one run.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// The head of the hash chain.
    pub head: u64,
    /// How often each kind of thing was done.
    pub counts: Counts,
    /// Each of them, if that was asked for.
    pub notes: Vec<Note>,
}

/// Kinds of things that are done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Something was observed: the trace has it.
    Observed,
    /// A segment set out.
    Sent,
    /// Bytes of a connection arrived.
    Delivered,
    /// The disk's file was written or resized.
    Wrote,
    /// The disk was told to make everything durable.
    Synced,
    /// Blocking work was done, and takes so long.
    Worked,
    /// A number was drawn.
    Drew,
    /// The clock ticked, and tasks ran.
    Ticked,
}

/// How often each [`Kind`] of thing was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts([u64; Kind::ALL.len()]);

/// One thing that was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// When, in simulated microseconds.
    pub at: u64,
    /// Its kind.
    pub kind: Kind,
    /// The host that it was done on or for.
    pub host: &'static str,
    /// Who on that host: a device, or a part of the server's machine.
    pub task: String,
    /// What of it is no outcome: the segment, the place on the disk, what was drawn for.
    pub name: String,
    /// The outcome.
    pub outcome: String,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Observed,
        Self::Sent,
        Self::Delivered,
        Self::Wrote,
        Self::Synced,
        Self::Worked,
        Self::Drew,
        Self::Ticked,
    ];

    /// One of them and several, in a person's words.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Observed => ("observation", "observations"),
            Self::Sent => ("segment", "segments"),
            Self::Delivered => ("delivery", "deliveries"),
            Self::Wrote => ("disk write", "disk writes"),
            Self::Synced => ("sync", "syncs"),
            Self::Worked => ("piece of blocking work", "pieces of blocking work"),
            Self::Drew => ("draw", "draws"),
            Self::Ticked => ("tick", "ticks"),
        }
    }
}

impl Counts {
    /// How often something of this kind was done.
    pub fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// As often as both together.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// All kinds with their counts, in a person's words.
    pub fn told(&self) -> impl Iterator<Item = String> {
        Kind::ALL.into_iter().map(|kind| {
            let (one, many) = kind.words();
            crate::words::amount(self.of(kind), one, many)
        })
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Kind::ALL.into_iter().map(|kind| (kind.words().1.replace(' ', "_"), self.of(kind))))
    }
}

/// From now on what is done on this thread is noted; each thing by itself too if `keeps_notes`, which costs memory.
pub fn begin(keeps_notes: bool) {
    STRAND.with_borrow_mut(|strand| *strand = Some(Box::new(Strand { keeps_notes, ..Strand::default() })));
}

/// What was done since [`begin`]. Nothing is noted from here on.
pub fn finish() -> Activity {
    STRAND.take().map(|strand| strand.activity).unwrap_or_default()
}

/// Notes that something of this `kind` was done. `value` stands for all that may not differ in another run; `tell` says
/// the same at length, as (host, task, name, outcome), and is asked only where notes are kept.
pub fn note(kind: Kind, value: u64, tell: impl FnOnce() -> (&'static str, String, String, String)) {
    STRAND.with_borrow_mut(|strand| {
        let Some(strand) = strand else { return };
        let at = u64::try_from(clock::elapsed().as_micros()).unwrap_or(u64::MAX);
        strand.link(kind, at, value);
        if strand.keeps_notes {
            let (host, task, name, outcome) = tell();
            strand.activity.notes.push(Note { at, kind, host, task, name, outcome });
        }
    });
}

/// A hash of bytes, for the value of a note. Costs nothing where nothing is noted.
pub fn hash(bytes: &[u8]) -> u64 {
    if STRAND.with_borrow(Option::is_some) { xxhash_rust::xxh3::xxh3_64(bytes) } else { 0 }
}

/// The host of that name runs on the runtime of the caller, which counts the tasks that it runs. Of a host that was
/// started again, the last runtime counts.
pub fn host(name: &'static str) {
    #[cfg(tokio_unstable)]
    STRAND.with_borrow_mut(|strand| {
        let (Some(strand), Ok(runtime)) = (strand, Handle::try_current()) else { return };
        match strand.runtimes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = runtime,
            None => strand.runtimes.push((name, runtime)),
        }
    });
    #[cfg(not(tokio_unstable))]
    let _ = name;
}

/// Notes that the clock has ticked: how many tasks each host has run since it began and how many live there, and how
/// often somebody has asked libc for entropy and for the time.
pub fn tick(entropy_calls: u64, clock_calls: u64) {
    for (host, polls, tasks) in running() {
        note(Kind::Ticked, polls << 24 ^ tasks, || {
            (host, ALL_TASKS.into(), "since the host began".into(), format!("{polls} polls, {tasks} tasks alive"))
        });
    }
    note(Kind::Ticked, entropy_calls << 32 ^ clock_calls, || {
        let outcome = format!("{entropy_calls} for entropy, {clock_calls} for the time");
        (DEVICES, ALL_HOSTS.into(), "libc was asked".into(), outcome)
    });
}

#[cfg(tokio_unstable)]
fn running() -> Vec<(&'static str, u64, u64)> {
    STRAND.with_borrow(|strand| {
        let runtimes = strand.iter().flat_map(|strand| &strand.runtimes);
        let count = |(host, runtime): &(&'static str, Handle)| {
            let metrics = runtime.metrics();
            (*host, metrics.worker_poll_count(0), metrics.num_alive_tasks() as u64)
        };
        runtimes.map(count).collect()
    })
}

#[cfg(not(tokio_unstable))]
fn running() -> Vec<(&'static str, u64, u64)> {
    Vec::new()
}

#[derive(Default)]
struct Strand {
    activity: Activity,
    keeps_notes: bool,
    #[cfg(tokio_unstable)]
    runtimes: Vec<(&'static str, Handle)>,
}

impl Strand {
    fn link(&mut self, kind: Kind, at: u64, value: u64) {
        let mut bytes = [0; 17];
        bytes[..8].copy_from_slice(&at.to_le_bytes());
        bytes[8..16].copy_from_slice(&value.to_le_bytes());
        bytes[16] = kind as u8;
        self.activity.head = xxh3_64_with_seed(&bytes, self.activity.head);
        self.activity.counts.0[kind as usize] += 1;
    }
}

thread_local! {
    static STRAND: RefCell<Option<Box<Strand>>> = const { RefCell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(task: &str, outcome: &str) -> (&'static str, String, String, String) {
        (SERVER, task.into(), "work".into(), outcome.into())
    }

    fn run(values: &[(Kind, u64)]) -> Activity {
        begin(true);
        for (kind, value) in values {
            note(*kind, *value, || told("disk", &value.to_string()));
        }
        finish()
    }

    #[test]
    fn kinds_values_and_their_order_make_the_head() {
        let all = [
            run(&[(Kind::Wrote, 1), (Kind::Wrote, 2)]),
            run(&[(Kind::Wrote, 2), (Kind::Wrote, 1)]),
            run(&[(Kind::Wrote, 1)]),
            run(&[(Kind::Synced, 1)]),
            run(&[]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all[index + 1..].iter().all(|other| other.head != one.head), "{index}");
        }
        let again = run(&[(Kind::Wrote, 1), (Kind::Wrote, 2)]);
        assert_eq!((again.head, &again.notes), (all[0].head, &all[0].notes));
        assert_eq!((again.counts.of(Kind::Wrote), again.counts.of(Kind::Synced)), (2, 0));
    }

    #[test]
    fn outside_of_a_run_nothing_is_noted() {
        note(Kind::Drew, 1, || unreachable!("nobody keeps notes"));
        assert_eq!((finish().head, hash(b"anything")), (0, 0));
        begin(false);
        note(Kind::Drew, 1, || unreachable!("nobody keeps notes"));
        assert!(finish().notes.is_empty());
    }
}
