//! `presence/typing`: who types is shown to those in the room, to nobody else, and not for ever.

use std::collections::BTreeMap;

use system::protocol::{Command, RoomId, ServerFrame, StreamId, UserId};

use crate::index::{Connection, Index, Seen, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::{Observation, Phase};

/// See the module.
pub(crate) struct Typing;

impl Property for Typing {
    fn id(&self) -> &'static str {
        "presence/typing"
    }

    fn statement(&self) -> &'static str {
        "that somebody types is heard by members of the room only, not by the typist's own devices, no more often than it \
         was said, and nobody is shown as typing who stopped long ago"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-7", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that it is heard at all, for it may be dropped; nor what comes of a stream that is not followed \
         (ordering/silent does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody heard that somebody types")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    // Without every log it is not known who was a member of what.
    if !index.log.is_complete() {
        return Ok(0);
    }
    let said = said(index);
    let mut checked = 0;
    for connection in &index.connections {
        checked += check_connection(index, connection, &said)?;
    }
    let parted = index.phases.get(&Phase::Parted).copied().unwrap_or(usize::MAX);
    for (entry, observed) in index.trace.entries.iter().enumerate().skip(parted) {
        if let Observation::SawPresence { device, seen: Some(seen) } = &observed.what
            && let Some((room, user)) = seen.typing.first()
        {
            let (room, user) = (index.names().room(*room), index.names().user(*user));
            return Err(Violation {
                expected: format!("{} shows nobody as typing long after the last word", possessive(device)),
                observed: format!("it shows that {user} types in {room}"),
                evidence: Story::new(index).link(parted).breaks(entry).tell(),
            });
        }
    }
    Ok(checked)
}

/// Where each user said that they type, by entry.
fn said(index: &Index<'_>) -> BTreeMap<(UserId, RoomId), Vec<usize>> {
    let mut said: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for connection in &index.connections {
        let Some(user) = connection.user else { continue };
        for frame in &connection.frames {
            if let Seen::Sent(sent) = frame.seen
                && let Command::Typing(typing) = &sent.command
            {
                said.entry((user, typing.room)).or_default().push(frame.entry);
            }
        }
    }
    said.values_mut().for_each(|entries| entries.sort_unstable());
    said
}

