//! `model/serializable`: all that was committed and answered is one run of the reference model.

use serde_json::Value;
use system::protocol::{ErrorCode, Event, EventBody, StreamId, UserId};

use super::answer::Answer;
use super::ask::{Ask, Said};
use super::decide::{Step, read};
use super::gone::rebuilt;
use super::order::Committed;
use super::run::{Misfit, Run};
use super::wanted::Wanted;
use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Serializable;

impl Property for Serializable {
    fn id(&self) -> &'static str {
        "model/serializable"
    }

    fn statement(&self) -> &'static str {
        "one order of the steps of a sequential model, which respects what came before what, gives every event that was \
         committed and every answer and refusal that was seen"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-1", "CG-3", "CG-4", "IT-3", "IT-4", "IT-13", "IT-14", "IT-15", "IT-E5", "PROTOCOL 1 2 6 8"]
    }

    fn does_not_verify(&self) -> &'static str {
        "logins, tokens and the lists of sessions; invitations, but that who accepts one becomes who was invited; how far \
         an upload is before its last byte, and what is in a file; what the feed makes rooms of; presence and typing; \
         pages after the first, and versions in headers; refusals for form, haste or a busy server; what was in a room \
         that was deleted when nobody had seen all of it"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        // A stream that could not be read is server/healthy's to tell: without it there is no order.
        if !index.log.is_complete() {
            return Verdict::Vacuous { reason: "the final logs are not there" };
        }
        let rebuilt = rebuilt(index);
        match Run::new(index, &rebuilt).check(|_, _, _| {}) {
            Ok(checked) => Verdict::from_count(checked, "nothing was committed or answered"),
            Err((run, misfit)) => Verdict::Violated(violation(&run, &rebuilt, &misfit)),
        }
    }
}

fn violation(run: &Run<'_, '_>, rebuilt: &[Event], misfit: &Misfit<'_>) -> Violation {
    let (index, names) = (run.index, run.index.names());
    match misfit {
        Misfit::Refused { place, event, code } => Violation {
            expected: format!(
                "{} is refused what {} tells of: {}",
                names.user(event.sender),
                telling::event(names, event),
                code.name()
            ),
            observed: format!("{} is committed", names.place(event.stream, event.seq)),
            evidence: told(index, cause(run, *place, event).origin(event), event),
        },
        Misfit::Differs { place, event, expected: Some((stream, body)) } => Violation {
            expected: format!("{} next in {}: {}", body.kind(), names.stream(*stream), in_words(run, body)),
            observed: format!("{}: {}", telling::event(names, event), difference(run, body, &event.body)),
            evidence: told(index, cause(run, *place, event), event),
        },
        Misfit::Differs { event, expected: None, .. } => Violation {
            expected: format!(
                "what {} asked for commits nothing like {}",
                names.user(event.sender),
                telling::event(names, event)
            ),
            observed: format!("{} is committed", names.place(event.stream, event.seq)),
            evidence: told(index, Story::new(index), event),
        },
        Misfit::Missing { event, expected: (stream, body), .. } => Violation {
            expected: format!(
                "with {}, {} says {}: {}",
                telling::event(names, event),
                names.stream(*stream),
                body.kind(),
                in_words(run, body)
            ),
            observed: format!("{} has nothing of it", names.stream(*stream)),
            evidence: told(index, Story::new(index).origin(event), event),
        },
        Misfit::Unknown { event } => Violation {
            expected: "every event is something that somebody can do".to_owned(),
            observed: format!("{} is nothing of the kind", telling::event(names, event)),
            evidence: told(index, Story::new(index), event),
        },
        Misfit::Unexplained { ask } => unexplained(run, rebuilt, *ask),
        Misfit::Unasked { event } => Violation {
            expected: format!("somebody asked for {}", telling::event(names, event)),
            observed: format!("{} asked for nothing of the kind before", names.user(event.sender)),
            evidence: told(index, Story::new(index), event),
        },
        Misfit::Unlike { event, ask, answer } => {
            let asked = &run.asks[*ask];
            let unlike = match asked.response.as_ref().map(|response| &response.said) {
                Some(Said::Done { answer: given, .. }) => unlike(run, answer, given),
                _ => "otherwise".to_owned(),
            };
            let response = asked.response.as_ref().map_or(asked.entry, |response| response.entry);
            Violation {
                expected: format!(
                    "{}, who asked for what {} tells of, is answered {unlike}",
                    possessive(asked.device),
                    telling::event(names, event)
                ),
                observed: telling::who_and_what(index, response).1,
                evidence: Story::new(index).link(asked.entry).commit(event.stream, event.seq).breaks(response).tell(),
            }
        }
    }
}

