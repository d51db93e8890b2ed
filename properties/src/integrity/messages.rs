//! `integrity/messages`: every message is what one device of its author's sent, once, wherever it appears.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use system::protocol::{
    Command, EditMessage, Event, EventBody, Message, MessageId, Page, PostMessage, RoomId, Snapshot, SnapshotState,
    StreamId, UserId,
};

use crate::index::{Index, Operation, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Messages;

impl Property for Messages {
    fn id(&self) -> &'static str {
        "integrity/messages"
    }

    fn statement(&self) -> &'static str {
        "every message was sent by a device of its author's, to that room and in those words, is there once, changes by \
         one version at a time as somebody asked, and each version of it is equal field by field in events, \
         acknowledgements and REST answers"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-2", "IT-3", "IT-4", "IT-12", "CG-3"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a message that was sent is there at all (durability/acknowledged does, once it is acknowledged), nor \
         that its author was allowed to send it (rights/unauthorized does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no message was sent")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let sent = Sent::new(index);
    let mut checked = sent.check_log()?;
    for connection in &index.connections {
        for (entry, frame) in connection.received() {
            if let Some(message) = frame.message() {
                sent.check_seen(connection.device, entry, message)?;
                checked += 1;
            }
        }
    }
    for request in &index.requests {
        let Some(answer) = request.success() else { continue };
        for message in messages_in(request.operation, answer.body) {
            sent.check_seen(request.device, answer.entry, &message)?;
            checked += 1;
        }
    }
    Ok(checked)
}

