//! `ordering/cause`: who sees what somebody wrote sees, before it, what they had seen when they wrote it.
//!
//! A device that sends a message has read each of its streams up to somewhere, and was answered up to somewhere what it
//! wrote itself. Whoever is pushed that message and follows the same streams must be as far in them by then: otherwise they
//! read an answer before the question, in another room as in the same one. And the notice of a reply comes after the reply.
//!
//! Where a reader began to follow a stream only later, or left it between, its position is that of the beginning: nothing
//! before it is pushed, and nothing before it is out of order.

use std::collections::{BTreeMap, BTreeSet};

use system::protocol::{ClientFrame, Command, Event, EventBody, Message, MessageId, ServerFrame, StreamId, UserId};

use crate::index::{Connection, Index, Operation, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Cause;

impl Property for Cause {
    fn id(&self) -> &'static str {
        "ordering/cause"
    }

    fn statement(&self) -> &'static str {
        "whoever is pushed a message is pushed nothing after it, of the streams that they followed already, that its author's \
         device had read or was answered when it sent it; and the notice of a reply comes after the reply"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-2", "IT-13", "PROTOCOL 3"]
    }

    fn does_not_verify(&self) -> &'static str {
        "what an author knew from reads over REST or from another device, nor causes of anything but messages"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody was pushed a message whose sending was seen")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let causes = causes(index);
    let mut checked = 0;
    for connection in &index.connections {
        checked += Reader::new(index, connection, &causes).check()?;
    }
    Ok(checked)
}

/// What an author's device had seen of each stream when it sent a message, each with the entry at which it saw that.
struct Seeing {
    sent: usize,
    positions: BTreeMap<StreamId, (u64, usize)>,
}

/// What each message was written after.
fn causes(index: &Index<'_>) -> BTreeMap<MessageId, Seeing> {
    let sent = sendings(index);
    let mut by_device: BTreeMap<&str, Vec<(usize, StreamId, u64)>> = BTreeMap::new();
    for connection in &index.connections {
        let seen = by_device.entry(connection.device).or_default();
        for (entry, frame) in connection.received() {
            match frame {
                ServerFrame::Event(event) => seen.push((entry, event.stream, event.seq)),
                ServerFrame::Ack(_, ack) => seen.push((entry, ack.stream, ack.seq)),
                _ => {}
            }
        }
    }
    let sent = sent.into_iter().map(|(message, (device, entry))| (device, entry, message));
    let sent: BTreeSet<_> = sent.collect();
    let mut causes = BTreeMap::new();
    for (device, seen) in &mut by_device {
        seen.sort_unstable();
        let mut positions: BTreeMap<StreamId, (u64, usize)> = BTreeMap::new();
        let mut next = 0;
        for (_, entry, message) in sent.iter().filter(|(sender, ..)| sender == device) {
            while let Some((saw, stream, seq)) = seen.get(next).filter(|(saw, ..)| saw < entry) {
                let position = positions.entry(*stream).or_insert((*seq, *saw));
                if *seq > position.0 {
                    *position = (*seq, *saw);
                }
                next += 1;
            }
            causes.insert(*message, Seeing { sent: *entry, positions: positions.clone() });
        }
    }
    causes
}

/// A device, and the entry at which it sent something.
type Sending<'t> = (&'t str, usize);

/// Where each message was first sent, and by which device, as far as its text tells: texts are unique in a history, and one
/// that is not is passed over.
fn sendings<'t>(index: &Index<'t>) -> BTreeMap<MessageId, Sending<'t>> {
    let mut first: BTreeMap<(UserId, StreamId, &str), Option<Sending<'t>>> = BTreeMap::new();
    let mut add = |user: Option<UserId>, stream, body, device: &'t str, entry, again: bool| {
        let Some(user) = user else { return };
        first
            .entry((user, stream, body))
            .and_modify(|sent| *sent = sent.filter(|_| again))
            .or_insert(Some((device, entry)));
    };
    let mut keys = BTreeMap::new();
    for connection in &index.connections {
        for frame in &connection.frames {
            let Seen::Sent(ClientFrame { command: Command::MessageSend(send), .. }) = frame.seen else { continue };
            let again = *keys.entry((&**connection.device, send.idempotency_key.as_str())).or_insert(frame.entry);
            let stream = StreamId::Room(send.room);
            add(connection.user, stream, &*send.body, connection.device, frame.entry, again != frame.entry);
        }
    }
    // Of a message over REST the body's text is parsed, and owned: it is found by its answer instead.
    let mut sendings = BTreeMap::new();
    for request in &index.requests {
        if let (Operation::PostMessage(_), Some(answer)) = (request.operation, request.success())
            && let Some(message) = answer.object::<Message>()
        {
            let sent = index.first_sending(request);
            sendings.entry(message.id).or_insert((&**request.device, sent));
        }
    }
    for (stream, log) in index.log.streams() {
        for event in log.events {
            if let EventBody::MessageCreated(message) = &event.body
                && let Some(Some(sent)) = first.get(&(message.author, stream, message.body.as_str()))
            {
                sendings.entry(message.id).or_insert(*sent);
            }
        }
    }
    sendings
}

