//! `integrity/thread-notifications`: of each reply exactly those hear who follow the thread, once.
//!
//! Who follows is replayed from the room's log: the author of the root, who opened the thread, and everybody who replied
//! before; of these, those who are in the room at that place of its stream, without the author of the reply.

use std::collections::{BTreeMap, BTreeSet};

use system::protocol::{Event, EventBody, MessageId, RoomId, StreamId, ThreadId, UserId};

use crate::index::{Index, StreamLog};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling;

/// See the module.
pub(crate) struct ThreadNotifications;

impl Property for ThreadNotifications {
    fn id(&self) -> &'static str {
        "integrity/thread-notifications"
    }

    fn statement(&self) -> &'static str {
        "each reply in a thread is told once to every follower of the thread who is in the room, but its author, and to \
         nobody else"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-2", "IT-13", "CG-3"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a device gets the notification (ordering/gapless and recovery/within-30s do), nor anything about threads of \
         rooms that were deleted"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody replied in a thread")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut told = told(index);
    let mut checked = 0;
    for (stream, log) in index.log.streams() {
        if let StreamId::Room(room) = stream {
            checked += check_room(index, room, log, &mut told)?;
        }
    }
    // What is left was told of no reply that there is.
    let leftover = told.into_iter().find(|((room, _), _)| !index.rights.is_gone(*room));
    if let Some(((_, _), places)) = leftover
        && let Some((user, event)) = places.first()
    {
        return Err(told_wrongly(index, *user, event, "of a reply that there is".to_owned()));
    }
    Ok(checked)
}

/// Of each message, by its room: whom the server told of it, and where.
type Told<'t> = BTreeMap<(RoomId, MessageId), Vec<(UserId, &'t Event)>>;

fn told<'t>(index: &Index<'t>) -> Told<'t> {
    let mut told: Told<'t> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        let StreamId::User(user) = stream else { continue };
        for event in log.events {
            if let EventBody::ThreadReplied(replied) = &event.body {
                told.entry((replied.room, replied.message)).or_default().push((user, event));
            }
        }
    }
    told
}

fn check_room<'t>(index: &Index<'t>, room: RoomId, log: &StreamLog<'t>, told: &mut Told<'t>) -> Result<u64, Violation> {
    let mut authors: BTreeMap<MessageId, UserId> = BTreeMap::new();
    let mut followers: BTreeMap<ThreadId, BTreeSet<UserId>> = BTreeMap::new();
    let mut checked = 0;
    for event in log.events {
        match &event.body {
            EventBody::ThreadOpened(thread) => {
                let follow = followers.entry(thread.id).or_default();
                follow.insert(thread.opened_by);
                follow.extend(authors.get(&thread.root));
            }
            EventBody::MessageCreated(message) => {
                authors.insert(message.id, message.author);
                let Some(thread) = message.thread else { continue };
                let follow = followers.entry(thread).or_default();
                let is_in = |user: &UserId| {
                    let membership = index.rights.membership(room, *user);
                    membership.and_then(|held| held.at(event.seq)).is_some_and(|change| change.value)
                };
                let expected: BTreeSet<UserId> =
                    follow.iter().copied().filter(|user| *user != message.author && is_in(user)).collect();
                follow.insert(message.author);
                let heard = told.remove(&(room, message.id)).unwrap_or_default();
                check_reply(index, log, event, &expected, &heard)?;
                checked += 1;
            }
            _ => {}
        }
    }
    Ok(checked)
}

fn check_reply(
    index: &Index<'_>,
    log: &StreamLog<'_>,
    reply: &Event,
    expected: &BTreeSet<UserId>,
    heard: &[(UserId, &Event)],
) -> Result<(), Violation> {
    let names = index.names();
    let what = telling::event(names, reply);
    let mut once = BTreeSet::new();
    for (user, event) in heard {
        if !expected.contains(user) {
            return Err(told_wrongly(index, *user, event, format!("of {what}, for they do not follow its thread")));
        }
        if !once.insert(*user) {
            return Err(told_wrongly(index, *user, event, format!("of {what} a second time")));
        }
    }
    let Some(missing) = expected.iter().find(|user| !once.contains(user)) else { return Ok(()) };
    Err(Violation {
        expected: format!("{}, who follows the thread, is told of {what}", names.user(*missing)),
        observed: "their own stream has nothing of it".to_owned(),
        evidence: Story::new(index)
            .origin(reply)
            .breaks(index.log.stream(StreamId::User(*missing)).map_or(log.entry, |own| own.entry))
            .tell(),
    })
}

fn told_wrongly(index: &Index<'_>, user: UserId, event: &Event, of: String) -> Violation {
    let names = index.names();
    let own = index.log.stream(event.stream).map(|log| log.entry);
    let committed = index.log.committed(event.stream, event.seq);
    let story = Story::new(index);
    Violation {
        expected: format!("{} is not told {of}", names.user(user)),
        observed: format!("{} tells them", names.place(event.stream, event.seq)),
        evidence: match committed.or(own) {
            Some(entry) => story.breaks(entry).tell(),
            None => story.tell(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    /// Ben said m1, ana opened its thread.
    fn thread() -> (Scene, Event) {
        let mut scene = Scene::company();
        let root = scene.says("ben/phone", "general", "m1");
        scene.opens_thread("ana", &root);
        (scene, root)
    }

    /// Takes the last notification of a user's own stream away.
    fn forget(scene: &mut Scene, user: &str) -> Event {
        let stream = StreamId::User(scene.user(user));
        scene.logs.get_mut(&stream).and_then(Vec::pop).expect("the user was told")
    }

    #[test]
    fn a_follower_who_is_not_told_is_a_violation() {
        let (mut scene, root) = thread();
        scene.replies("ana/phone", &root, "m2");
        forget(&mut scene, "ben");
        let violation = violated(&ThreadNotifications, &scene.ends());
        assert!(violation.expected.starts_with("ben, who follows the thread, is told of general#7"), "{violation:?}");
    }

    #[test]
    fn a_stranger_to_the_thread_who_is_told_is_a_violation() {
        let (mut scene, root) = thread();
        scene.adds("auditor", "general", "gil");
        scene.replies("ana/phone", &root, "m2");
        let told = forget(&mut scene, "ben");
        scene.commit("ana", vec![(StreamId::User(scene.user("gil")), told.body)]);
        let violation = violated(&ThreadNotifications, &scene.ends());
        assert!(violation.expected.starts_with("gil is not told of general#8"), "{violation:?}");
    }

    #[test]
    fn who_is_told_twice_is_a_violation() {
        let (mut scene, root) = thread();
        scene.replies("ana/phone", &root, "m2");
        let stream = StreamId::User(scene.user("ben"));
        let told = scene.logs[&stream].last().expect("ben was told").clone();
        scene.commit("ana", vec![(stream, told.body)]);
        let violation = violated(&ThreadNotifications, &scene.ends());
        assert!(violation.expected.ends_with("a second time"), "{violation:?}");
    }

    #[test]
    fn who_left_the_room_hears_nothing_and_the_author_neither() {
        let (mut scene, root) = thread();
        scene.replies("ana/phone", &root, "m2");
        scene.removes("auditor", "general", "ana");
        scene.replies("ben/phone", &root, "m3");
        held(&ThreadNotifications, &scene.ends());
    }

    #[test]
    fn without_a_reply_there_is_nothing_to_check() {
        vacuous(&ThreadNotifications, &thread().0.ends());
    }
}
