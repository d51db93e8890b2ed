//! `feed/lossless-once`: when all is quiet, the living messages of a conversation's room are the lines of its file, and no
//! line ever was two messages at once.

use std::collections::BTreeMap;

use serde_json::Value;
use system::protocol::{Event, EventBody, Message, Room, StreamId};

use crate::index::{Index, StreamLog};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::Observation;

/// See the module.
pub(crate) struct LosslessOnce;

impl Property for LosslessOnce {
    fn id(&self) -> &'static str {
        "feed/lossless-once"
    }

    fn statement(&self) -> &'static str {
        "when all is quiet, each readable line of a conversation file is one message of the conversation's room, in the \
         line's words, and no line was ever two messages at once"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["RF-1", "RF-2", "RF-3"]
    }

    fn does_not_verify(&self) -> &'static str {
        "how soon a line is a message, nor in which order lines that came together are; what becomes of a file whose first \
         line cannot be read; nor rooms that somebody else than the feed has changed, or removed the feed from"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "there was no conversation file")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    let mut rooms = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        let Some(conversation) = Conversation::read(index, stream, log)? else { continue };
        checked += 1;
        let Some(id) = conversation.room.conversation.as_deref().and_then(|of| of.id.clone()) else { continue };
        if let Some(other) = rooms.insert(id.clone(), conversation.stream) {
            return Err(Violation {
                expected: format!("conversation {id} is one room"),
                observed: format!("it is {} too", index.names().stream(other)),
                evidence: Story::new(index).commit(other, 1).commit(stream, 1).breaks(log.entry).tell(),
            });
        }
        let file = index.trace.entries.iter().enumerate().find_map(|(entry, observed)| match &observed.what {
            Observation::FinalFeedFile { text, .. } => {
                File::read(text).filter(|file| file.id == id).map(|file| (entry, file))
            }
            _ => None,
        });
        match file {
            Some((entry, file)) => checked += conversation.is_file(index, entry, &file)?,
            None => conversation.is_archived(index)?,
        }
    }
    if index.log.is_complete() {
        for (entry, observed) in index.trace.entries.iter().enumerate() {
            let Observation::FinalFeedFile { file, text } = &observed.what else { continue };
            if let Some(read) = File::read(text)
                && !rooms.contains_key(&read.id)
                && !was_deleted(index, &read.id)
            {
                return Err(Violation {
                    expected: format!("the file {file} is a room"),
                    observed: format!("no room has its conversation {}", read.id),
                    evidence: Story::new(index).breaks(entry).tell(),
                });
            }
        }
    }
    Ok(checked)
}

/// Whether somebody has deleted the conversation's room: it stays deleted, and its file is passed over. That nobody's room
/// is gone without that is for `rights/deleted-rooms`.
fn was_deleted(index: &Index<'_>, conversation: &str) -> bool {
    let is_it = |room: &Room| room.conversation.as_deref().is_some_and(|of| of.id.as_deref() == Some(conversation));
    index.log.streams().flat_map(|(_, log)| log.events).any(|event| match &event.body {
        EventBody::RoomCreated(room) => is_it(room) && index.log.gone(StreamId::Room(room.id)).is_some(),
        _ => false,
    })
}

/// What a file says, read by other means than the server's.
struct File {
    /// The conversation.
    id: String,
    /// The text of each readable line, by its identifier.
    lines: BTreeMap<String, String>,
    /// How many lines cannot be read.
    unreadable: usize,
}

impl File {
    /// None while it has no readable first line.
    fn read(text: &str) -> Option<Self> {
        let (complete, _) = text.rsplit_once('\n')?;
        let mut lines = complete.split('\n').filter(|line| !line.trim().is_empty());
        let heading: Value = serde_json::from_str(lines.next()?).ok()?;
        let id = (heading["type"] == "conversation").then(|| heading["data"]["id"].as_str()).flatten()?.to_owned();
        let mut file = Self { id, lines: BTreeMap::new(), unreadable: 0 };
        for line in lines {
            let said = serde_json::from_str::<Value>(line).ok().and_then(|line| {
                let data = (line["type"] == "message").then(|| line["data"].clone())?;
                Some((data["id"].as_str()?.to_owned(), data["body"].as_str()?.to_owned()))
            });
            match said {
                Some((id, body)) if !file.lines.contains_key(&id) => drop(file.lines.insert(id, body)),
                _ => file.unreadable += 1,
            }
        }
        Some(file)
    }
}

/// A room that is fed from a file, as its log tells it.
struct Conversation<'t> {
    stream: StreamId,
    entry: usize,
    room: &'t Room,
    /// The living messages, by their lines.
    lines: BTreeMap<&'t str, &'t Message>,
    /// Somebody else than the feed had a hand in it.
    meddled: bool,
}