/// An answer that is true at no moment: what it would have been at each.
fn unexplained(run: &Run<'_, '_>, rebuilt: &[Event], ask: usize) -> Violation {
    let (index, asked) = (run.index, &run.asks[ask]);
    let mut said: Vec<(usize, String)> = Vec::new();
    // The model runs once more, for only a violation needs its words.
    let _ = Run::new(index, rebuilt).check(|run, place, other| {
        let words = (other == ask).then(|| would_say(run, asked));
        if let Some(words) = words
            && said.last().is_none_or(|(_, last)| *last != words)
        {
            said.push((place, words));
        }
    });
    let story = Story::new(index).link(asked.entry);
    let response = asked.response.as_ref().map_or(asked.entry, |response| response.entry);
    let moments = said.iter().map(|(place, words)| match last_event(run, *place) {
        Some(event) => format!("{words} as of {}", telling::event(index.names(), event)),
        None => format!("{words} at the beginning"),
    });
    let moments: Vec<String> = moments.collect();
    let expected = match moments.as_slice() {
        [] => "happens after all that was answered before it was asked".to_owned(),
        [only] => format!("is answered {only}"),
        [first, .., last] => format!("is answered {first}, or what it is later, up to {last}"),
    };
    let last = said.last().and_then(|(place, _)| last_event(run, *place));
    let story = match last {
        Some(event) => story.commit(event.stream, event.seq),
        None => story,
    };
    let (_, what) = telling::who_and_what(index, asked.entry);
    Violation {
        expected: format!("{}, who asks for {what}, {expected}", possessive(asked.device)),
        observed: format!("at no such moment is the answer true: {}", observed(run, asked)),
        evidence: story.breaks(response).tell(),
    }
}

fn last_event<'i>(run: &Run<'i, '_>, place: usize) -> Option<&'i Event> {
    let Committed { events, .. } = run.order.operations.get(place.checked_sub(1)?)?;
    events.first().copied()
}

/// What the model says to an ask now, as far as it differs from what was answered.
fn would_say(run: &Run<'_, '_>, ask: &Ask<'_>) -> String {
    let given = match ask.response.as_ref().map(|response| &response.said) {
        Some(Said::Done { answer, .. }) => Some(answer),
        _ => None,
    };
    let now = match &ask.wanted {
        Wanted::Read(reading) => read(&run.state, &run.index.log, ask.actor, reading, given),
        _ => match run.decide(ask) {
            Ok(Step::Same { answer, .. }) => Ok(answer),
            Ok(Step::Does { .. }) => return "as something that is still to be done".to_owned(),
            Err(code) => Err(code),
        },
    };
    match (now, given) {
        (Err(code), _) => refusal(code),
        (Ok(now), Some(given)) => unlike(run, &now, given),
        (Ok(_), None) => "with success".to_owned(),
    }
}

fn observed(run: &Run<'_, '_>, ask: &Ask<'_>) -> String {
    match ask.response.as_ref().map(|response| &response.said) {
        Some(Said::Refused { code, .. }) => refusal(*code),
        _ => {
            let entry = ask.response.as_ref().map_or(ask.entry, |response| response.entry);
            telling::who_and_what(run.index, entry).1
        }
    }
}

fn refusal(code: ErrorCode) -> String {
    format!("with a refusal, {}", code.name())
}

/// The events that bear upon what somebody may do at a place, before it: the last of each kind.
fn cause<'i, 't>(run: &Run<'i, 't>, place: usize, event: &Event) -> Story<'i, 't> {
    let room = match event.stream {
        StreamId::Room(room) => Some(room),
        _ => None,
    };
    let concerns = |user: UserId| user == event.sender;
    let bears = |earlier: &Event| match (&earlier.body, earlier.stream) {
        (EventBody::UserUpdated(user), StreamId::Company(_)) => concerns(user.id),
        (EventBody::MemberAdded(member), _) => Some(member.room) == room && concerns(member.user),
        (EventBody::MemberRemoved(member), _) => Some(member.room) == room && concerns(member.user),
        (EventBody::RoomUpdated(updated), StreamId::Room(_)) => Some(updated.id) == room,
        _ => false,
    };
    let before = run.order.operations[..place].iter().flat_map(|operation| &operation.events);
    let last = before.filter(|event| bears(event)).last();
    let story = Story::new(run.index);
    match last {
        Some(event) => story.commit(event.stream, event.seq),
        None => story,
    }
}

