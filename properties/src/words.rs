//! One observation in a person's words: who, and what they did or saw.

use system::protocol::{ClientFrame, Command, Event, EventBody, ServerFrame, StreamState};

use crate::index::Index;
use crate::trace::{FaultChange, Observation, ServerChange};

/// Who did or saw what is told at `entry`, and what it was.
pub(crate) fn who_and_what(index: &Index<'_>, entry: usize) -> (String, String) {
    let names = index.names();
    match index.what(entry) {
        Observation::Phase { phase } => ("world".to_owned(), format!("{phase:?}").to_lowercase()),
        Observation::Step { text, .. } => ("history".to_owned(), text.clone()),
        Observation::Skipped { why, .. } => ("history".to_owned(), format!("skipped: {why}")),
        Observation::Fault { text, change: FaultChange::Began, .. } => ("fault".to_owned(), text.clone()),
        Observation::Fault { text, change: FaultChange::Ended, .. } => ("fault".to_owned(), format!("over: {text}")),
        Observation::FaultEffect { text, .. } => ("fault".to_owned(), text.clone()),
        Observation::LoggedIn { device, .. } => (device.to_string(), "logs in".to_owned()),
        Observation::ConnectionOpened { device, connection, .. } => {
            (device.to_string(), format!("connection {connection} opens"))
        }
        Observation::ConnectionClosed { device, connection, code, reason } => {
            let code = code.map_or(String::new(), |code| format!(" with {code}"));
            (device.to_string(), format!("connection {connection} ends{code}: {reason}"))
        }
        Observation::FrameSent { device, frame, .. } => (device.to_string(), sent(index, frame)),
        Observation::FrameReceived { device, frame, .. } => (device.to_string(), received(index, frame)),
        Observation::FrameUnreadable { device, text, error, .. } => {
            (device.to_string(), format!("cannot read `{}`: {error}", shortened(text)))
        }
        Observation::ReplicaBroken { device, stream, error } => {
            (device.to_string(), format!("cannot follow {}: {error}", names.stream(*stream)))
        }
        Observation::Requested { device, method, path, body, .. } => {
            let body = message_body(body).map_or(String::new(), |body| format!(" {body:?}"));
            (device.to_string(), format!("{method} {}{body}", names.path(path)))
        }
        Observation::Answered { device, status, .. } => (device.to_string(), format!("is answered {status}")),
        Observation::AnswerLost { device, reason, .. } => (device.to_string(), format!("gets no answer: {reason}")),
        Observation::Refused { device, operation, reason } => {
            (device.to_string(), format!("gives up: {operation}: {reason}"))
        }
        Observation::Recovered { device, after_ms } => {
            (device.to_string(), format!("is back, {after_ms} ms after the heal"))
        }
        Observation::Believed { device, belief, .. } => {
            let positions = belief.streams.iter().map(|(stream, replica)| names.place(*stream, replica.seq));
            let positions = positions.collect::<Vec<_>>().join(", ");
            let connected = if belief.connected { "connected" } else { "not connected" };
            (device.to_string(), format!("believes: {connected}, at {positions}"))
        }
        Observation::Committed { stream, seq, .. } => {
            ("server".to_owned(), format!("committed {}", names.place(*stream, *seq)))
        }
        Observation::Logged { level, message, .. } => ("server".to_owned(), format!("logs {level}: {message}")),
        Observation::Server { incarnation, change } => ("server".to_owned(), server(*incarnation, change)),
        Observation::FinalSnapshot { snapshot } => {
            ("auditor".to_owned(), format!("reads {} as of {}", names.stream(snapshot.stream), snapshot.seq))
        }
        Observation::FinalLog { stream, events, .. } => {
            let head = events.last().map_or(0, |event| event.seq);
            ("auditor".to_owned(), format!("reads the log of {}: it ends at {head}", names.stream(*stream)))
        }
        Observation::FinalReadFailed { what_was_read, reason } => {
            ("auditor".to_owned(), format!("cannot read {what_was_read}: {reason}"))
        }
        Observation::FinalConnections { list } => {
            let (connections, subscriptions) = (list.connections.len(), list.subscriptions);
            ("auditor".to_owned(), format!("counts {connections} connections and {subscriptions} subscriptions"))
        }
        Observation::FinalPresence { list } => ("auditor".to_owned(), format!("counts {} online", list.online.len())),
    }
}