impl<'t> Conversation<'t> {
    /// None if the stream is of no such room.
    fn read(index: &Index<'_>, stream: StreamId, log: &StreamLog<'t>) -> Result<Option<Self>, Violation> {
        let Some(Event { body: EventBody::RoomCreated(room), sender: feed, .. }) = log.events.first() else {
            return Ok(None);
        };
        if !matches!(stream, StreamId::Room(_)) || room.conversation.is_none() {
            return Ok(None);
        }
        let mut conversation = Self { stream, entry: log.entry, room, lines: BTreeMap::new(), meddled: false };
        for event in log.events {
            match &event.body {
                EventBody::MessageCreated(message) => {
                    let Some(source) = &message.feed else { continue };
                    if let Some(first) = conversation.lines.insert(&source.line, message) {
                        return Err(doubled(index, stream, first, message));
                    }
                }
                EventBody::MessageUpdated(message) => {
                    if let Some(source) = &message.feed {
                        conversation.meddled |= event.sender != *feed;
                        conversation.lines.insert(&source.line, message);
                    }
                }
                EventBody::MessageDeleted(message) => {
                    if let Some(source) = &message.feed {
                        conversation.meddled |= event.sender != *feed;
                        conversation.lines.remove(source.line.as_str());
                    }
                }
                EventBody::RoomUpdated(updated) => {
                    conversation.meddled |= event.sender != *feed;
                    conversation.room = updated;
                }
                EventBody::RoomDeleted(_) => conversation.meddled = true,
                EventBody::MemberRemoved(removed) => conversation.meddled |= removed.user == *feed,
                _ => {}
            }
        }
        Ok(Some(conversation))
    }

    /// The room is open and its messages are the lines of the file. How many there were.
    fn is_file(&self, index: &Index<'_>, entry: usize, file: &File) -> Result<u64, Violation> {
        if self.meddled {
            return Ok(0);
        }
        let name = format!("room {}", self.room.name);
        if self.room.archived_at.is_some() {
            let observed = format!("{name} is archived");
            return Err(self.broken(index, entry, format!("{name} is in use, for its file is there"), observed));
        }
        for (line, body) in &file.lines {
            let expected = format!("line {line} of {} is a message of {name} that says {body:?}", file.id);
            let observed = match self.lines.get(line.as_str()) {
                None => "there is no message of this line".to_owned(),
                Some(message) if message.body != *body => format!("it says {:?}", message.body),
                Some(_) => continue,
            };
            return Err(self.broken(index, entry, expected, observed));
        }
        // A line that cannot be read any more keeps its message.
        let besides: Vec<_> = self.lines.keys().filter(|line| !file.lines.contains_key(**line)).collect();
        if besides.len() > file.unreadable {
            let expected = format!("{name} has no message but of the lines of {}", file.id);
            let observed =
                format!("it has messages of the lines {besides:?}, and {} lines are unreadable", file.unreadable);
            return Err(self.broken(index, entry, expected, observed));
        }
        Ok(file.lines.len() as u64)
    }

    /// The file of the room is gone, or its first line cannot be read.
    fn is_archived(&self, index: &Index<'_>) -> Result<(), Violation> {
        // Files are told of only where everything is read; else nothing is known of them.
        let files = index.trace.entries.iter().filter_map(|observed| match &observed.what {
            Observation::FinalFeedFile { text, .. } => Some(File::read(text).is_some()),
            _ => None,
        });
        let all_readable = files.fold(None, |all, readable| Some(all.unwrap_or(true) && readable));
        if self.meddled || self.room.archived_at.is_some() || all_readable != Some(true) {
            return Ok(());
        }
        let expected = format!("room {} is archived, for its file is gone", self.room.name);
        Err(self.broken(index, self.entry, expected, "it is in use".to_owned()))
    }

    fn broken(&self, index: &Index<'_>, entry: usize, expected: String, observed: String) -> Violation {
        Violation { expected, observed, evidence: Story::new(index).link(Some(self.entry)).breaks(entry).tell() }
    }
}