/// The chain up to an event, by its commit, or by the log where no commit was told.
fn told(index: &Index<'_>, story: Story<'_, '_>, event: &Event) -> Vec<crate::property::Evidence> {
    let logged = || index.log.stream(event.stream).map(|log| log.entry);
    match index.log.committed(event.stream, event.seq).or_else(logged) {
        Some(entry) => story.breaks(entry).tell(),
        None => story.tell(),
    }
}

fn in_words(run: &Run<'_, '_>, body: &EventBody) -> String {
    let data = serde_json::to_value(body).ok().and_then(|mut body| body.get_mut("data").map(Value::take));
    run.index.names().in_text(&data.unwrap_or_default().to_string())
}

fn difference(run: &Run<'_, '_>, expected: &EventBody, observed: &EventBody) -> String {
    let [expected, observed] = [expected, observed].map(|body| serde_json::to_value(body).unwrap_or_default());
    let differs = first_difference(&expected, &observed, String::new());
    differs.map_or_else(|| "at another place".to_owned(), |differs| run.index.names().in_text(&differs))
}

/// What an answer would be, where it is not what it was.
fn unlike(run: &Run<'_, '_>, now: &Answer, given: &Answer) -> String {
    let [expected, observed] = [now, given].map(as_json);
    let differs = first_difference(&expected, &observed, String::new());
    let differs = differs.unwrap_or_else(|| "at another position".to_owned());
    format!("otherwise ({})", run.index.names().in_text(&differs))
}

fn as_json(answer: &Answer) -> Value {
    let value = match answer {
        Answer::Nothing => Ok(Value::Null),
        Answer::User(object) => serde_json::to_value(object),
        Answer::Room(object) => serde_json::to_value(object),
        Answer::Member(object) => serde_json::to_value(object),
        Answer::Message(object) => serde_json::to_value(object),
        Answer::Thread(object) => serde_json::to_value(object),
        Answer::Marker(object) => serde_json::to_value(object),
        Answer::Status(object) => serde_json::to_value(object),
        Answer::File(object) => serde_json::to_value(object),
        Answer::Quota(object) => serde_json::to_value(object),
        Answer::Users(page) => serde_json::to_value(page),
        Answer::Rooms(page) => serde_json::to_value(page),
        Answer::Members(page) => serde_json::to_value(page),
        Answer::Messages(page) => serde_json::to_value(page),
        Answer::Threads(page) => serde_json::to_value(page),
        Answer::Files(page) => serde_json::to_value(page),
        Answer::Snapshot(snapshot) => serde_json::to_value(snapshot),
        Answer::Events(page) => serde_json::to_value(page),
    };
    value.unwrap_or_default()
}