/// An event as a report names it: `general#18 message.created "m18"`.
pub(crate) fn event(index: &Index<'_>, event: &Event) -> String {
    let place = index.names().place(event.stream, event.seq);
    match &event.body {
        EventBody::MessageCreated(message) => format!("{place} message.created {:?}", shortened(&message.body)),
        body => format!("{place} {}", body.kind()),
    }
}

fn sent(index: &Index<'_>, frame: &ClientFrame) -> String {
    let names = index.names();
    match &frame.command {
        Command::Hello(hello) if hello.positions.is_empty() => "hello".to_owned(),
        Command::Hello(hello) => {
            let positions = hello.positions.iter().map(|position| names.place(position.stream, position.seq));
            format!("hello from {}", positions.collect::<Vec<_>>().join(", "))
        }
        Command::Subscribe(subscribe) => format!("subscribe to {}", names.stream(subscribe.stream)),
        Command::Unsubscribe(unsubscribe) => format!("unsubscribe from {}", names.stream(unsubscribe.stream)),
        Command::MessageSend(send) => format!("message.send {:?}", shortened(&send.body)),
        Command::AuthRefresh(_) => "auth.refresh".to_owned(),
        Command::Pong => "pong".to_owned(),
    }
}

fn received(index: &Index<'_>, frame: &ServerFrame) -> String {
    let names = index.names();
    let state = |state: &StreamState| {
        let recovered = if state.recovered { "recovered" } else { "not recovered" };
        format!("{}, {recovered}", names.place(state.stream, state.seq))
    };
    match frame {
        ServerFrame::Welcome(_, welcome) => {
            let streams = welcome.streams.iter().map(state).collect::<Vec<_>>().join("; ");
            format!("is welcomed, follows {streams}")
        }
        ServerFrame::Subscribed(_, subscribed) => format!("is subscribed from {}", state(subscribed)),
        ServerFrame::Unsubscribed(_, unsubscribed) => {
            format!("is unsubscribed from {}", names.stream(unsubscribed.stream))
        }
        ServerFrame::Ack(_, ack) => {
            format!("is acknowledged {:?} at {}", shortened(&ack.object.body), names.place(ack.stream, ack.seq))
        }
        ServerFrame::TokenRefreshed(_, refreshed) => format!("has a token until {}", refreshed.token_expires_at),
        ServerFrame::Error(_, error) => format!("is refused: {}", error.message),
        ServerFrame::Event(pushed) => format!("receives {}", event(index, pushed)),
        ServerFrame::Closing(closing) => format!("is told that the connection closes with {}", closing.code),
        ServerFrame::Ping | ServerFrame::TokenExpiring(_) | ServerFrame::Presence(_) => {
            format!("receives {}", frame.kind())
        }
    }
}

fn server(incarnation: u32, change: &ServerChange) -> String {
    match change {
        ServerChange::Started => format!("starts, for the {incarnation}. time"),
        ServerChange::Listening => "accepts connections".to_owned(),
        ServerChange::Stopped => "stopped".to_owned(),
        ServerChange::Killed => "was killed".to_owned(),
        ServerChange::PowerLost { lost_writes, unsynced_writes } => {
            format!("lost power, and {lost_writes} of {unsynced_writes} unsynced writes")
        }
        ServerChange::Failed { reason } => format!("gave up: {reason}"),
        ServerChange::Panicked { message } => format!("panicked: {message}"),
    }
}

/// The text of a message that is posted over REST; none where the body is something else, passwords for one.
fn message_body(body: &str) -> Option<String> {
    let post: system::protocol::PostMessage = serde_json::from_str(body).ok()?;
    Some(shortened(&post.body))
}

/// The beginning of a text that may be long.
fn shortened(text: &str) -> String {
    const LIMIT: usize = 60;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
