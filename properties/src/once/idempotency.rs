//! `once/idempotency`: an operation that is sent again under its key has one effect, and one answer.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use system::client::ToldCreation;
use system::protocol::{
    AcceptInvitation, Command, CreateInvitation, CreateRoom, CreateUser, CreatedInvitation, EventBody, PostMessage,
    RoomId, ServerFrame, Session, StreamId, UserId,
};
use uuid::Uuid;

use crate::index::{Answer, Connection, Index, Operation, Request, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Idempotency;

/// Each is one operation, whether it is asked for over the WebSocket or over REST.
const SEND_MESSAGE: &str = "message.send";
const EDIT_MESSAGE: &str = "message.edit";
const DELETE_MESSAGE: &str = "message.delete";

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
    let invited = invited(index);
    for request in &index.requests {
        keys.add_request(request, &invited);
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
    effect: Option<Effect<'t>>,
    /// The objects that the answers named.
    named: Vec<(usize, String)>,
}

/// What an operation leaves in the log, as far as it can be told from its request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Effect<'t> {
    /// Somebody said something in a room.
    Message(UserId, RoomId, Cow<'t, str>),
    /// Somebody created a room of this name.
    Room(UserId, Cow<'t, str>),
    /// Somebody created a user with this email, or invited who became one.
    User(UserId, Cow<'t, str>),
    /// Somebody created an upload of this name.
    File(UserId, Cow<'t, str>),
    /// Somebody invited this email.
    Invitation(UserId, Cow<'t, str>),
}

impl<'t> Keys<'t> {
    fn add_connection(&mut self, index: &Index<'t>, connection: &Connection<'t>) {
        let Some(user) = index.users.get(&**connection.device).copied() else { return };
        let mut waiting: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for frame in &connection.frames {
            match frame.seen {
                Seen::Sent(sent) => {
                    let (operation, key, effect) = match &sent.command {
                        Command::MessageSend(send) => {
                            let said = Effect::Message(user, send.room, Cow::Borrowed(&send.body));
                            (SEND_MESSAGE, &send.idempotency_key, Some(said))
                        }
                        Command::MessageEdit(edit) => (EDIT_MESSAGE, &edit.idempotency_key, None),
                        Command::MessageDelete(delete) => (DELETE_MESSAGE, &delete.idempotency_key, None),
                        _ => continue,
                    };
                    let attempts = self.attempts.entry((user, operation, key)).or_default();
                    attempts.device = connection.device;
                    attempts.sent.push(frame.entry);
                    attempts.effect = effect;
                    if let Some(id) = &sent.id {
                        waiting.insert(id, (operation, key));
                    }
                }
                Seen::Received(ServerFrame::Ack(Some(id), ack)) => {
                    let Some((operation, key)) = waiting.get(id.as_str()) else { continue };
                    let Some(message) = ack.object.message() else { continue };
                    if let Some(attempts) = self.attempts.get_mut(&(user, *operation, *key)) {
                        attempts.named.push((frame.entry, name(&message.id.to_string(), message.version)));
                    }
                }
                _ => {}
            }
        }
    }

    fn add_request(&mut self, request: &Request<'t>, invited: &Invited) {
        // Who accepts an invitation is nobody yet.
        let accepts = request.operation == Operation::AcceptInvitation;
        let user = if accepts { Some(UserId(Uuid::nil())) } else { request.user };
        let (Some(user), Some(key)) = (user, request.key) else { return };
        let operation = match request.operation {
            Operation::PostMessage(_) => SEND_MESSAGE,
            Operation::EditMessage(_) => EDIT_MESSAGE,
            Operation::DeleteMessage(_) => DELETE_MESSAGE,
            _ => request.path,
        };
        let attempts = self.attempts.entry((user, operation, key)).or_default();
        attempts.device = request.device;
        attempts.sent.push(request.entry);
        if attempts.effect.is_none() {
            attempts.effect = effect_of(user, request, invited);
        }
        if let Some(answer) = request.success()
            && let Some(named) = named(request.operation, answer)
        {
            attempts.named.push((answer.entry, named));
        }
    }
}

/// Any object that has an identifier.
#[derive(Deserialize)]
struct Named {
    id: String,
    #[serde(default)]
    version: u64,
}

/// What an answer names; none where it names nothing.
fn named(operation: Operation, answer: Answer<'_>) -> Option<String> {
    match operation {
        Operation::AcceptInvitation => answer.object().map(|session: Session| session.user.id.to_string()),
        Operation::Invite => answer.object().map(|created: CreatedInvitation| created.invitation.id.to_string()),
        _ => answer.object().map(|named: Named| name(&named.id, named.version)),
    }
}

/// Whom each token invites, and who invited them.
type Invited = BTreeMap<String, (UserId, String)>;

fn invited(index: &Index<'_>) -> Invited {
    let answers = index.requests.iter().filter(|request| request.operation == Operation::Invite);
    let created = answers.filter_map(|request| request.success()?.object::<CreatedInvitation>());
    created.map(|created| (created.token, (created.invitation.invited_by, created.invitation.email))).collect()
}

/// What an answer names: an object, and which version of it where there was one before.
fn name(id: &str, version: u64) -> String {
    if version > 1 { format!("version {version} of {id}") } else { id.to_owned() }
}

fn effect_of(user: UserId, request: &Request<'_>, invited: &Invited) -> Option<Effect<'static>> {
    fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Option<T> {
        serde_json::from_str(body).ok()
    }
    match request.operation {
        Operation::PostMessage(room) => {
            read::<PostMessage>(request.body).map(|post| Effect::Message(user, room, post.body.into()))
        }
        Operation::CreateRoom => read::<CreateRoom>(request.body).map(|create| Effect::Room(user, create.name.into())),
        Operation::CreateUser => {
            read::<CreateUser>(request.body).map(|create| Effect::User(user, create.email.to_lowercase().into()))
        }
        Operation::CreateUpload => {
            read::<ToldCreation>(request.body).map(|told| Effect::File(user, told.file.name.into()))
        }
        Operation::Invite => read::<CreateInvitation>(request.body)
            .map(|create| Effect::Invitation(user, create.email.to_lowercase().into())),
        Operation::AcceptInvitation => {
            let (by, email) = invited.get(&read::<AcceptInvitation>(request.body)?.token)?;
            Some(Effect::User(*by, email.clone().into()))
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

/// What was meant, with the keys that it was meant under and what came of them.
type Meant<'a> = BTreeMap<&'a Effect<'a>, (BTreeSet<&'a str>, Vec<&'a Attempts<'a>>)>;

/// What was meant once is in the log once: no effect occurs more often than it has keys.
fn check_effects(index: &Index<'_>, keys: &Keys<'_>) -> Result<(), Violation> {
    let mut meant = Meant::new();
    for ((_, _, key), attempts) in &keys.attempts {
        if let Some(effect) = &attempts.effect {
            let (known, of) = meant.entry(effect).or_default();
            known.insert(key);
            of.push(attempts);
        }
    }
    let mut found: BTreeMap<&Effect<'_>, Vec<(StreamId, u64)>> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        for event in log.events {
            let effect = match (stream, &event.body) {
                (StreamId::Room(room), EventBody::MessageCreated(message)) => {
                    Effect::Message(message.author, room, Cow::Borrowed(&message.body))
                }
                (StreamId::Room(_), EventBody::RoomCreated(room)) => {
                    Effect::Room(room.created_by, Cow::Borrowed(&room.name))
                }
                (StreamId::Company(_), EventBody::UserCreated(user)) => {
                    Effect::User(event.sender, Cow::Borrowed(&user.email))
                }
                (StreamId::User(owner), EventBody::FileCreated(file)) => Effect::File(owner, Cow::Borrowed(&file.name)),
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
    check_invitations(index, &meant)
}

/// Invitations leave no event: each that was meant once is in the final list once.
fn check_invitations(index: &Index<'_>, meant: &Meant<'_>) -> Result<(), Violation> {
    let Some((entry, invitations)) = index.invitations else { return Ok(()) };
    for (effect, (known, of)) in meant {
        let Effect::Invitation(by, email) = effect else { continue };
        let found = invitations.iter().filter(|kept| kept.invited_by == *by && kept.email == *email).count();
        if found > known.len() {
            let device = of.first().map_or("", |attempts| attempts.device);
            let sent = of.iter().flat_map(|attempts| &attempts.sent);
            return Err(Violation {
                expected: format!("what {} sent under one idempotency key happened once", possessive(device)),
                observed: format!("{found} invitations came of it"),
                evidence: sent.fold(Story::new(index), |story, sent| story.link(*sent)).breaks(entry).tell(),
            });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    #[test]
    fn a_message_that_a_retry_says_again_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.fault("reset", "reset ana/phone");
        scene.says("ana/phone", "general", "m1");
        let violation = violated(&Idempotency, &scene.ends());
        assert_eq!(violation.expected, "what ana's phone sent under one idempotency key happened once");
        assert_eq!(violation.observed, "it is in the log 2 times: general#5 and general#6");
        assert_eq!(
            chain(&violation),
            [
                "ana/phone: message.send \"m1\" to general",
                "server: committed general#5 message.created \"m1\"",
                "fault: reset ana/phone",
                "ana/phone: message.send \"m1\" to general",
                "server: committed general#6 message.created \"m1\" <- breaks it",
            ]
        );
    }

    #[test]
    fn two_answers_that_name_two_objects_are_a_violation() {
        let mut scene = Scene::company();
        let path = format!("/api/v1/rooms/{}/messages", scene.room("general"));
        for _ in 0..2 {
            let message = scene.message("general", "ana", "m1");
            let request = scene.asks("ana/phone", "POST", &path, Some("k1"), r#"{"body":"m1"}"#);
            scene.answers("ana/phone", request, 201, &message);
        }
        let violation = violated(&Idempotency, &scene.ends());
        assert!(violation.expected.starts_with("each answer to ana's phone's key k1 names "), "{}", violation.expected);
        assert!(violation.observed.starts_with("one names "), "{}", violation.observed);
        assert_eq!(chain(&violation).last().unwrap(), "ana/phone: is answered 201: general#5 <- breaks it");
    }

    #[test]
    fn an_upload_that_a_retry_creates_again_is_a_violation() {
        let mut scene = Scene::company();
        scene.creates_upload("ana/phone", None, "a.bin", 1_000);
        scene.creates_upload("ana/phone", None, "a.bin", 1_000);
        let mut trace = scene.ends();
        // The first answer was lost: the two do not contradict each other.
        let answered = |what: &crate::trace::Observation| matches!(what, crate::trace::Observation::Answered { .. });
        let first = trace.entries.iter().position(|entry| answered(&entry.what)).expect("both were answered");
        trace.entries.remove(first);
        let violation = violated(&Idempotency, &trace);
        assert_eq!(violation.observed, "it is in the log 2 times: ana#3 and ana#5");
    }

    #[test]
    fn a_key_is_one_over_rest_and_websocket() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.acknowledges("ana/phone", &event);
        let path = format!("/api/v1/rooms/{}/messages", scene.room("general"));
        let request = scene.asks("ana/phone", "POST", &path, Some("m1"), r#"{"body":"m1"}"#);
        let another = scene.message("general", "ana", "m1");
        scene.answers("ana/phone", request, 201, &another);
        let violation = violated(&Idempotency, &scene.ends());
        assert_eq!(violation.observed, format!("one names {}", another.id));
    }

    /// An invitation under one key, and its acceptance under another, each asked for twice.
    fn invited(invitations: usize, users: usize) -> crate::trace::Trace {
        let mut scene = Scene::company();
        let created = scene.invitation("auditor", "zoe");
        let body = r#"{"email":"zoe@acme.example","role":"member"}"#;
        for _ in 0..2 {
            let request = scene.asks("auditor", "POST", "/api/v1/invitations", Some("k1"), body);
            scene.answers("auditor", request, 201, &created);
        }
        let accept = format!(r#"{{"token":"{}","name":"Zoe","password":"secret-1","device":"phone"}}"#, created.token);
        let first = scene.asks("ana/phone", "POST", "/api/v1/auth/accept", Some("k2"), &accept);
        for _ in 0..users {
            scene.has_user("zoe", system::protocol::Role::Member);
        }
        let session = scene.session("zoe");
        scene.answers("ana/phone", first, 201, &session);
        scene.asks("ana/phone", "POST", "/api/v1/auth/accept", Some("k2"), &accept);
        let invitations = vec![created.invitation; invitations];
        scene.observe(crate::trace::Observation::FinalInvitations { invitations });
        scene.ends()
    }

    #[test]
    fn a_retry_that_invites_again_or_makes_another_user_is_a_violation() {
        held(&Idempotency, &invited(1, 1));
        assert_eq!(violated(&Idempotency, &invited(2, 1)).observed, "2 invitations came of it");
        assert_eq!(
            violated(&Idempotency, &invited(1, 2)).observed,
            "it is in the log 2 times: company#6 and company#7"
        );
    }

    #[test]
    fn a_retry_with_one_effect_and_one_answer_holds() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.acknowledges("ana/phone", &event);
        scene.sends("ana/phone", "general", "m1", "m1");
        scene.acknowledges("ana/phone", &event);
        held(&Idempotency, &scene.ends());
    }

    #[test]
    fn without_a_retry_there_is_nothing_to_check() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        vacuous(&Idempotency, &scene.ends());
    }
}
