//! `once/idempotency`: an operation that is sent again under its key has one effect, and one answer.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use system::protocol::{
    Command, CreateRoom, CreateUser, EventBody, PostMessage, RoomId, ServerFrame, StreamId, UserId,
};

use crate::index::{Connection, Index, Operation, Request, Seen};
use crate::names::possessive;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;

/// See the module.
pub(crate) struct Idempotency;

impl Property for Idempotency {
    fn id(&self) -> &'static str {
        "once/idempotency"
    }

    fn statement(&self) -> &'static str {
        "all answers to one user's operation under one idempotency key name the same object, and the log holds at most \
         one effect of it"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-3", "IT-E5", "PROTOCOL 8"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a key with another body is refused, nor operations that need no key because doing them twice is the same \
         as once"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no idempotency key was sent twice")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut keys = Keys::default();
    for connection in &index.connections {
        keys.add_connection(index, connection);
    }
    for request in &index.requests {
        keys.add_request(request);
    }
    for ((_, _, key), attempts) in &keys.attempts {
        check_answers(index, key, attempts)?;
    }
    check_effects(index, &keys)?;
    let repeated = keys.attempts.values().filter(|attempts| attempts.sent.len() > 1).count();
    Ok(u64::try_from(repeated).unwrap_or(u64::MAX))
}

/// Every key that was sent, by user and operation.
#[derive(Default)]
struct Keys<'t> {
    attempts: BTreeMap<(UserId, &'t str, &'t str), Attempts<'t>>,
}

/// What came of one key.
#[derive(Default)]
struct Attempts<'t> {
    device: &'t str,
    sent: Vec<usize>,
    effect: Option<Effect>,
    /// The objects that the answers named.
    named: Vec<(usize, String)>,
}

/// What an operation leaves in the log, as far as it can be told from its request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Effect {
    /// Somebody said something in a room.
    Message(UserId, RoomId, String),
    /// Somebody created a room of this name.
    Room(UserId, String),
    /// Somebody created a user with this email.
    User(UserId, String),
}

impl<'t> Keys<'t> {
    fn add_connection(&mut self, index: &Index<'t>, connection: &Connection<'t>) {
        let Some(user) = index.users.get(&**connection.device).copied() else { return };
        let mut waiting: BTreeMap<&str, &str> = BTreeMap::new();
        for frame in &connection.frames {
            match frame.seen {
                Seen::Sent(sent) => {
                    let Command::MessageSend(send) = &sent.command else { continue };
                    let attempts = self.attempts.entry((user, "message.send", &send.idempotency_key)).or_default();
                    attempts.device = connection.device;
                    attempts.sent.push(frame.entry);
                    attempts.effect = Some(Effect::Message(user, send.room, send.body.clone()));
                    if let Some(id) = &sent.id {
                        waiting.insert(id, &send.idempotency_key);
                    }
                }
                Seen::Received(ServerFrame::Ack(Some(id), ack)) => {
                    let Some(key) = waiting.get(id.as_str()) else { continue };
                    if let Some(attempts) = self.attempts.get_mut(&(user, "message.send", *key)) {
                        attempts.named.push((frame.entry, ack.object.id.to_string()));
                    }
                }
                _ => {}
            }
        }
    }

    fn add_request(&mut self, request: &Request<'t>) {
        let (Some(user), Some(key)) = (request.user, request.key) else { return };
        let attempts = self.attempts.entry((user, request.path, key)).or_default();
        attempts.device = request.device;
        attempts.sent.push(request.entry);
        if attempts.effect.is_none() {
            attempts.effect = effect_of(user, request);
        }
        if let Some(answer) = request.success()
            && let Some(named) = answer.object::<Named>()
        {
            attempts.named.push((answer.entry, named.id));
        }
    }
}

/// Any object that has an identifier.
#[derive(Deserialize)]
struct Named {
    id: String,
}

fn effect_of(user: UserId, request: &Request<'_>) -> Option<Effect> {
    fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Option<T> {
        serde_json::from_str(body).ok()
    }
    match request.operation {
        Operation::PostMessage(room) => {
            read::<PostMessage>(request.body).map(|post| Effect::Message(user, room, post.body))
        }
        Operation::CreateRoom => read::<CreateRoom>(request.body).map(|create| Effect::Room(user, create.name)),
        Operation::CreateUser => {
            read::<CreateUser>(request.body).map(|create| Effect::User(user, create.email.to_lowercase()))
        }
        _ => None,
    }
}

fn check_answers(index: &Index<'_>, key: &str, attempts: &Attempts<'_>) -> Result<(), Violation> {
    let Some((first, object)) = attempts.named.first() else { return Ok(()) };
    let Some((other, another)) = attempts.named.iter().find(|(_, named)| named != object) else { return Ok(()) };
    let story = attempts.sent.iter().fold(Story::new(index), |story, sent| story.link(*sent));
    Err(Violation {
        expected: format!("each answer to {}'s key {key} names {object}", possessive(attempts.device)),
        observed: format!("one names {another}"),
        evidence: story.link(*first).breaks(*other).tell(),
    })
}

/// What was meant once is in the log once: no effect occurs more often than it has keys.
fn check_effects(index: &Index<'_>, keys: &Keys<'_>) -> Result<(), Violation> {
    let mut meant: BTreeMap<&Effect, (BTreeSet<&str>, Vec<&Attempts<'_>>)> = BTreeMap::new();
    for ((_, _, key), attempts) in &keys.attempts {
        if let Some(effect) = &attempts.effect {
            let (known, of) = meant.entry(effect).or_default();
            known.insert(key);
            of.push(attempts);
        }
    }
    let mut found: BTreeMap<&Effect, Vec<(StreamId, u64)>> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        for event in log.events {
            let effect = match (stream, &event.body) {
                (StreamId::Room(room), EventBody::MessageCreated(message)) => {
                    Effect::Message(message.author, room, message.body.clone())
                }
                (StreamId::Room(_), EventBody::RoomCreated(room)) => Effect::Room(room.created_by, room.name.clone()),
                (StreamId::Company(_), EventBody::UserCreated(user)) => Effect::User(event.sender, user.email.clone()),
                _ => continue,
            };
            let Some((effect, (known, of))) = meant.get_key_value(&effect) else { continue };
            let places = found.entry(effect).or_default();
            places.push((stream, event.seq));
            if places.len() > known.len() {
                return Err(twice(index, log.entry, places, of));
            }
        }
    }
    Ok(())
}

fn twice(index: &Index<'_>, entry: usize, places: &[(StreamId, u64)], of: &[&Attempts<'_>]) -> Violation {
    let names = index.names();
    let device = of.first().map_or("", |attempts| attempts.device);
    let said = places.iter().map(|(stream, seq)| names.place(*stream, *seq)).collect::<Vec<_>>().join(" and ");
    let mut story = Story::new(index);
    for sent in of.iter().flat_map(|attempts| &attempts.sent) {
        story = story.link(*sent);
    }
    for (stream, seq) in places {
        story = story.commit(*stream, *seq);
    }
    let breaking = places.last().and_then(|(stream, seq)| index.log.committed(*stream, *seq)).unwrap_or(entry);
    Violation {
        expected: format!("what {} sent under one idempotency key happened once", possessive(device)),
        observed: format!("it is in the log {} times: {said}", places.len()),
        evidence: story.breaks(breaking).tell(),
    }
}
