//! The story of a run: its trace told as a person would tell it, one line for each observation that matters.
//!
//! Left out are heartbeats and what the server logs of its daily business. Identifiers are replaced by the names of
//! what they identify. Nothing is judged here.

mod frame;
mod names;

use properties::Verdict;
use properties::trace::{At, Entry, FaultChange, Observation, Phase, ServerChange, Trace};
use serde::Serialize;

use self::names::Names;
use crate::judge::Judgement;

/// A replayed run: its story and its verdicts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReplayReport {
    /// The seed of the history's weather.
    pub seed: u64,
    /// The profile that the history was drawn from.
    pub profile: String,
    /// How many steps the history has.
    pub steps: usize,
    /// What happened, by order of observation.
    pub story: Vec<Line>,
    /// What each property says.
    pub verdicts: Vec<NamedVerdict>,
    /// The head of the run's hash chain.
    pub fingerprint: String,
    /// How the reader named it: a seed, or a file on this machine, and so no part of the data for machines.
    #[serde(skip)]
    pub subject: String,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// When.
    pub at: At,
    /// Who: a device, `server`, `fault`, `auditor`, or `world`.
    pub who: String,
    /// What they did or saw.
    pub what: String,
}

/// What one property says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NamedVerdict {
    /// The property.
    pub property: String,
    /// The requirements that it proves.
    pub requirements: Vec<String>,
    /// What it says.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl NamedVerdict {
    /// A judgement, as data.
    pub fn of(judgement: &Judgement) -> Self {
        Self {
            property: judgement.id.to_owned(),
            requirements: judgement.requirements.iter().map(|id| (*id).to_owned()).collect(),
            verdict: judgement.verdict.clone(),
        }
    }
}

/// Tells a trace.
pub fn tell(trace: &Trace) -> Vec<Line> {
    let names = Names::of(trace);
    let line = |entry: &Entry| {
        let (who, what) = observation(&entry.what, &names)?;
        Some(Line { at: entry.at, who, what: names.apply(&what) })
    };
    trace.entries.iter().filter_map(line).collect()
}

/// Who did or saw what; nothing for what a story leaves out.
fn observation(observation: &Observation, names: &Names) -> Option<(String, String)> {
    let (who, what) = match observation {
        Observation::Phase { phase } => ("world", phase_text(*phase).to_owned()),
        Observation::Step { step, text } => ("step", format!("{step}: {text}")),
        Observation::Skipped { step, why } => ("step", format!("{step} is skipped: {why}")),
        Observation::Fault { change: FaultChange::Began, text, .. } => ("fault", text.clone()),
        Observation::Fault { change: FaultChange::Ended, text, .. } => ("fault", format!("over: {text}")),
        Observation::FaultEffect { kind, text } => ("fault", format!("{kind}: {text}")),
        Observation::LoggedIn { device, .. } => (&**device, "logged in".to_owned()),
        Observation::ConnectionOpened { device, connection, .. } => {
            (&**device, format!("connection {connection} is open"))
        }
        Observation::ConnectionClosed { device, connection, code, reason } => {
            let code = code.map(|code| format!(" with {code}")).unwrap_or_default();
            (&**device, format!("connection {connection} ended{code}: {reason}"))
        }
        Observation::FrameSent { device, frame, .. } => (&**device, frame::sent(frame)?),
        Observation::FrameReceived { device, frame, .. } => (&**device, format!("<- {}", frame::received(frame)?)),
        Observation::FrameUnreadable { device, text, error, .. } => {
            (&**device, format!("<- unreadable ({error}): {}", shorten(text)))
        }
        Observation::ReplicaBroken { device, stream, error } => (&**device, format!("cannot follow {stream}: {error}")),
        Observation::Requested { device, method, path, body, .. } => {
            (&**device, format!("{method} {} {}", names.apply(path), shorten(&names.apply(body))).trim_end().to_owned())
        }
        Observation::Answered { device, status, body, .. } => {
            (&**device, format!("<- {status} {}", shorten(&names.apply(body))).trim_end().to_owned())
        }
        Observation::AnswerLost { device, reason, .. } => (&**device, format!("<- no answer: {reason}")),
        Observation::Refused { device, operation, reason } => (&**device, format!("gave up {operation}: {reason}")),
        Observation::Recovered { device, after_ms } => {
            (&**device, format!("is connected and up to date, {} after the heal", At(after_ms * 1_000)))
        }
        Observation::Believed { device, belief, .. } => {
            let connected = if belief.connected { "connected" } else { "not connected" };
            let at = belief.streams.iter().map(|(stream, replica)| format!("{stream}#{}", replica.seq));
            (&**device, format!("is {connected}, at {}", at.collect::<Vec<_>>().join(", ")))
        }
        Observation::Committed { stream, seq, kind } => ("server", format!("committed {stream}#{seq} {kind}")),
        Observation::Logged { level: "INFO", .. } => return None,
        Observation::Logged { level, message, fields } => {
            let fields: String = fields.iter().map(|(key, value)| format!(" {key}={value}")).collect();
            ("server", format!("{level} {message}{fields}"))
        }
        Observation::Server { incarnation, change } => ("server", server(*incarnation, change)),
        Observation::FinalSnapshot { snapshot } => {
            ("auditor", format!("read the snapshot of {}#{}", snapshot.stream, snapshot.seq))
        }
        Observation::FinalLog { stream, events, .. } => {
            ("auditor", format!("read the log of {stream}: {} events", events.len()))
        }
        Observation::FinalReadFailed { what_was_read, reason } => {
            ("auditor", format!("could not read {what_was_read}: {reason}"))
        }
        Observation::FinalConnections { list } => {
            let (connections, subscriptions) = (list.connections.len(), list.subscriptions);
            ("auditor", format!("saw {connections} connections with {subscriptions} subscriptions left"))
        }
        Observation::FinalPresence { list } => ("auditor", format!("saw {} users online", list.online.len())),
    };
    Some((who.to_owned(), what))
}