/// One connection that is pushed messages.
struct Reader<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
    causes: &'i BTreeMap<MessageId, Seeing>,
    /// How far each stream that it follows was pushed.
    positions: BTreeMap<StreamId, u64>,
}

impl<'i, 't> Reader<'i, 't> {
    fn new(index: &'i Index<'t>, connection: &'i Connection<'t>, causes: &'i BTreeMap<MessageId, Seeing>) -> Self {
        Self { index, connection, causes, positions: BTreeMap::new() }
    }

    fn check(mut self) -> Result<u64, Violation> {
        let mut checked = 0;
        for frame in &self.connection.frames {
            let (entry, frame) = match frame.seen {
                // From here on the server leaves it, and drops what waits of it: its answer may come behind other things.
                Seen::Sent(ClientFrame { command: Command::Unsubscribe(unsubscribe), .. }) => {
                    self.positions.remove(&unsubscribe.stream);
                    continue;
                }
                Seen::Received(received) => (frame.entry, received),
                _ => continue,
            };
            match frame {
                ServerFrame::Welcome(_, welcome) => {
                    self.positions = welcome.streams.iter().map(|state| (state.stream, state.seq)).collect();
                }
                // What a later subscription replays comes behind what was pushed already: from its own head on only.
                ServerFrame::Subscribed(_, state) => {
                    let head = self.index.log.stream(state.stream).map_or(u64::MAX, |log| log.head());
                    let replayed = if state.recovered { head } else { state.seq };
                    self.positions.insert(state.stream, replayed);
                }
                ServerFrame::Unsubscribed(_, unsubscribed) => {
                    self.positions.remove(&unsubscribed.stream);
                }
                ServerFrame::Event(event) => {
                    checked += self.read(entry, event)?;
                    if let Some(position) = self.positions.get_mut(&event.stream) {
                        *position = event.seq.max(*position);
                    }
                }
                _ => {}
            }
        }
        Ok(checked)
    }

    fn read(&self, entry: usize, event: &Event) -> Result<u64, Violation> {
        match &event.body {
            EventBody::MessageCreated(message) => {
                let Some(seeing) = self.causes.get(&message.id) else { return Ok(0) };
                for (stream, (seq, saw)) in &seeing.positions {
                    let is_behind = self.positions.get(stream).is_some_and(|position| position < seq);
                    if is_behind && self.comes_later(entry, *stream, *seq) {
                        return Err(self.effect_first(entry, event, seeing, (*stream, *seq, *saw)));
                    }
                }
                Ok(1)
            }
            EventBody::ThreadReplied(replied) => {
                let stream = StreamId::Room(replied.room);
                let Some(log) = self.index.log.stream(stream) else { return Ok(0) };
                let reply = log.events.iter().find(|logged| {
                    matches!(&logged.body, EventBody::MessageCreated(message) if message.id == replied.message)
                });
                match (reply, self.positions.get(&stream)) {
                    (Some(reply), Some(position))
                        if *position < reply.seq && self.comes_later(entry, stream, reply.seq) =>
                    {
                        Err(self.notice_first(entry, reply))
                    }
                    _ => Ok(1),
                }
            }
            _ => Ok(0),
        }
    }

    /// Whether the reader is pushed that event after `entry`. What never comes was dropped with the right to it or with the
    /// connection, and is out of no order; that nothing else is left out ordering/gapless says.
    fn comes_later(&self, entry: usize, stream: StreamId, seq: u64) -> bool {
        self.connection.received().any(|(at, frame)| {
            at > entry && matches!(frame, ServerFrame::Event(event) if (event.stream, event.seq) == (stream, seq))
        })
    }

