//! A trace and its entries: what was observed, and when.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Observation;

/// Everything that was observed in one run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// In the order of observation; `at` never runs backwards on one host, but may between two hosts.
    pub entries: Vec<Entry>,
}

/// One observation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// When, in simulated time since the run began.
    pub at: At,
    /// What.
    #[serde(flatten)]
    pub what: Observation,
}

/// Simulated time since the run began, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct At(pub u64);

impl At {
    /// How many milliseconds this is.
    pub fn as_ms(self) -> u64 {
        self.0 / 1_000
    }
}

impl fmt::Display for At {
    /// As a report tells it: `4.216 s`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03} s", self.0 / 1_000_000, self.0 / 1_000 % 1_000);
        formatter.pad_integral(true, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use system::protocol::{Command, Epoch, Role, RoomId, ServerFrame, StreamId, Subscribe, UserId};
    use uuid::Uuid;

    use super::super::{Belief, Concern, FaultChange, FaultKind, Received, Replica, SeenPresence, ServerChange};
    use super::*;

    #[track_caller]
    fn survives(what: Observation) {
        let entry = Entry { at: At(4_210_000), what };
        let text = serde_json::to_string(&entry).expect("an entry has only string keys");
        let read: Entry = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read, entry, "{text}");
        assert_eq!(serde_json::to_string(&read).expect("it was written before"), text);
    }

    /// What runs show all the time is read again in `sim/tests/traces.rs`; this is what they seldom or never show.
    #[test]
    fn what_is_seldom_observed_can_be_written_and_read_too() {
        let (device, stream) = (|| "ana/phone".into(), StreamId::Room(RoomId(Uuid::from_u128(7))));
        let (user, room) = (UserId(Uuid::from_u128(8)), RoomId(Uuid::from_u128(7)));
        survives(Observation::Skipped { step: 3, why: "nobody \"has\" it\n".into() });
        survives(Observation::Hung { after_ms: 900_000 });
        survives(Observation::FinalGone { stream });
        survives(Observation::FinalReadFailed { what_was_read: "the run".into(), reason: "\u{0}\u{1f600}".into() });
        survives(Observation::FinalInvitations { invitations: vec![] });
        survives(Observation::FinalLog { stream, epoch: Epoch(2), events: Arc::new(vec![]) });
        survives(Observation::SawPresence { device: device(), seen: None });
        let seen = SeenPresence { users: vec![], complete: false, typing: vec![(room, user)] };
        survives(Observation::SawPresence { device: device(), seen: Some(Arc::new(seen)) });
        survives(Observation::ReplicaBroken { device: device(), stream, error: "a gap".into() });
        let (text, error) = ("{\"type\":\"tea\"}".into(), "no frame".into());
        survives(Observation::FrameUnreadable { device: device(), connection: 2, text, error });
        // A frame of a newer server: what it says that we do not know stays in its text.
        let text = "{ \"type\" : \"ping\", \"data\":{}, \"mood\":\"new\" }";
        let frame = Received::read(text.into()).expect("a ping is a ping");
        assert_eq!((frame.text(), &*frame), (text, &ServerFrame::Ping));
        survives(Observation::FrameReceived { device: device(), connection: 2, frame });
        let command = Command::Subscribe(Subscribe { stream, position: None });
        let frame = Arc::new(system::protocol::ClientFrame { id: Some("\"1\"".into()), command });
        survives(Observation::FrameSent { device: device(), connection: 2, frame });
        let fields = BTreeMap::from([("failure".into(), "no space".into())]);
        survives(Observation::Logged { level: "ERROR".into(), message: "commit failed".into(), fields });
        for change in [
            ServerChange::PowerLost { lost_writes: 2, unsynced_writes: 3 },
            ServerChange::Failed { reason: "a bit".into() },
            ServerChange::Panicked { message: "no".into(), backtrace: vec!["a".into(), "b".into()] },
        ] {
            survives(Observation::Server { incarnation: 1, change });
        }
        let kind = FaultKind { name: "quake".into(), concerns: Concern::Power, lasts: true };
        survives(Observation::FaultEffect { kind: kind.clone(), text: "the earth shook".into() });
        survives(Observation::Fault { kind, step: 1, change: FaultChange::Ended, text: "it is over".into() });
        let belief = Belief {
            connected: false,
            wants_connection: true,
            role: Some(Role::Guest),
            outbox: 1,
            streams: BTreeMap::from([(stream, Replica { seq: 3, epoch: Epoch(1), state: None })]),
            left: BTreeSet::from([StreamId::User(user)]),
        };
        survives(Observation::Believed { device: device(), user, belief: Arc::new(belief) });
    }

    #[test]
    fn what_is_no_frame_of_the_server_is_no_entry() {
        let text = r#"{"at":1,"what":"frame_received","device":"a/b","connection":1,"text":"{\"type\":\"tea\"}"}"#;
        let error = serde_json::from_str::<Entry>(text).expect_err("there is no such frame").to_string();
        assert!(error.contains("tea"), "{error}");
    }
}
