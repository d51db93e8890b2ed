//! Messages that say when they were sent, so that whoever gets one knows how long it took.

use std::time::Duration;

use system::protocol::{ClientFrame, Command, MessageSend, RoomId};
use tokio::time::Instant;

/// What a body begins with: the microseconds since the load began come next.
const MARK: &str = "sent at ";

/// The size of every body of the load, in bytes (the issue's and FIELD.md's).
const BODY_BYTES: usize = 200;

/// A body that says when it was sent.
pub(super) fn body(began: Instant) -> String {
    let body = format!("{MARK}{} ", began.elapsed().as_micros());
    format!("{body:.<BODY_BYTES$}")
}

/// A command that sends a message now. Its `id` is its key, which begins with the time, as the client library's own do.
pub(super) fn message(began: Instant, room: RoomId, name: &str) -> ClientFrame {
    let key = format!("{:012x}-{name}", began.elapsed().as_micros());
    let send = MessageSend { room, thread: None, body: body(began), idempotency_key: key.clone() };
    ClientFrame { id: Some(key), command: Command::MessageSend(send) }
}

/// How long a pushed message has taken, if the text is one. Nothing but the mark is read: thousands share a core.
pub(super) fn age(began: Instant, text: &str) -> Option<Duration> {
    let rest = text.strip_prefix(r#"{"type":"message.created""#)?;
    let (_, rest) = rest.split_once(MARK)?;
    let digits = rest.split(' ').next()?;
    began.elapsed().checked_sub(Duration::from_micros(digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_its_age() {
        let began = Instant::now();
        let body = body(began);
        assert_eq!(body.len(), BODY_BYTES);
        let pushed = format!(r#"{{"type":"message.created","data":{{"body":"{body}"}}}}"#);
        assert!(age(began, &pushed).is_some());
        assert!(age(began, r#"{"type":"welcome"}"#).is_none());
    }
}
