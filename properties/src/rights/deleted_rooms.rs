//! `rights/deleted-rooms`: a deleted room is gone, for everybody and on every path.
//!
//! Its log is gone with it, so nothing can be compared with what it held. What is judged is the deletion itself: that
//! somebody asked for it, that its acknowledgement is true, and that nothing of the room is shown after it.

use system::protocol::{EventBody, RoomId, ServerFrame, StreamId};

use crate::index::{Connection, Index, Operation};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};
use crate::trace::Observation;

/// See the module.
pub(crate) struct DeletedRooms;

impl Property for DeletedRooms {
    fn id(&self) -> &'static str {
        "rights/deleted-rooms"
    }

    fn statement(&self) -> &'static str {
        "a room is gone if and only if somebody deleted it, and from then on nothing of it is pushed, subscribed to or \
         read"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-13", "IT-7", "WS-5", "CG-7", "PROTOCOL 2", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "what the room held before, nor that its files gave back their quota (files/quota does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no room was deleted")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for request in &index.requests {
        if let (Operation::DeleteRoom(room), Some(answer)) = (request.operation, request.success())
            && let Some(log) = index.log.stream(StreamId::Room(room))
        {
            let name = index.names().room(room);
            return Err(Violation {
                expected: format!(
                    "room {name}, whose deletion {} was acknowledged, is gone",
                    possessive(request.device)
                ),
                observed: "its log is still there".to_owned(),
                evidence: Story::new(index).link(request.entry).link(answer.entry).breaks(log.entry).tell(),
            });
        }
    }
    for (stream, gone) in index.log.all_gone() {
        let StreamId::Room(room) = stream else { return Err(never_asked(index, stream, gone)) };
        let asked = index.requests.iter().any(|request| request.operation == Operation::DeleteRoom(room));
        if !asked {
            return Err(never_asked(index, stream, gone));
        }
        checked += 1;
        let Some(deleted) = deletion(index, room) else { continue };
        for connection in &index.connections {
            check_connection(index, connection, stream, deleted)?;
        }
        check_reads(index, stream, deleted)?;
    }
    Ok(checked)
}

/// The entry at which the deletion was certainly over: the server told of its commit, or acknowledged it.
fn deletion(index: &Index<'_>, room: RoomId) -> Option<usize> {
    let told = index.trace.entries.iter().position(|entry| {
        matches!(&entry.what, Observation::Committed { stream: StreamId::Room(of), kind, .. }
            if *of == room && **kind == *"room.deleted")
    });
    let of_room = index.requests.iter().filter(|request| request.operation == Operation::DeleteRoom(room));
    let answered = of_room.filter_map(|request| request.success()).map(|answer| answer.entry).min();
    told.into_iter().chain(answered).min()
}

