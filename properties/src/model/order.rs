//! The order in which the server committed: all events of all streams, one operation after another.
//!
//! The server tells of each commit, in order. What became durable in a moment in which its process died is told of by
//! nothing but the final log: it lies between the last commit that was told before and the next start, by its timestamp
//! where the process died several times between its neighbours.

use std::collections::{BTreeMap, BTreeSet};

use system::protocol::{Event, EventBody, RoomId, StreamId, Timestamp};

use super::gone::Gone;
use crate::index::Index;
use crate::trace::{At, Observation};

/// The committed order.
#[derive(Debug, Default)]
pub(super) struct Order<'t> {
    /// What each operation committed.
    pub(super) operations: Vec<Committed<'t>>,
    /// Rooms that are gone, and nobody has seen all that was in them: nothing can be said of them.
    pub(super) opaque: BTreeSet<RoomId>,
    /// Events of rooms that are gone: no log has them any more.
    gone: BTreeMap<(StreamId, u64), &'t Event>,
    /// What was not told of is placed by the server's clock, which jumped: nothing tells where it belongs.
    pub(super) is_guessed: bool,
}

/// What one operation committed.
#[derive(Debug)]
pub(super) struct Committed<'t> {
    /// Its events, all of one correlation id.
    pub(super) events: Vec<&'t Event>,
    /// The entry before which it was not known to be durable.
    pub(super) from: usize,
    /// The entry from which on it was durable for sure.
    pub(super) to: usize,
}

impl<'t> Order<'t> {
    pub(super) fn new<'a: 't>(index: &Index<'a>, rebuilt: &'t [Event]) -> Self {
        let seen = Gone::new(index, rebuilt);
        let mut told: Vec<Committed<'t>> = Vec::new();
        let mut known: BTreeSet<(StreamId, u64)> = BTreeSet::new();
        for (entry, observed) in index.trace.entries.iter().enumerate() {
            let Observation::Committed { stream, seq, .. } = &observed.what else { continue };
            // What was told and is not there is durability's to judge; what was told twice counts as told the last time.
            let Some(event) = seen.event(index, *stream, *seq) else { continue };
            if index.log.span(*stream, *seq).to != entry || !known.insert((*stream, *seq)) {
                continue;
            }
            match told.last_mut() {
                Some(last) if last.events[0].correlation_id == event.correlation_id && !ends_an_upload(event) => {
                    last.events.push(event);
                    last.to = entry;
                }
                _ => told.push(Committed { events: vec![event], from: entry, to: entry }),
            }
        }
        let untold = untold(index, &known);
        let is_guessed = !untold.is_empty() && !index.troubles().clock_is_true(At(0), At(u64::MAX));
        let Gone { events: gone, opaque } = seen;
        Self { operations: merged(told, untold), opaque, gone, is_guessed }
    }
}

impl Order<'_> {
    /// How many operations were durable for sure before an entry.
    pub(super) fn before(&self, entry: usize) -> usize {
        self.operations.partition_point(|operation| operation.to < entry)
    }

    /// An event of a room that is gone. Its epoch need not be the room's.
    pub(super) fn gone(&self, stream: StreamId, seq: u64) -> Option<&Event> {
        self.gone.get(&(stream, seq)).copied()
    }

    /// How many operations can have been durable at an entry.
    pub(super) fn known(&self, entry: usize) -> usize {
        self.operations.partition_point(|operation| operation.from <= entry)
    }
}

/// One call can be two operations: one creates an upload, another takes all its bytes. This is the first event of the second.
/// A file without bytes is complete with its creation.
fn ends_an_upload(event: &Event) -> bool {
    matches!((&event.body, event.stream), (EventBody::FileCompleted(file), StreamId::User(_)) if file.size > 0)
}

/// What no commit was told of, by operation, in the order of time.
fn untold<'t>(index: &Index<'t>, known: &BTreeSet<(StreamId, u64)>) -> Vec<Committed<'t>> {
    // One call can be two operations: one creates an upload, another takes its bytes.
    let mut untold: BTreeMap<(&str, Timestamp), Committed<'t>> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        for event in log.events.iter().filter(|event| !known.contains(&(stream, event.seq))) {
            let span = index.log.span(stream, event.seq);
            let operation = untold.entry((&event.correlation_id, event.timestamp)).or_insert_with(|| Committed {
                events: Vec::new(),
                from: span.from,
                to: span.to,
            });
            operation.events.push(event);
            operation.from = operation.from.max(span.from);
            operation.to = operation.to.min(span.to);
        }
    }
    let mut untold: Vec<_> = untold.into_values().collect();
    for operation in &mut untold {
        operation.events.sort_by_key(|event| rank(event));
    }
    untold.sort_by_key(|operation| (operation.from, operation.events[0].timestamp));
    untold
}

/// What an operation did comes before what it tells others of it.
fn rank(event: &Event) -> u8 {
    match (event.body.kind().split_once('.'), event.stream) {
        (Some(("company" | "user", _)), StreamId::Company(_)) | (Some(("file", _)), StreamId::User(_)) => 0,
        (_, StreamId::Room(_)) => 1,
        _ => 2,
    }
}

/// Puts what was not told between what was.
fn merged<'t>(told: Vec<Committed<'t>>, mut untold: Vec<Committed<'t>>) -> Vec<Committed<'t>> {
    let mut merged = Vec::with_capacity(told.len() + untold.len());
    let mut heads: BTreeMap<StreamId, u64> = BTreeMap::new();
    for next in told {
        let at = next.events[0].timestamp;
        // Before the next that was told goes what must, and what may and is older.
        let due = |operation: &Committed<'_>| {
            operation.to <= next.from || (operation.from < next.from && operation.events[0].timestamp < at)
        };
        let before: Vec<_> = untold.extract_if(.., |operation| due(operation)).collect();
        in_turn(&mut merged, &mut heads, before, next.from);
        advance(&mut heads, &next);
        merged.push(next);
    }
    in_turn(&mut merged, &mut heads, untold, usize::MAX);
    merged
}

/// Of operations whose order nothing tells, each comes once all that it follows in its streams is there.
fn in_turn<'t>(
    merged: &mut Vec<Committed<'t>>,
    heads: &mut BTreeMap<StreamId, u64>,
    mut waiting: Vec<Committed<'t>>,
    until: usize,
) {
    while !waiting.is_empty() {
        let is_next = |operation: &Committed<'_>| {
            let mut firsts: BTreeMap<StreamId, u64> = BTreeMap::new();
            for event in &operation.events {
                let first = firsts.entry(event.stream).or_insert(event.seq);
                *first = event.seq.min(*first);
            }
            firsts.iter().all(|(stream, seq)| heads.get(stream).copied().unwrap_or(0) + 1 == *seq)
        };
        let place = waiting.iter().position(is_next).unwrap_or(0);
        let mut next = waiting.remove(place);
        next.from = merged.last().map_or(next.from, |last| next.from.max(last.from));
        next.to = next.to.min(until).max(next.from);
        advance(heads, &next);
        merged.push(next);
    }
}

fn advance(heads: &mut BTreeMap<StreamId, u64>, operation: &Committed<'_>) {
    for event in &operation.events {
        let head = heads.entry(event.stream).or_default();
        *head = event.seq.max(*head);
    }
}
