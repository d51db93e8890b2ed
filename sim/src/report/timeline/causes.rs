//! Which correlation id each observation belongs to: from the request to the commit and the pushes.
//!
//! Events and refusals carry their correlation id. What was asked has the id of what it led to: that of the event that its
//! answer names, else of the message with its text, else of the only thing that its user did on the server between question
//! and answer. Where nothing of that is certain there is none. A correlation id that is shown is never a guess between two.

use std::collections::{BTreeMap, BTreeSet};

use properties::trace::{Observation, Trace};
use serde::Deserialize;
use system::protocol::{
    AckObject, Command, Event, EventBody, Message, MessageSend, PostMessage, ServerFrame, StreamId, User, UserId,
};

use super::exchanges::Exchange;

/// The correlation id of each place in the trace; none where none is known.
pub(super) type Causes<'t> = Vec<Option<&'t str>>;

/// What was committed under one correlation id.
#[derive(Debug)]
struct Deed {
    sender: UserId,
    /// The place of its first commit.
    committed: usize,
}

/// Finds the correlation ids of a trace.
pub(super) fn causes<'t>(trace: &'t Trace, exchanges: &[Exchange]) -> Causes<'t> {
    let known = Known::of(trace);
    let mut causes: Causes<'t> = trace.entries.iter().map(|entry| known.carried(&entry.what)).collect();
    let mut open = Vec::new();
    for exchange in exchanges {
        let answer = exchange.answered.map(|answered| &trace.entries[answered].what);
        let led_to = answer.and_then(|answer| known.answered(answer)).or_else(|| known.said(trace, exchange));
        match led_to {
            Some(cause) => mark(&mut causes, exchange, cause),
            None => open.push(exchange),
        }
    }
    for (exchange, cause) in known.only_ones(trace, &open, &causes) {
        mark(&mut causes, exchange, cause);
    }
    causes
}

fn mark<'t>(causes: &mut Causes<'t>, exchange: &Exchange, cause: &'t str) {
    for entry in [Some(exchange.sent), exchange.answered].into_iter().flatten() {
        causes[entry] = Some(cause);
    }
}

/// What the trace says of events, by what they are found by.
struct Known<'t> {
    events: BTreeMap<(StreamId, u64), &'t Event>,
    /// Messages by author, room and text; texts are unique in a history.
    messages: BTreeMap<(UserId, StreamId, &'t str), &'t str>,
    deeds: BTreeMap<&'t str, Deed>,
    users: BTreeMap<&'t str, UserId>,
}

impl<'t> Known<'t> {
    fn of(trace: &'t Trace) -> Self {
        let mut events = BTreeMap::new();
        let mut users = BTreeMap::new();
        for entry in &trace.entries {
            match &entry.what {
                Observation::FrameReceived { frame, .. } => {
                    if let ServerFrame::Event(event) = &**frame {
                        events.entry((event.stream, event.seq)).or_insert(event);
                    }
                }
                // What is durable is the truth.
                Observation::FinalLog { events: log, .. } => {
                    events.extend(log.iter().map(|event| ((event.stream, event.seq), event)));
                }
                Observation::LoggedIn { device, user, .. } => {
                    users.insert(&**device, *user);
                }
                // Whoever registers the company is told who they are, and logs in nowhere.
                Observation::Answered { device, body, .. } if !users.contains_key(&**device) => {
                    if let Ok(Told { user }) = serde_json::from_str(body) {
                        users.insert(&**device, user.id);
                    }
                }
                _ => {}
            }
        }
        let mut messages = BTreeMap::new();
        for event in events.values() {
            if let EventBody::MessageCreated(message) = &event.body {
                messages.insert((message.author, event.stream, &*message.body), &*event.correlation_id);
            }
        }
        let mut known = Self { events, messages, deeds: BTreeMap::new(), users };
        for (committed, entry) in trace.entries.iter().enumerate() {
            let Observation::Committed { stream, seq, .. } = entry.what else { continue };
            let Some(event) = known.events.get(&(stream, seq)) else { continue };
            known.deeds.entry(&event.correlation_id).or_insert(Deed { sender: event.sender, committed });
        }
        known
    }

