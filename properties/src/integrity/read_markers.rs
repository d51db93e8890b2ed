//! `integrity/read-markers`: a read marker only grows, and what it says to be unread is.
//!
//! Unread are the messages of others after the marker that were not deleted, replies too. They are counted here from the
//! room's log as of the marker's commit; where the server did not live to tell of a commit that matters, nothing is said.

use std::collections::BTreeMap;

use system::protocol::{Event, EventBody, MessageId, ReadMarker, RoomId, StreamId, UserId};

use crate::index::{Index, StreamLog};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling;

/// See the module.
pub(crate) struct ReadMarkers;

impl Property for ReadMarkers {
    fn id(&self) -> &'static str {
        "integrity/read-markers"
    }

    fn statement(&self) -> &'static str {
        "a user's read marker in a room only grows while they are in it, and the number of unread messages that it comes \
         with is right"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-2", "IT-4", "IT-13", "CG-4"]
    }

    fn does_not_verify(&self) -> &'static str {
        "unread counts that are read between two moves of the marker, nor those around a commit that the server did not \
         live to tell of"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no read marker was moved")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for (stream, log) in index.log.streams() {
        let StreamId::User(user) = stream else { continue };
        let mut markers: BTreeMap<RoomId, &Event> = BTreeMap::new();
        for event in log.events {
            match &event.body {
                EventBody::ReadUpdated(marker) => {
                    let before = markers.insert(marker.room, event);
                    check_growth(index, log, event, marker, before)?;
                    check_count(index, log, event, marker, user)?;
                    checked += 1;
                }
                // The marker belongs to the membership.
                EventBody::RoomLeft(left) => {
                    markers.remove(&left.room);
                }
                _ => {}
            }
        }
    }
    Ok(checked)
}

fn check_growth(
    index: &Index<'_>,
    log: &StreamLog<'_>,
    event: &Event,
    marker: &ReadMarker,
    before: Option<&Event>,
) -> Result<(), Violation> {
    let Some((before, EventBody::ReadUpdated(last))) = before.map(|before| (before, &before.body)) else {
        return Ok(());
    };
    if marker.seq > last.seq {
        return Ok(());
    }
    let names = index.names();
    Err(Violation {
        expected: format!("the marker in {} grows beyond {}", names.room(marker.room), last.seq),
        observed: format!("{} moves it to {}", names.place(event.stream, event.seq), marker.seq),
        evidence: Story::new(index)
            .commit(before.stream, before.seq)
            .breaks(index.log.committed(event.stream, event.seq).unwrap_or(log.entry))
            .tell(),
    })
}

fn check_count(
    index: &Index<'_>,
    log: &StreamLog<'_>,
    event: &Event,
    marker: &ReadMarker,
    user: UserId,
) -> Result<(), Violation> {
    let room = StreamId::Room(marker.room);
    let (Some(moved), Some(said)) = (index.log.committed(event.stream, event.seq), index.log.stream(room)) else {
        return Ok(());
    };
    let mut unread: BTreeMap<MessageId, &Event> = BTreeMap::new();
    for event in said.events.iter().filter(|event| event.body.message().is_some()) {
        // Without its moment it is not known whether the count may have it.
        let Some(committed) = index.log.committed(room, event.seq) else { return Ok(()) };
        if committed >= moved {
            continue;
        }
        match &event.body {
            EventBody::MessageCreated(message) if message.seq > marker.seq && message.author != user => {
                unread.insert(message.id, event);
            }
            EventBody::MessageDeleted(message) => {
                unread.remove(&message.id);
            }
            _ => {}
        }
    }
    if unread.len() as u64 == marker.unread {
        return Ok(());
    }
    let names = index.names();
    let counted: Vec<_> = unread.values().map(|event| telling::event(names, event)).collect();
    let counted = if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) };
    let story = unread.values().fold(Story::new(index), |story, event| story.commit(event.stream, event.seq));
    Err(Violation {
        expected: format!(
            "with {} read up to {}, {} has {} unread{counted}",
            names.room(marker.room),
            marker.seq,
            names.user(user),
            unread.len()
        ),
        observed: format!("{} says {}", names.place(event.stream, event.seq), marker.unread),
        evidence: story.breaks(index.log.committed(event.stream, event.seq).unwrap_or(log.entry)).tell(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    #[test]
    fn a_marker_that_goes_back_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.reads("ben", "general");
        scene.marks("ben", "general", 2, 1);
        let violation = violated(&ReadMarkers, &scene.ends());
        assert_eq!(violation.expected, "the marker in general grows beyond 5");
    }

    #[test]
    fn a_count_that_leaves_a_message_out_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.says("ana/phone", "general", "m2");
        scene.says("ben/phone", "general", "m3");
        scene.marks("ben", "general", 4, 1);
        let violation = violated(&ReadMarkers, &scene.ends());
        assert_eq!(
            violation.expected,
            "with general read up to 4, ben has 2 unread: general#5 message.created \"m1\", general#6 message.created \
             \"m2\""
        );
        assert!(violation.observed.ends_with("says 1"), "{}", violation.observed);
    }

    #[test]
    fn markers_that_grow_and_count_right_hold() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.marks("ben", "general", 4, 1);
        scene.says("ben/phone", "general", "m2");
        scene.reads("ben", "general");
        scene.removes("auditor", "general", "ben");
        scene.adds("auditor", "general", "ben");
        scene.marks("ben", "general", 5, 0);
        held(&ReadMarkers, &scene.ends());
    }

    #[test]
    fn without_a_marker_there_is_nothing_to_check() {
        vacuous(&ReadMarkers, &Scene::company().ends());
    }
}
