//! Questions and their answers: REST requests by their number, commands by the `id` that comes back.

use std::collections::BTreeMap;

use properties::trace::{Observation, Trace};
use system::protocol::Command;

/// Something that a device asked, by the places in the trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Exchange {
    /// Where it was asked.
    pub(super) sent: usize,
    /// Where it was answered.
    pub(super) answered: Option<usize>,
    /// Where it was told that no answer comes: of a command, the end of its connection.
    pub(super) lost: Option<usize>,
}

/// What a device's question is known by until it is answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'t> {
    Request(&'t str, u32),
    Command(&'t str, u32, &'t str),
    Chunk(&'t str, u32, u32),
}

/// All exchanges of a trace, in the order of asking.
pub(super) fn exchanges(trace: &Trace) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut open: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    for (entry, observed) in trace.entries.iter().enumerate() {
        let mut ask = |key| {
            open.insert(key, exchanges.len());
            exchanges.push(Exchange { sent: entry, answered: None, lost: None });
        };
        match &observed.what {
            Observation::Requested { device, request, .. } => ask(Key::Request(device, *request)),
            Observation::FrameSent { device, connection, frame } if frame.command != Command::Pong => {
                if let Some(id) = &frame.id {
                    ask(Key::Command(device, *connection, id));
                }
            }
            Observation::ChunkSent { device, connection, request, .. } => {
                ask(Key::Chunk(device, *connection, *request));
            }
            Observation::Answered { device, request, .. } => {
                if let Some(asked) = open.remove(&Key::Request(device, *request)) {
                    exchanges[asked].answered = Some(entry);
                }
            }
            Observation::AnswerLost { device, request, .. } => {
                if let Some(asked) = open.remove(&Key::Request(device, *request)) {
                    exchanges[asked].lost = Some(entry);
                }
            }
            Observation::FrameReceived { device, connection, frame, .. } => {
                let Some(id) = frame.reply_to() else { continue };
                let chunk = id.parse().ok().map(|number| Key::Chunk(device, *connection, number));
                let keys = [Some(Key::Command(device, *connection, id)), chunk];
                if let Some(asked) = keys.into_iter().flatten().find_map(|key| open.remove(&key)) {
                    exchanges[asked].answered = Some(entry);
                }
            }
            Observation::ConnectionClosed { device, connection, .. } => {
                open.retain(|key, asked| {
                    let is_of_it = match key {
                        Key::Request(..) => false,
                        Key::Command(who, number, _) | Key::Chunk(who, number, _) => {
                            *who == &**device && number == connection
                        }
                    };
                    if is_of_it {
                        exchanges[*asked].lost = Some(entry);
                    }
                    !is_of_it
                });
            }
            _ => {}
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use properties::trace::{At, Entry};
    use system::protocol::{ClientFrame, Done, ServerFrame};

    use super::*;

    fn trace(whats: Vec<Observation>) -> Trace {
        let entry = |(number, what)| Entry { at: At(number as u64 * 1_000), what };
        Trace { entries: whats.into_iter().enumerate().map(entry).collect() }
    }

    fn asks(device: &str, request: u32) -> Observation {
        Observation::Requested {
            device: device.into(),
            request,
            method: "GET".into(),
            path: "/api/v1/rooms".into(),
            idempotency_key: None,
            body: "".into(),
        }
    }

    fn answered(device: &str, request: u32) -> Observation {
        Observation::Answered { device: device.into(), request, status: 200, body: "".into() }
    }

    fn subscribes(device: &str, connection: u32, id: &str) -> Observation {
        let frame = format!(r#"{{"id":"{id}","type":"subscribe","data":{{"stream":"room:{}"}}}}"#, uuid::Uuid::nil());
        let frame: ClientFrame = ClientFrame::parse(&frame).expect("a frame");
        Observation::FrameSent { device: device.into(), connection, frame: Arc::new(frame) }
    }

    fn reply(device: &str, connection: u32, id: &str) -> Observation {
        let frame = ServerFrame::Done(Some(id.to_owned()), Done {});
        Observation::FrameReceived { device: device.into(), connection, frame: frame.into() }
    }

    fn ends(device: &str, connection: u32) -> Observation {
        Observation::ConnectionClosed { device: device.into(), connection, code: None, reason: "cut".into() }
    }

    fn pairs(whats: Vec<Observation>) -> Vec<(usize, Option<usize>, Option<usize>)> {
        exchanges(&trace(whats)).iter().map(|one| (one.sent, one.answered, one.lost)).collect()
    }

    #[test]
    fn an_answer_belongs_to_the_request_of_its_device_and_number() {
        let whats = vec![
            asks("ana/phone", 1),
            asks("ben/phone", 1),
            asks("ana/phone", 2),
            answered("ana/phone", 2),
            answered("ben/phone", 1),
            Observation::AnswerLost { device: "ana/phone".into(), request: 1, reason: "reset".into() },
        ];
        assert_eq!(pairs(whats), [(0, None, Some(5)), (1, Some(4), None), (2, Some(3), None)]);
    }

    #[test]
    fn a_reply_belongs_to_the_command_of_its_connection_and_what_is_open_ends_with_it() {
        let whats = vec![
            subscribes("ana/phone", 1, "1"),
            subscribes("ana/phone", 1, "2"),
            reply("ana/phone", 1, "2"),
            ends("ana/phone", 1),
            subscribes("ana/phone", 2, "1"),
            reply("ana/phone", 2, "1"),
            reply("ana/phone", 2, "1"),
        ];
        assert_eq!(pairs(whats), [(0, None, Some(3)), (1, Some(2), None), (4, Some(5), None)]);
    }

    #[test]
    fn what_is_never_answered_stays_open() {
        assert_eq!(pairs(vec![asks("ana/phone", 1)]), [(0, None, None)]);
    }
}