fn doubled(index: &Index<'_>, stream: StreamId, first: &Message, second: &Message) -> Violation {
    let (names, line) = (index.names(), second.feed.as_ref().map_or("", |source| &source.line));
    Violation {
        expected: format!("line {line} is one message of {}", names.stream(stream)),
        observed: format!("it is {} and {}", names.place(stream, first.seq), names.place(stream, second.seq)),
        evidence: {
            let entry = index.log.stream(stream).map_or(0, |log| log.entry);
            Story::new(index).commit(stream, first.seq).commit(stream, second.seq).breaks(entry).tell()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    const FILE: &str = "{\"type\":\"conversation\",\"data\":{\"id\":\"talk-1\",\"title\":\"talk-1\"}}\n\
        {\"type\":\"message\",\"data\":{\"id\":\"1\",\"author\":\"Robin\",\"body\":\"m1\"}}\n";

    fn scene() -> Scene {
        let mut scene = Scene::company();
        scene.has_user("feed", system::protocol::Role::Member);
        scene.has_fed_room("talk-1", "feed");
        scene
    }

    fn commit(scene: &mut Scene, body: EventBody) {
        let stream = scene.room_stream("talk-1");
        scene.commit("feed", vec![(stream, body)]);
    }

    fn says(scene: &mut Scene, id: &str, body: &str) -> Message {
        let message = scene.fed_message("talk-1", "feed", id, body);
        commit(scene, EventBody::MessageCreated(message.clone()));
        message
    }

    fn has_file(scene: &mut Scene, text: &str) {
        scene.observe(Observation::FinalFeedFile { file: "talk-1.jsonl".into(), text: text.into() });
    }

    #[test]
    fn a_line_that_is_lost_is_a_violation() {
        let mut scene = scene();
        has_file(&mut scene, FILE);
        let violation = violated(&LosslessOnce, &scene.ends());
        assert_eq!(violation.expected, "line 1 of talk-1 is a message of room talk-1 that says \"m1\"");
        assert_eq!(violation.observed, "there is no message of this line");
    }

    #[test]
    fn a_line_that_is_doubled_is_a_violation_even_if_it_is_taken_back() {
        let mut scene = scene();
        says(&mut scene, "1", "m1");
        let second = says(&mut scene, "1", "m1");
        commit(&mut scene, EventBody::MessageDeleted(second));
        has_file(&mut scene, FILE);
        let violation = violated(&LosslessOnce, &scene.ends());
        assert_eq!(violation.observed, "it is talk-1#3 and talk-1#4");
    }

    #[test]
    fn an_edit_that_is_lost_is_a_violation() {
        let mut scene = scene();
        says(&mut scene, "1", "m0");
        has_file(&mut scene, FILE);
        assert_eq!(violated(&LosslessOnce, &scene.ends()).observed, "it says \"m0\"");
    }

    #[test]
    fn a_message_of_a_line_that_is_gone_is_a_violation_unless_a_line_cannot_be_read() {
        let mut scene = scene();
        says(&mut scene, "1", "m1");
        says(&mut scene, "2", "m2");
        has_file(&mut scene, FILE);
        let observed = violated(&LosslessOnce, &scene.ends()).observed;
        assert_eq!(observed, "it has messages of the lines [\"2\"], and 0 lines are unreadable");

        let mut scene = self::scene();
        says(&mut scene, "1", "m1");
        says(&mut scene, "2", "m2");
        has_file(&mut scene, &format!("{FILE}nonsense\n"));
        held(&LosslessOnce, &scene.ends());
    }

    #[test]
    fn a_room_whose_file_is_gone_must_be_archived() {
        let mut scene = scene();
        has_file(&mut scene, &FILE.replace("talk-1", "talk-2"));
        let violation = violated(&LosslessOnce, &scene.ends());
        assert_eq!(violation.expected, "room talk-1 is archived, for its file is gone");
    }

    #[test]
    fn a_file_whose_room_was_deleted_is_no_room_any_more() {
        let mut scene = scene();
        let room = scene.rooms().find(|room| room.name == "talk-1").expect("it is there").clone();
        let company = scene.company_stream();
        scene.commit("feed", vec![(company, EventBody::RoomCreated(room))]);
        scene.opens("ana/phone");
        scene.deletes("ana/phone", "talk-1");
        has_file(&mut scene, FILE);
        let verdict = LosslessOnce.check(&Index::new(&scene.ends()));
        assert!(!matches!(verdict, Verdict::Violated(_)), "{verdict:?}");
    }

    #[test]
    fn a_file_that_is_no_room_is_a_violation() {
        let mut scene = Scene::company();
        has_file(&mut scene, FILE);
        assert_eq!(violated(&LosslessOnce, &scene.ends()).observed, "no room has its conversation talk-1");
    }

    #[test]
    fn lines_that_are_messages_hold() {
        let mut scene = scene();
        let first = says(&mut scene, "1", "m0");
        let second = says(&mut scene, "2", "m2");
        commit(&mut scene, EventBody::MessageUpdated(Message { body: "m1".into(), version: 2, ..first }));
        commit(&mut scene, EventBody::MessageDeleted(second));
        has_file(&mut scene, &format!("{FILE}{{\"type\":\"message\""));
        held(&LosslessOnce, &scene.ends());
    }

    #[test]
    fn without_a_file_there_is_nothing_to_check() {
        vacuous(&LosslessOnce, &Scene::company().ends());
    }
}
