//! What does not fit a run of the model, in the users' words.

use serde_json::Value;
use system::protocol::{ErrorCode, Event, EventBody, StreamId, UserId};

use super::answer::Answer;
use super::ask::{Ask, Said};
use super::decide::{Step, read};
use super::misfit::Misfit;
use super::order::Committed;
use super::run::Run;
use super::wanted::Wanted;
use crate::index::Index;
use crate::property::{Evidence, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// Tells what does not fit.
pub(super) fn violation(run: &Run<'_, '_>, rebuilt: &[Event], misfit: &Misfit<'_>) -> Violation {
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
        Misfit::Differs { place, event, expected: Some(expected) } => Violation {
            expected: format!(
                "{} next in {}: {}",
                expected.1.kind(),
                names.stream(expected.0),
                in_words(run, &expected.1)
            ),
            observed: format!("{}: {}", telling::event(names, event), difference(run, &expected.1, &event.body)),
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
        Misfit::Missing { event, expected } => Violation {
            expected: format!(
                "with {}, {} says {}: {}",
                telling::event(names, event),
                names.stream(expected.0),
                expected.1.kind(),
                in_words(run, &expected.1)
            ),
            observed: format!("{} has nothing of it", names.stream(expected.0)),
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
        Wanted::Read(reading) => read(&run.state, (&run.index.log, &run.order), ask.actor, reading, given),
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
    let last = before.rev().find(|event| bears(event));
    let story = Story::new(run.index);
    match last {
        Some(event) => story.commit(event.stream, event.seq),
        None => story,
    }
}

/// The chain up to an event, by its commit, or by the log where no commit was told.
fn told(index: &Index<'_>, story: Story<'_, '_>, event: &Event) -> Vec<Evidence> {
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