    fn effect_first(&self, entry: usize, event: &Event, seeing: &Seeing, cause: (StreamId, u64, usize)) -> Violation {
        let (stream, seq, saw) = cause;
        let (names, author) = (self.index.names(), self.index.what(seeing.sent).device().unwrap_or_default());
        let effect = telling::event(names, event);
        Violation {
            expected: format!(
                "{} reads {} before {effect}, since {} had seen it when it wrote that",
                possessive(self.connection.device),
                names.place(stream, seq),
                possessive(author),
            ),
            observed: format!("{effect} comes first"),
            evidence: Story::new(self.index).commit(stream, seq).link(saw).link(seeing.sent).breaks(entry).tell(),
        }
    }

    fn notice_first(&self, entry: usize, reply: &Event) -> Violation {
        Violation {
            expected: format!(
                "{} reads {} before the notice of it",
                possessive(self.connection.device),
                telling::event(self.index.names(), reply)
            ),
            observed: "the notice comes first".to_owned(),
            evidence: Story::new(self.index).origin(reply).breaks(entry).tell(),
        }
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Unsubscribe, Visibility};

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    /// Ana and Ben are in the rooms general and side.
    fn scene() -> Scene {
        let mut scene = Scene::company();
        scene.has_room("side", Visibility::Private, &["ana", "ben"]);
        for device in ["ana/phone", "ben/phone"] {
            scene.closes(device);
            scene.opens(device);
        }
        scene
    }

    #[test]
    fn an_answer_before_its_question_is_a_violation() {
        let mut scene = scene();
        let question = scene.says("ana/phone", "general", "why?");
        scene.gets("ben/phone", &question);
        let answer = scene.says("ben/phone", "side", "because");
        scene.gets("ana/phone", &answer);
        scene.gets("ana/phone", &question);
        let violation = violated(&Cause, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's phone reads general#5 before side#5 message.created \"because\", since ben's phone had seen it when it \
             wrote that"
        );
    }

    #[test]
    fn what_the_author_was_answered_counts_as_seen() {
        let mut scene = scene();
        let first = scene.says("ben/phone", "general", "m1");
        scene.acknowledges("ben/phone", &first);
        let second = scene.says("ben/phone", "side", "m2");
        scene.gets("ana/phone", &second);
        scene.gets("ana/phone", &first);
        assert!(violated(&Cause, &scene.ends()).observed.ends_with("comes first"));
    }

    #[test]
    fn the_notice_of_a_reply_before_the_reply_is_a_violation() {
        let mut scene = scene();
        let root = scene.says("ana/phone", "general", "m1");
        scene.all_get(&root);
        scene.opens_thread("ana", &root);
        let opened = scene.logs[&root.stream].last().unwrap().clone();
        scene.all_get(&opened);
        scene.replies("ben/phone", &root, "m2");
        let notice = scene.logs[&StreamId::User(scene.user("ana"))].last().unwrap().clone();
        scene.gets("ana/phone", &notice);
        let is_reply = |event: &&Event| matches!(&event.body, EventBody::MessageCreated(reply) if reply.body == "m2");
        let reply = scene.logs[&root.stream].iter().find(is_reply).unwrap().clone();
        scene.gets("ana/phone", &reply);
        assert_eq!(violated(&Cause, &scene.ends()).observed, "the notice comes first");
    }

    #[test]
    fn who_is_as_far_as_the_author_and_who_does_not_follow_hold() {
        let mut scene = scene();
        let question = scene.says("ana/phone", "general", "why?");
        scene.gets("ben/phone", &question);
        let answer = scene.says("ben/phone", "side", "because");
        scene.gets("ana/phone", &question);
        scene.gets("ana/phone", &answer);
        // It begins behind both.
        scene.closes("ana/phone");
        scene.opens("ana/phone");
        // What ben did not see he did not write after.
        scene.says("ana/phone", "general", "m3");
        let unaware = scene.says("ben/phone", "side", "m4");
        scene.gets("ana/phone", &unaware);
        scene.gets("ben/phone", &unaware);
        // What it has lost the right to it is not told, though it was told of the answer.
        let question = scene.says("ana/phone", "general", "m7");
        scene.gets("ben/phone", &question);
        let answer = scene.says("ben/phone", "side", "m8");
        scene.gets("ana/phone", &answer);
        // What it is about to leave it need not be told.
        let question = scene.says("ana/phone", "general", "m5");
        scene.gets("ben/phone", &question);
        let answer = scene.says("ben/phone", "side", "m6");
        scene.sent("ana/phone", Some("u"), Command::Unsubscribe(Unsubscribe { stream: question.stream }));
        scene.gets("ana/phone", &answer);
        held(&Cause, &scene.ends());
    }

    #[test]
    fn where_nobody_is_pushed_a_message_there_is_nothing_to_check() {
        vacuous(&Cause, &Scene::company().ends());
    }
}
