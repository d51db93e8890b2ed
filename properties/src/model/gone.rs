//! What is known of rooms that are gone: no final log tells of them.
//!
//! Most of their events were pushed to somebody. The first ones were not, for who joins hears what comes after. What the
//! same operation told in other streams says all that is in them; which one it was, the order of the commits tells.

use std::collections::{BTreeMap, BTreeSet};

use system::protocol::{Event, EventBody, Member, MemberRemoved, RoomDeleted, RoomId, StreamId};

use crate::index::Index;
use crate::trace::Observation;

/// The events of rooms that are gone which nobody was pushed, as what their operations told elsewhere says them.
pub(super) fn rebuilt(index: &Index<'_>) -> Vec<Event> {
    let gone: BTreeSet<StreamId> = index.log.all_gone().map(|(stream, _)| stream).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let told: Vec<(StreamId, u64, &str)> = index.trace.entries.iter().filter_map(|entry| told(&entry.what)).collect();
    let mut rebuilt = Vec::new();
    for (place, (stream, seq, kind)) in told.iter().enumerate() {
        let StreamId::Room(room) = *stream else { continue };
        if !gone.contains(stream) {
            continue;
        }
        let after = told[place + 1..].iter().take(LOOKED_AT);
        let mut beside = after.filter_map(|(stream, seq, _)| index.log.event(*stream, *seq));
        let found = beside.find_map(|event| Some((event, body(room, *seq, kind, event)?)));
        if let Some((event, body)) = found {
            rebuilt.push(Event { body, stream: *stream, seq: *seq, ..event.clone() });
        }
    }
    rebuilt
}

/// How many commits after an event one of its operation is looked for: a new room has four.
const LOOKED_AT: usize = 3;

fn told(what: &Observation) -> Option<(StreamId, u64, &str)> {
    match what {
        Observation::Committed { stream, seq, kind } => Some((*stream, *seq, kind)),
        _ => None,
    }
}

/// What an event of a room says, by one that its operation told in another stream.
fn body(room: RoomId, seq: u64, kind: &str, beside: &Event) -> Option<EventBody> {
    let StreamId::User(user) = beside.stream else {
        return match &beside.body {
            EventBody::RoomUpdated(updated) if kind == "room.updated" && updated.id == room => {
                Some(beside.body.clone())
            }
            EventBody::RoomDeleted(deleted) if kind == "room.deleted" && deleted.room == room => {
                Some(beside.body.clone())
            }
            _ => None,
        };
    };
    match (kind, &beside.body) {
        ("room.created", EventBody::RoomJoined(joined)) if joined.id == room && seq == 1 => {
            Some(EventBody::RoomCreated(joined.clone()))
        }
        ("member.added", EventBody::RoomJoined(joined)) if joined.id == room => {
            let (added_by, added_at) = (beside.sender, beside.timestamp);
            Some(EventBody::MemberAdded(Member { room, user, added_by, added_at, seq }))
        }
        ("member.removed", EventBody::RoomLeft(left)) if left.room == room => {
            Some(EventBody::MemberRemoved(MemberRemoved { room, user, removed_by: beside.sender }))
        }
        ("room.deleted", EventBody::RoomLeft(left)) if left.room == room => {
            Some(EventBody::RoomDeleted(RoomDeleted { room }))
        }
        _ => None,
    }
}

/// All that is known of rooms that are gone.
pub(super) struct Gone<'e> {
    /// Their events.
    pub(super) events: BTreeMap<(StreamId, u64), &'e Event>,
    /// Those of which not everything is known.
    pub(super) opaque: BTreeSet<RoomId>,
}

impl<'e> Gone<'e> {
    pub(super) fn new<'t: 'e>(index: &Index<'t>, rebuilt: &'e [Event]) -> Self {
        let mut known = Self { events: BTreeMap::new(), opaque: BTreeSet::new() };
        let gone: BTreeSet<StreamId> = index.log.all_gone().map(|(stream, _)| stream).collect();
        if gone.is_empty() {
            return known;
        }
        known.events.extend(rebuilt.iter().map(|event| ((event.stream, event.seq), event)));
        let pushed = index.connections.iter().flat_map(|connection| connection.events());
        for (_, event) in pushed.filter(|(_, event)| gone.contains(&event.stream)) {
            known.events.insert((event.stream, event.seq), event);
        }
        for stream in gone {
            let StreamId::Room(room) = stream else { continue };
            let all: Vec<_> = known.events.range((stream, 0)..=(stream, u64::MAX)).collect();
            // What no commit was told of has no place that is known, once there is no log.
            let told = |seq| index.log.committed(stream, seq).is_some();
            let whole = (1..).zip(&all).all(|(seq, ((_, found), _))| seq == *found && told(seq));
            let ended = all.last().is_some_and(|(_, event)| matches!(event.body, EventBody::RoomDeleted(_)));
            if !whole || !ended {
                known.opaque.insert(room);
            }
        }
        known
    }

    /// An event at a place, in the final log or before it went.
    pub(super) fn event<'t: 'e>(&self, index: &Index<'t>, stream: StreamId, seq: u64) -> Option<&'e Event> {
        if matches!(stream, StreamId::Room(room) if self.opaque.contains(&room)) {
            return None;
        }
        index.log.event(stream, seq).or_else(|| self.events.get(&(stream, seq)).copied())
    }
}