fn check_connection(
    index: &Index<'_>,
    connection: &Connection<'_>,
    stream: StreamId,
    deleted: usize,
) -> Result<(), Violation> {
    let opened_later = connection.hello().is_some_and(|hello| hello > deleted);
    let mut last = None;
    for (entry, frame) in connection.received() {
        match frame {
            ServerFrame::Event(event) if event.stream == stream => {
                if opened_later || last.is_some() {
                    let what = telling::event(index.names(), event);
                    return Err(shown(
                        index,
                        connection,
                        stream,
                        (deleted, last, entry),
                        format!("it receives {what}"),
                    ));
                }
                if matches!(event.body, EventBody::RoomDeleted(_)) {
                    last = Some(entry);
                }
            }
            ServerFrame::Welcome(_, welcome)
                if opened_later && welcome.streams.iter().any(|state| state.stream == stream) =>
            {
                return Err(shown(index, connection, stream, (deleted, last, entry), "it is subscribed".into()));
            }
            ServerFrame::Subscribed(_, state) if opened_later && state.stream == stream => {
                return Err(shown(index, connection, stream, (deleted, last, entry), "it is subscribed".into()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_reads(index: &Index<'_>, stream: StreamId, deleted: usize) -> Result<(), Violation> {
    for request in index.requests.iter().filter(|request| request.entry > deleted) {
        let Some(answer) = request.success().filter(|_| request.operation.reads() == Some(stream)) else { continue };
        let names = index.names();
        return Err(Violation {
            expected: format!("{} is told that {} is not there", possessive(request.device), names.stream(stream)),
            observed: format!("it was answered {} to {}", answer.status, names.path(request.path)),
            evidence: Story::new(index).link(deleted).link(request.entry).breaks(answer.entry).tell(),
        });
    }
    Ok(())
}

fn never_asked(index: &Index<'_>, stream: StreamId, gone: usize) -> Violation {
    Violation {
        expected: format!("{}, which nobody deleted, is there", index.names().stream(stream)),
        observed: "the server says that there is no such stream".to_owned(),
        evidence: Story::new(index).breaks(gone).tell(),
    }
}

fn shown(
    index: &Index<'_>,
    connection: &Connection<'_>,
    stream: StreamId,
    (deleted, last, entry): (usize, Option<usize>, usize),
    observed: String,
) -> Violation {
    let (device, stream) = (possessive(connection.device), index.names().stream(stream));
    Violation {
        expected: format!("{device} gets nothing of {stream} after its deletion"),
        observed,
        evidence: Story::new(index).link(deleted).link(last).breaks(entry).tell(),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::Visibility;

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    /// The room `den` is deleted by a request of ana's phone; what came before is in the scene.
    fn deleted() -> (Scene, StreamId) {
        let mut scene = Scene::company();
        scene.has_room("den", Visibility::Public, &["ana", "ben"]);
        let stream = scene.room_stream("den");
        let last = scene.deletes("ana/phone", "den");
        scene.gets("ana/phone", &last);
        (scene, stream)
    }

    #[test]
    fn a_room_that_is_gone_and_was_never_deleted_is_a_violation() {
        let mut scene = Scene::company();
        let stream = scene.room_stream("general");
        scene.logs.remove(&stream);
        scene.observe(Observation::FinalGone { stream });
        let violation = violated(&DeletedRooms, &scene.ends());
        assert_eq!(violation.expected, "room general, which nobody deleted, is there");
    }

    #[test]
    fn a_room_that_outlives_its_deletion_is_a_violation() {
        let mut scene = Scene::company();
        let path = format!("/api/v1/rooms/{}", scene.room("general"));
        let request = scene.asks("ana/phone", "DELETE", &path, None, "");
        scene.answers("ana/phone", request, 204, &());
        let violation = violated(&DeletedRooms, &scene.ends());
        assert_eq!(violation.observed, "its log is still there");
    }

    #[test]
    fn an_event_after_the_deletion_is_a_violation() {
        let mut scene = Scene::company();
        scene.has_room("den", Visibility::Public, &["ana", "ben"]);
        let mut event = scene.says("ben/phone", "den", "m1");
        let last = scene.deletes("ana/phone", "den");
        scene.gets("ana/phone", &last);
        event.seq += 2;
        scene.gets("ana/phone", &event);
        let violation = violated(&DeletedRooms, &scene.ends());
        assert_eq!(violation.expected, "ana's phone gets nothing of room den after its deletion");
    }

    #[test]
    fn a_deleted_room_that_can_be_read_is_a_violation() {
        let (mut scene, stream) = deleted();
        let request = scene.asks("ben/phone", "GET", &format!("/api/v1/streams/{stream}/snapshot"), None, "");
        scene.answers("ben/phone", request, 200, &());
        let violation = violated(&DeletedRooms, &scene.ends());
        assert_eq!(violation.expected, "ben's phone is told that room den is not there");
    }

    #[test]
    fn a_room_that_goes_with_its_last_event_holds() {
        held(&DeletedRooms, &deleted().0.ends());
    }

    #[test]
    fn without_a_deletion_there_is_nothing_to_check() {
        vacuous(&DeletedRooms, &Scene::company().ends());
    }
}