/// Everything that devices sent, and the index to compare with.
struct Sent<'i, 't> {
    index: &'i Index<'t>,
    /// By room, author and body: what it was sent under. Each stands for one message.
    keys: BTreeMap<(RoomId, UserId, Cow<'t, str>), BTreeSet<Meant<'t>>>,
    /// By room, author and body: to what texts messages were to be changed.
    edits: BTreeSet<(RoomId, UserId, Cow<'t, str>)>,
}

/// What makes a sending one message, however often it is repeated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meant<'t> {
    /// Its idempotency key.
    Key(&'t str),
    /// It has none: the entry of the request itself.
    Request(usize),
}

impl<'i, 't> Sent<'i, 't> {
    fn new(index: &'i Index<'t>) -> Self {
        let mut keys: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let mut edits = BTreeSet::new();
        for connection in &index.connections {
            let Some(user) = index.users.get(&**connection.device) else { continue };
            for frame in &connection.frames {
                let Seen::Sent(sent) = frame.seen else { continue };
                match &sent.command {
                    Command::MessageSend(send) => {
                        let said = (send.room, *user, Cow::Borrowed(send.body.as_str()));
                        keys.entry(said).or_default().insert(Meant::Key(&send.idempotency_key));
                    }
                    Command::MessageEdit(edit) => {
                        edits.insert((edit.room, *user, Cow::Borrowed(edit.body.as_str())));
                    }
                    _ => {}
                }
            }
        }
        for request in &index.requests {
            let Some(user) = request.user else { continue };
            if let Operation::PostMessage(room) = request.operation
                && let Ok(post) = serde_json::from_str::<PostMessage>(request.body)
            {
                keys.entry((room, user, Cow::Owned(post.body)))
                    .or_default()
                    .insert(request.key.map_or(Meant::Request(request.entry), Meant::Key));
            } else if let Operation::EditMessage(room) = request.operation
                && let Ok(edit) = serde_json::from_str::<EditMessage>(request.body)
            {
                edits.insert((room, user, Cow::Owned(edit.body)));
            }
        }
        Self { index, keys, edits }
    }

    /// Every message in the final logs was sent, and as often as it was meant.
    fn check_log(&self) -> Result<u64, Violation> {
        let mut checked = 0;
        let mut found: BTreeMap<(RoomId, UserId, &str), Vec<&Message>> = BTreeMap::new();
        let mut ids: BTreeSet<MessageId> = BTreeSet::new();
        for (_, log) in self.index.log.streams() {
            for event in log.events {
                let EventBody::MessageCreated(message) = &event.body else { continue };
                self.check_place(log.entry, event.stream, event.seq, message)?;
                if !ids.insert(message.id) {
                    return Err(self.doubled(log.entry, &[message], "its identifier is another's too"));
                }
                // No device sent it: what it must be is feed/lossless-once's to tell.
                if message.feed.is_some() {
                    checked += 1;
                    continue;
                }
                let meant = self.meant(message);
                if meant == 0 {
                    return Err(self.never_sent("the final log", log.entry, message));
                }
                let said = found.entry((message.room, message.author, &message.body)).or_default();
                said.push(message);
                if said.len() > meant {
                    return Err(self.doubled(log.entry, said, "it was sent under fewer idempotency keys"));
                }
                checked += 1;
            }
        }
        for versions in self.index.versions.messages() {
            checked += self.check_versions(versions)?;
        }
        Ok(checked)
    }

    /// Each version of a message follows from the one before it: by an edit that a device of its author's asked for, or
    /// by its deletion, which is the last.
    fn check_versions(&self, versions: &[&Event]) -> Result<u64, Violation> {
        let mut checked = 0;
        for pair in versions.windows(2) {
            let &[before, after] = pair else { continue };
            let (Some(was), Some(is)) = (before.body.message(), after.body.message()) else { continue };
            if is.feed.is_some() {
                continue;
            }
            let follows = Message {
                body: is.body.clone(),
                version: was.version + 1,
                edited_at: is.edited_at,
                deleted_at: is.deleted_at,
                ..was.clone()
            };
            let asked = match &after.body {
                EventBody::MessageUpdated(_) => {
                    is.edited_at.is_some() && is.deleted_at.is_none() && self.was_edit(is) && is.body != was.body
                }
                EventBody::MessageDeleted(_) => {
                    is.deleted_at.is_some() && is.edited_at == was.edited_at && is.body.is_empty()
                }
                _ => false,
            };
            if *is != follows || was.deleted_at.is_some() || !asked {
                return Err(self.does_not_follow(before, after, was, is));
            }
            checked += 1;
        }
        Ok(checked)
    }

    /// Whether a device of the author's asked for this text.
    fn was_edit(&self, message: &Message) -> bool {
        self.edits.contains(&(message.room, message.author, Cow::Borrowed(message.body.as_str())))
    }

    /// A message that somebody saw equals the final log's; where that has none, it was at least sent.
    fn check_seen(&self, device: &str, entry: usize, message: &Message) -> Result<(), Violation> {
        let stream = StreamId::Room(message.room);
        let Some((_, logged)) = self.index.versions.of(message) else {
            // That it is missing is durability/acknowledged's to tell.
            let was_sent = message.feed.is_some()
                || message.deleted_at.is_some()
                || self.meant(message) > 0
                || self.was_edit(message);
            return if was_sent { Ok(()) } else { Err(self.never_sent(&possessive(device), entry, message)) };
        };
        if logged == message {
            return Ok(());
        }
        let place = self.index.names().place(stream, message.seq);
        Err(Violation {
            expected: format!("{place} is the same message for {} as in the log: {}", possessive(device), full(logged)),
            observed: full(message),
            evidence: Story::new(self.index)
                .commit(stream, message.seq)
                .link(self.index.log.stream(stream).map(|log| log.entry))
                .breaks(entry)
                .tell(),
        })
    }

    /// The message names the place that its event has.
    fn check_place(&self, entry: usize, stream: StreamId, seq: u64, message: &Message) -> Result<(), Violation> {
        if stream == StreamId::Room(message.room) && seq == message.seq {
            return Ok(());
        }
        let names = self.index.names();
        Err(Violation {
            expected: format!("the message in event {} names this place", names.place(stream, seq)),
            observed: format!("it names {}", names.place(StreamId::Room(message.room), message.seq)),
            evidence: Story::new(self.index).commit(stream, seq).breaks(entry).tell(),
        })
    }

    /// Under how many keys the message was sent.
    fn meant(&self, message: &Message) -> usize {
        let said = (message.room, message.author, Cow::Borrowed(message.body.as_str()));
        self.keys.get(&said).map_or(0, BTreeSet::len)
    }

    fn never_sent(&self, where_seen: &str, entry: usize, message: &Message) -> Violation {
        let names = self.index.names();
        let (author, room) = (names.user(message.author), names.room(message.room));
        Violation {
            expected: format!("what {where_seen} has as {author}'s in room {room}, a device of {author}'s sent there"),
            observed: format!("nobody of {author}'s devices sent {:?} to room {room}", message.body),
            evidence: Story::new(self.index).commit(StreamId::Room(message.room), message.seq).breaks(entry).tell(),
        }
    }

    fn does_not_follow(&self, before: &Event, after: &Event, was: &Message, is: &Message) -> Violation {
        let names = self.index.names();
        let entry = self.index.log.stream(after.stream).map_or(0, |log| log.entry);
        Violation {
            expected: format!(
                "{} is {} changed as somebody asked, by one version",
                names.place(after.stream, after.seq),
                names.place(before.stream, before.seq)
            ),
            observed: format!("{} became {}", full(was), full(is)),
            evidence: Story::new(self.index)
                .commit(before.stream, before.seq)
                .commit(after.stream, after.seq)
                .breaks(entry)
                .tell(),
        }
    }

    fn doubled(&self, entry: usize, messages: &[&Message], why: &str) -> Violation {
        let names = self.index.names();
        let places = messages.iter().map(|message| names.place(StreamId::Room(message.room), message.seq));
        let places = places.collect::<Vec<_>>().join(" and ");
        let author = messages.first().map_or(String::new(), |message| names.user(message.author));
        let body = messages.first().map_or("", |message| &message.body);
        let commits = messages
            .iter()
            .fold(Story::new(self.index), |story, message| story.commit(StreamId::Room(message.room), message.seq));
        Violation {
            expected: format!("{author}'s message {body:?} is there once"),
            observed: format!("it is {places}, and {why}"),
            evidence: commits.breaks(entry).tell(),
        }
    }
}

/// The messages that an answer shows.
fn messages_in(operation: Operation, body: &str) -> Vec<Message> {
    fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Option<T> {
        serde_json::from_str(body).ok()
    }
    match operation {
        Operation::PostMessage(_)
        | Operation::EditMessage(_)
        | Operation::DeleteMessage(_)
        | Operation::ReadMessage(_) => read::<Message>(body).into_iter().collect(),
        Operation::ReadMessages(_) => read::<Page<Message>>(body).map_or(Vec::new(), |page| page.items),
        Operation::ReadSnapshot(StreamId::Room(_)) => match read::<Snapshot>(body).map(|snapshot| snapshot.state) {
            Some(SnapshotState::Room { messages, .. }) => messages,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn full(message: &Message) -> String {
    serde_json::to_string(message).expect("a message has only string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    #[test]
    fn a_message_that_nobody_sent_is_a_violation() {
        let mut scene = Scene::company();
        let message = scene.message("general", "ben", "m1");
        scene.commit("ben", vec![(scene.room_stream("general"), EventBody::MessageCreated(message))]);
        let violation = violated(&Messages, &scene.ends());
        assert_eq!(violation.expected, "what the final log has as ben's in room general, a device of ben's sent there");
        assert_eq!(violation.observed, "nobody of ben's devices sent \"m1\" to room general");
    }

    #[test]
    fn a_message_under_another_name_is_a_violation() {
        let mut scene = Scene::company();
        scene.sends("ana/phone", "general", "m1", "k1");
        let message = scene.message("general", "ben", "m1");
        let events = scene.commit("ben", vec![(scene.room_stream("general"), EventBody::MessageCreated(message))]);
        scene.gets("ana/phone", &events[0]);
        let violation = violated(&Messages, &scene.ends());
        assert_eq!(violation.observed, "nobody of ben's devices sent \"m1\" to room general");
    }

    #[test]
    fn a_message_that_is_there_twice_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.says("ana/phone", "general", "m1");
        let violation = violated(&Messages, &scene.ends());
        assert_eq!(violation.expected, "ana's message \"m1\" is there once");
        assert_eq!(violation.observed, "it is general#5 and general#6, and it was sent under fewer idempotency keys");
        assert_eq!(
            chain(&violation),
            [
                "server: committed general#5 message.created \"m1\"",
                "server: committed general#6 message.created \"m1\"",
                "auditor: reads the log of room general: it ends at 6 <- breaks it",
            ]
        );
    }

    #[test]
    fn a_message_that_rest_shows_otherwise_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        let EventBody::MessageCreated(mut message) = event.body else { panic!("{event:?}") };
        message.created_at = message.created_at.plus_ms(1);
        let path = format!("/api/v1/rooms/{}/messages", scene.room("general"));
        let request = scene.asks("ben/phone", "GET", &path, None, "");
        scene.answers("ben/phone", request, 200, &Page { items: vec![message], next: None });
        let violation = violated(&Messages, &scene.ends());
        assert!(
            violation.expected.starts_with("general#5 is the same message for ben's phone as in the log: {"),
            "{}",
            violation.expected
        );
        assert!(violation.observed.starts_with("{\"id\":"), "{}", violation.observed);
    }

    #[test]
    fn a_message_that_was_sent_and_sent_again_under_its_key_holds() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.sends("ana/phone", "general", "m1", "m1");
        scene.acknowledges("ana/phone", &event);
        scene.all_get(&event);
        held(&Messages, &scene.ends());
    }

    #[test]
    fn without_a_message_there_is_nothing_to_check() {
        vacuous(&Messages, &Scene::company().ends());
    }
}