fn phase_text(phase: Phase) -> &'static str {
    match phase {
        Phase::Setup => "the company comes to be",
        Phase::Storm => "the storm begins",
        Phase::Healed => "all faults are over",
        Phase::Quiet => "all is quiet",
        Phase::Left => "everybody has left",
        Phase::End => "the end",
    }
}

fn server(incarnation: u32, change: &ServerChange) -> String {
    match change {
        ServerChange::Started => format!("starts, for the {incarnation}. time"),
        ServerChange::Listening => "listens".to_owned(),
        ServerChange::Stopped => "stopped".to_owned(),
        ServerChange::Killed => "was killed".to_owned(),
        ServerChange::PowerLost { lost_writes, unsynced_writes } => {
            format!("lost power, and {lost_writes} of {unsynced_writes} unsynced writes")
        }
        ServerChange::Failed { reason } => format!("gave up: {reason}"),
        ServerChange::Panicked { message } => format!("panicked: {message}"),
    }
}

/// Cuts what a line cannot hold.
fn shorten(text: &str) -> String {
    const LIMIT: usize = 90;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use system::protocol::{ClientFrame, ServerFrame};

    use super::*;

    const ROOM: &str = "01890000-0000-7000-8000-00000000000a";
    const ANA: &str = "01890000-0000-7000-8000-00000000000b";

    fn entry(at_ms: u64, what: Observation) -> Entry {
        Entry { at: At(at_ms * 1_000), what }
    }

    fn received(text: &str) -> Observation {
        let frame = Arc::new(ServerFrame::parse(text).unwrap());
        Observation::FrameReceived { device: "ana/phone".into(), connection: 1, text: text.into(), frame }
    }

    #[test]
    fn a_trace_is_told_in_names() {
        let body = format!(r#"{{"id":"{ROOM}","name":"general","visibility":"public"}}"#);
        let send = format!(
            r#"{{"type":"message.send","id":"1","data":{{"room":"{ROOM}","body":"m17","idempotency_key":"k"}}}}"#
        );
        let push = format!(
            r#"{{"type":"message.created","data":{{"id":"{ANA}","room":"{ROOM}","author":"{ANA}","body":"m17","seq":17,
            "created_at":"2026-01-01T00:00:00.000Z"}},"stream":"room:{ROOM}","seq":17,"epoch":1,"sender":"{ANA}",
            "timestamp":"2026-01-01T00:00:00.000Z","correlation_id":"c"}}"#
        );
        let device: Arc<str> = "ana/phone".into();
        let trace = Trace {
            entries: vec![
                entry(0, Observation::Phase { phase: Phase::Storm }),
                entry(1, Observation::Answered { device: device.clone(), request: 1, status: 201, body: body.into() }),
                entry(
                    2,
                    Observation::FrameSent {
                        device,
                        connection: 1,
                        frame: Arc::new(ClientFrame::parse(&send).unwrap()),
                    },
                ),
                entry(3, received(r#"{"type":"ping"}"#)),
                entry(4, received(&push)),
                entry(
                    5,
                    Observation::Committed {
                        stream: format!("room:{ROOM}").parse().unwrap(),
                        seq: 17,
                        kind: "message.created".into(),
                    },
                ),
            ],
        };
        let told: Vec<_> = tell(&trace).iter().map(|line| format!("{} {} {}", line.at, line.who, line.what)).collect();
        assert_eq!(
            told,
            [
                "0.000 s world the storm begins",
                r#"0.001 s ana/phone <- 201 {"id":"general","name":"general","visibility":"public"}"#,
                r#"0.002 s ana/phone message.send general "m17""#,
                r#"0.004 s ana/phone <- general#17 message.created "m17""#,
                "0.005 s server committed general#17 message.created",
            ]
        );
    }

    #[test]
    fn a_long_body_is_cut_between_letters() {
        assert_eq!(shorten("short"), "short");
        let cut = shorten(&"ä".repeat(200));
        assert_eq!((cut.chars().count(), cut.ends_with("...")), (93, true));
    }
}