fn check_connection(
    index: &Index<'_>,
    connection: &Connection<'_>,
    said: &BTreeMap<(UserId, RoomId), Vec<usize>>,
) -> Result<u64, Violation> {
    let Some(listener) = connection.user else { return Ok(0) };
    let opened = connection.hello().unwrap_or(0);
    let mut heard: BTreeMap<(UserId, RoomId), usize> = BTreeMap::new();
    let mut checked = 0;
    for (entry, frame) in connection.received() {
        let ServerFrame::Typing(typing) = frame else { continue };
        let (device, names) = (possessive(connection.device), index.names());
        let typist = names.user(typing.user);
        let violation = |expected: String, observed: String, link: Option<usize>| Violation {
            expected,
            observed,
            evidence: Story::new(index).link(link).breaks(entry).tell(),
        };
        let StreamId::Room(room) = typing.stream else {
            let stream = names.stream(typing.stream);
            return Err(violation(
                "only rooms are typed in".to_owned(),
                format!("{device} hears that {typist} types in {stream}"),
                None,
            ));
        };
        let place = names.room(room);
        let known = index.log.horizon(entry);
        if typing.user == listener {
            let expected = format!("{device} does not hear of its own user's typing");
            return Err(violation(expected, format!("it hears that {typist} types in {place}"), None));
        }
        if !index.rights.could_follow(listener, typing.stream, Window::between(opened, known)) {
            let expected = format!("{device}, whose user has no right to {place}, hears nothing of it");
            return Err(violation(expected, format!("it hears that {typist} types there"), Some(opened)));
        }
        let times = heard.entry((typing.user, room)).or_default();
        *times += 1;
        let entries = said.get(&(typing.user, room)).map_or(&[][..], Vec::as_slice);
        let before = entries.partition_point(|said| *said < entry);
        if *times > before {
            return Err(violation(
                format!("{device} hears at most {before} times that {typist} types in {place}: so often it was said"),
                format!("it hears it for the {times}. time"),
                entries[..before].last().copied(),
            ));
        }
        let since = Window::between(entries[0], known);
        if !index.rights.could_be_member(room, typing.user, since) || !index.rights.could_be_in_use(room, since) {
            let expected = format!("{typist}, who could not write in {place}, does not type there");
            return Err(violation(expected, format!("{device} hears that they do"), Some(entries[0])));
        }
        if typing.expires_ms == 0 {
            let expected = format!("{device} is told for how long to show that {typist} types");
            return Err(violation(expected, "for 0 ms".to_owned(), None));
        }
        checked += 1;
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use system::protocol::{StartTyping, Typing as Push, Visibility};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    fn says(scene: &mut Scene, device: &str, room: &str) {
        let room = scene.room(room);
        scene.sent(device, None, Command::Typing(StartTyping { room }));
    }

    fn hears(scene: &mut Scene, device: &str, typist: &str, room: &str) {
        let (stream, user) = (scene.room_stream(room), scene.user(typist));
        scene.receives(device, ServerFrame::Typing(Push { stream, user, expires_ms: 6_000 }));
    }

    #[test]
    fn who_is_not_in_the_room_and_hears_it_is_a_violation() {
        let mut scene = Scene::company();
        scene.has_room("den", Visibility::Private, &["ben"]);
        says(&mut scene, "ben/phone", "den");
        hears(&mut scene, "ana/phone", "ben", "den");
        let violation = violated(&Typing, &scene.ends());
        assert_eq!(violation.expected, "ana's phone, whose user has no right to den, hears nothing of it");
        assert_eq!(violation.observed, "it hears that ben types there");
    }

    #[test]
    fn what_nobody_said_is_a_violation() {
        let mut scene = Scene::company();
        says(&mut scene, "ben/phone", "general");
        hears(&mut scene, "ana/phone", "ben", "general");
        hears(&mut scene, "ana/phone", "ben", "general");
        let violation = violated(&Typing, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's phone hears at most 1 times that ben types in general: so often it was said"
        );
        assert_eq!(
            chain(&violation),
            ["ben/phone: typing in general", "ana/phone: hears that ben types in room general <- breaks it",]
        );
    }

    #[test]
    fn ones_own_typing_is_a_violation() {
        let mut scene = Scene::company();
        says(&mut scene, "ben/phone", "general");
        hears(&mut scene, "ben/phone", "ben", "general");
        assert_eq!(violated(&Typing, &scene.ends()).observed, "it hears that ben types in general");
    }

    #[test]
    fn a_typist_who_was_removed_before_is_a_violation() {
        let mut scene = Scene::company();
        scene.removes("auditor", "general", "ben");
        says(&mut scene, "ben/phone", "general");
        hears(&mut scene, "ana/phone", "ben", "general");
        let violation = violated(&Typing, &scene.ends());
        assert_eq!(violation.expected, "ben, who could not write in general, does not type there");
    }

    #[test]
    fn who_is_shown_as_typing_for_ever_is_a_violation() {
        let mut scene = Scene::company();
        says(&mut scene, "ben/phone", "general");
        hears(&mut scene, "ana/phone", "ben", "general");
        let (room, ben) = (scene.room("general"), scene.user("ben"));
        let mut trace = scene.ends();
        for entry in &mut trace.entries {
            if let Observation::SawPresence { seen: Some(seen), .. } = &mut entry.what {
                std::sync::Arc::make_mut(seen).typing.push((room, ben));
            }
        }
        assert_eq!(violated(&Typing, &trace).observed, "it shows that ben types in general");
    }

    #[test]
    fn what_a_member_hears_of_another_holds() {
        let mut scene = Scene::company();
        says(&mut scene, "ben/phone", "general");
        hears(&mut scene, "ana/phone", "ben", "general");
        held(&Typing, &scene.ends());
    }

    #[test]
    fn where_nobody_types_there_is_nothing_to_check() {
        vacuous(&Typing, &Scene::company().ends());
    }
}