/// Where two texts of JSON first differ: `data.body is "m1", not "m2"`.
fn first_difference(expected: &Value, observed: &Value, path: String) -> Option<String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (expected, observed) {
        (Value::Object(expected), Value::Object(observed)) => {
            let names = expected.keys().chain(observed.keys().filter(|name| !expected.contains_key(*name)));
            let at =
                |object: &serde_json::Map<String, Value>, name: &str| object.get(name).cloned().unwrap_or_default();
            names
                .map(|name| (name, at(expected, name), at(observed, name)))
                .find_map(|(name, expected, observed)| first_difference(&expected, &observed, below(name)))
        }
        (Value::Array(expected), Value::Array(observed)) if expected.len() == observed.len() => {
            (0..).zip(expected.iter().zip(observed)).find_map(|(place, (expected, observed)): (usize, _)| {
                first_difference(expected, observed, below(&place.to_string()))
            })
        }
        (Value::Array(expected), Value::Array(observed)) => {
            Some(format!("{path} has {} items, not {}", expected.len(), observed.len()))
        }
        _ if expected == observed => None,
        _ => Some(format!("{path} is {expected}, not {observed}")),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Message, Page, Problem, Role, Status, ThreadId, UserStatus, Visibility};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    fn messages(scene: &Scene, room: &str) -> Page<Message> {
        let log = &scene.logs[&scene.room_stream(room)];
        let items = log.iter().filter_map(|event| event.body.message().cloned()).collect();
        Page { items, next: None }
    }

    fn path(scene: &Scene, room: &str, below: &str) -> String {
        format!("/api/v1/rooms/{}{below}", scene.room(room))
    }

    fn refuses(scene: &mut Scene, device: &str, request: u32, code: ErrorCode) {
        let problem = Problem {
            r#type: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            detail: "no".into(),
            code,
            correlation_id: "c".into(),
            errors: Vec::new(),
            quota: None,
        };
        scene.answers(device, request, code.status(), &problem);
    }

    #[test]
    fn what_the_contract_refuses_and_was_committed_is_a_violation() {
        let mut scene = Scene::company();
        scene.removes("auditor", "general", "ben");
        scene.says("ben/phone", "general", "m1");
        let violation = violated(&Serializable, &scene.ends());
        assert_eq!(violation.expected, "ben is refused what general#6 message.created \"m1\" tells of: not_found");
        assert_eq!(
            chain(&violation),
            [
                "server: committed general#5 member.removed ben",
                "ben/phone: message.send \"m1\" to general",
                "server: committed general#6 message.created \"m1\" <- breaks it",
            ]
        );
    }

    #[test]
    fn an_event_that_says_something_else_is_a_violation() {
        let mut scene = Scene::company();
        let message = Message { version: 2, ..scene.message("general", "ana", "m1") };
        scene.commit("ana", vec![(scene.room_stream("general"), EventBody::MessageCreated(message))]);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.ends_with("data.version is 1, not 2"), "{violation:?}");
    }

    #[test]
    fn an_event_that_is_missing_beside_another_is_a_violation() {
        let mut scene = Scene::company();
        let root = scene.says("ben/phone", "general", "m1");
        scene.opens_thread("ana", &root);
        scene.replies("ana/phone", &root, "m2");
        scene.logs.get_mut(&StreamId::User(scene.user("ben"))).and_then(Vec::pop).expect("ben was told");
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.expected.contains("ben's own stream says thread.replied"), "{violation:?}");
    }

    #[test]
    fn an_event_that_no_operation_has_is_a_violation() {
        let mut scene = Scene::company();
        let root = scene.says("ben/phone", "general", "m1");
        let thread = scene.opens_thread("ana", &root);
        scene.commit("ana", vec![(scene.room_stream("general"), EventBody::ThreadUpdated(thread))]);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.ends_with("is nothing of the kind"), "{violation:?}");
    }

    #[test]
    fn an_event_beside_those_of_its_operation_is_a_violation() {
        let mut scene = Scene::company();
        let stream = scene.room_stream("general");
        let first = scene.message("general", "ana", "m1");
        let second = Message { seq: first.seq + 1, ..scene.message("general", "ana", "m2") };
        scene.commit("ana", [first, second].map(|message| (stream, EventBody::MessageCreated(message))).to_vec());
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.expected.ends_with("commits nothing like general#6 message.created \"m2\""), "{violation:?}");
    }

    #[test]
    fn an_answer_that_was_never_true_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        let mut page = messages(&scene, "general");
        page.items[0].body = "m0".into();
        let request = scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, "");
        scene.answers("ben/phone", request, 200, &page);
        let violation = violated(&Serializable, &scene.ends());
        assert_eq!(
            violation.expected,
            "ben's phone, who asks for GET /rooms/general/messages, is answered otherwise (items.0.body is \"m1\", not \
             \"m0\") as of general#5 message.created \"m1\""
        );
    }

    #[test]
    fn an_answer_that_was_true_before_something_else_was_seen_is_a_violation() {
        let mut scene = Scene::company();
        let stale = messages(&scene, "general");
        scene.says("ana/phone", "general", "m1");
        let seen = messages(&scene, "general");
        for page in [seen, stale] {
            let request = scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, "");
            scene.answers("ben/phone", request, 200, &page);
        }
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.expected.contains("items has 1 items, not 0"), "{violation:?}");
    }

    #[test]
    fn a_refusal_that_nothing_justifies_is_a_violation() {
        let mut scene = Scene::company();
        let request = scene.asks("ana/phone", "GET", &path(&scene, "general", "/messages"), None, "");
        refuses(&mut scene, "ana/phone", request, ErrorCode::Forbidden);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.ends_with("with a refusal, forbidden"), "{violation:?}");
    }

    #[test]
    fn an_acknowledgement_that_is_not_its_event_is_a_violation() {
        let mut scene = Scene::company();
        let mut event = scene.says("ana/phone", "general", "m1");
        event.seq += 1;
        scene.acknowledges("ana/phone", &event);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.contains("is acknowledged \"m1\""), "{violation:?}");
    }

    #[test]
    fn a_repeat_that_is_answered_with_something_else_is_a_violation() {
        let mut scene = Scene::company();
        let first = scene.says("ana/phone", "general", "m1");
        scene.acknowledges("ana/phone", &first);
        scene.sends("ana/phone", "general", "m1", "m1");
        scene.acknowledges("ana/phone", &first);
        let violation = violated(&Serializable, &scene.ends());
        assert!(violation.observed.contains("is acknowledged \"m1\""), "it was not told to be a repeat: {violation:?}");
    }

    #[test]
    fn what_overlaps_may_have_happened_in_either_order() {
        let mut scene = Scene::company();
        let before = messages(&scene, "general");
        let [early, late] =
            [(); 2].map(|()| scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, ""));
        let event = scene.says("ana/phone", "general", "m1");
        scene.answers("ben/phone", late, 200, &messages(&scene, "general"));
        scene.answers("ben/phone", early, 200, &before);
        scene.acknowledges("ana/phone", &event);
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn where_an_answer_was_lost_it_may_have_happened_or_not() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.sends("ana/phone", "general", "m2", "m2");
        let request = scene.asks("ben/phone", "GET", &path(&scene, "general", "/messages"), None, "");
        scene.answers("ben/phone", request, 200, &messages(&scene, "general"));
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn refusals_that_the_state_justifies_hold() {
        let mut scene = Scene::company();
        let root = scene.says("ana/phone", "general", "m1");
        let thread = ThreadId(root.body.message().expect("it is one").id.0);
        let replies = path(&scene, "general", &format!("/threads/{thread}/messages"));
        let request = scene.asks("ana/phone", "GET", &replies, None, "");
        refuses(&mut scene, "ana/phone", request, ErrorCode::NotFound);
        scene.has_room("den", Visibility::Private, &[]);
        let request = scene.asks("ana/phone", "GET", &path(&scene, "den", ""), None, "");
        refuses(&mut scene, "ana/phone", request, ErrorCode::NotFound);
        let body = r#"{"role":"owner"}"#;
        let role = format!("/api/v1/users/{}/role", scene.user("ben"));
        let request = scene.asks("ana/phone", "PUT", &role, None, body);
        refuses(&mut scene, "ana/phone", request, ErrorCode::Forbidden);
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn the_last_owner_stays_one_and_who_is_deactivated_is_heard_no_more() {
        let mut scene = Scene::company();
        scene.changes("auditor", "ana", |user| user.role = Role::Owner);
        scene.changes("ana", "auditor", |user| user.role = Role::Member);
        let role = format!("/api/v1/users/{}/role", scene.user("ana"));
        let request = scene.asks("ana/phone", "PUT", &role, None, r#"{"role":"guest"}"#);
        refuses(&mut scene, "ana/phone", request, ErrorCode::LastOwner);
        scene.changes("ana", "ben", |user| user.active = false);
        let request = scene.asks("ben/phone", "GET", "/api/v1/users/me", None, "");
        refuses(&mut scene, "ben/phone", request, ErrorCode::SessionRevoked);
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn what_changes_nothing_is_answered_with_what_there_is() {
        let mut scene = Scene::company();
        let chosen = UserStatus { user: scene.user("ana"), status: Status::Busy, text: None };
        for _ in 0..2 {
            let body = r#"{"status":"busy"}"#;
            let request = scene.asks("ana/phone", "PUT", "/api/v1/users/me/status", None, body);
            if !scene.logs[&StreamId::User(scene.user("ana"))].iter().any(|event| event.body.kind() == "status.updated")
            {
                scene.chooses("ana", Status::Busy, None);
            }
            scene.answers("ana/phone", request, 200, &chosen);
        }
        held(&Serializable, &scene.ends());
    }

    #[test]
    fn without_logs_there_is_nothing_to_check() {
        vacuous(&Serializable, &crate::trace::Trace::default());
    }
}