    /// What an observation says itself.
    fn carried(&self, what: &'t Observation) -> Option<&'t str> {
        match what {
            Observation::Committed { stream, seq, .. } => self.of_event(*stream, *seq),
            Observation::FrameReceived { frame, .. } => match &**frame {
                ServerFrame::Event(event) => Some(&event.correlation_id),
                ServerFrame::Error(_, error) => Some(&error.correlation_id),
                _ => None,
            },
            Observation::Logged { fields, .. } => fields.get("correlation_id").map(String::as_str),
            _ => None,
        }
    }

    /// What an answer says of what it answers.
    fn answered(&self, answer: &'t Observation) -> Option<&'t str> {
        match answer {
            Observation::FrameReceived { frame, .. } => match &**frame {
                ServerFrame::Error(_, error) => Some(&error.correlation_id),
                ServerFrame::Ack(_, ack) => {
                    let event = self.events.get(&(ack.stream, ack.seq))?;
                    // Where nothing had to change, the position is that of something else.
                    is_of(&event.body, &ack.object).then_some(&event.correlation_id)
                }
                _ => None,
            },
            Observation::Answered { status, body, .. } if *status >= 400 => {
                let problem: Carried<'t> = serde_json::from_str(body).ok()?;
                Some(problem.correlation_id)
            }
            Observation::Answered { body, .. } => {
                let message: Message = serde_json::from_str(body).ok()?;
                let event = self.events.get(&(StreamId::Room(message.room), message.seq))?;
                // A later version of it stands where the first one stood.
                (event.body.message()? == &message).then_some(&event.correlation_id)
            }
            _ => None,
        }
    }

    /// The message that was sent, if it came to be.
    fn said(&self, trace: &Trace, exchange: &Exchange) -> Option<&'t str> {
        let what = &trace.entries[exchange.sent].what;
        let author = self.users.get(what.device()?)?;
        match what {
            Observation::FrameSent { frame, .. } => {
                let Command::MessageSend(MessageSend { room, body, .. }) = &frame.command else { return None };
                self.messages.get(&(*author, StreamId::Room(*room), &**body)).copied()
            }
            Observation::Requested { method, path, body, .. } if method == "POST" => {
                let room = path.strip_suffix("/messages")?.rsplit('/').next()?;
                let room = serde_json::from_value(room.into()).ok()?;
                let post: PostMessage = serde_json::from_str(body).ok()?;
                self.messages.get(&(*author, StreamId::Room(room), &*post.body)).copied()
            }
            _ => None,
        }
    }

    /// Requests of which only one thing can have come, which can have come of only one of them.
    fn only_ones<'e>(&self, trace: &Trace, open: &[&'e Exchange], causes: &Causes<'t>) -> Vec<(&'e Exchange, &'t str)> {
        let claimed: BTreeSet<&str> = trace
            .entries
            .iter()
            .zip(causes)
            .filter(|(entry, _)| entry.what.device().is_some() && !is_push(&entry.what))
            .filter_map(|(_, cause)| *cause)
            .collect();
        let mut candidates: BTreeMap<usize, Vec<&'t str>> = BTreeMap::new();
        for (number, exchange) in open.iter().enumerate() {
            let what = &trace.entries[exchange.sent].what;
            let asks_for_more =
                !matches!(what, Observation::Requested { method, .. } if matches!(&**method, "GET" | "HEAD"));
            let user = what.device().and_then(|device| self.users.get(device));
            let (Some(user), Some(answered), true) = (user, exchange.answered, asks_for_more) else { continue };
            let is_its = |deed: &Deed| deed.sender == *user && (exchange.sent..answered).contains(&deed.committed);
            let fitting = self.deeds.iter().filter(|(cause, deed)| is_its(deed) && !claimed.contains(**cause));
            candidates.insert(number, fitting.map(|(cause, _)| *cause).collect());
        }
        let is_shared = |cause: &str| candidates.values().filter(|causes| causes.contains(&cause)).count() > 1;
        let alone = candidates.iter().filter_map(|(number, causes)| match causes[..] {
            [cause] if !is_shared(cause) => Some((open[*number], cause)),
            _ => None,
        });
        alone.collect()
    }

    fn of_event(&self, stream: StreamId, seq: u64) -> Option<&'t str> {
        self.events.get(&(stream, seq)).map(|event| &*event.correlation_id)
    }
}

/// What of the answer to a registration or a login matters here.
#[derive(Deserialize)]
struct Told {
    user: User,
}

/// What of a refusal (`system::protocol::Problem`) matters here, without a copy.
#[derive(Deserialize)]
struct Carried<'t> {
    #[serde(borrow)]
    correlation_id: &'t str,
}

fn is_push(what: &Observation) -> bool {
    matches!(what, Observation::FrameReceived { frame, .. } if matches!(**frame, ServerFrame::Event(_)))
}

fn is_of(body: &EventBody, object: &AckObject) -> bool {
    match (body, object) {
        (EventBody::ReadUpdated(marker), AckObject::ReadMarker(acknowledged)) => marker == acknowledged,
        (EventBody::StatusUpdated(status), AckObject::Status(acknowledged)) => status == acknowledged,
        (body, AckObject::Message(message)) => body.message() == Some(message),
        _ => false,
    }
}
