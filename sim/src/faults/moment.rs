//! A moment: what must have happened for a fault to strike, told by what the world sees of devices and of the server.
//!
//! Most bugs of a real-time backend live between two things that follow each other at once: a commit and its answer, a
//! subscription and its snapshot. A time in milliseconds hits such a gap by luck; a moment hits it each time, and goes
//! with it when shrinking moves the steps around it.

use std::collections::BTreeSet;
use std::fmt;

use properties::trace::Observation;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Union};
use serde::{Deserialize, Serialize};
use system::protocol::{Command, ServerFrame, StreamId};

use super::Population;

/// What must have happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// The server has committed something, and no answer about it has left.
    Commit(Matter),
    /// The server has committed a message to a room to which this device has just sent one, and no answer has left.
    OwnCommit(String),
    /// This device's WebSocket was welcomed, and what it missed is being sent.
    Resume(String),
    /// This device follows a stream, and was answered its snapshot: in between, events may have come.
    Snapshot(String),
    /// This device has asked for new tokens, and the answer has not come.
    Refresh(String),
    /// This device has sent a piece of a file.
    Upload(String),
    /// This device was told that the server will close its connection.
    Closing(String),
}

/// What a commit is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// Whatever it is.
    Anything,
    /// A message or a thread.
    Message,
    /// Who may see or do what.
    Rights,
    /// A file or a quota.
    File,
}

/// One kind of moment, as the list has it.
#[derive(Clone, Copy, Debug)]
pub struct MomentKind {
    /// The name in saved histories and summaries.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
}

/// Every kind of moment.
pub const MOMENTS: &[MomentKind] = &[
    MomentKind { name: "commit", summary: "the server has committed something, and its answer has not left" },
    MomentKind {
        name: "own_commit",
        summary: "the server has committed what a device sent, and its answer has not left",
    },
    MomentKind { name: "resume", summary: "a device was welcomed back, and what it missed is being sent" },
    MomentKind { name: "snapshot", summary: "a device follows a stream, and was just answered its snapshot" },
    MomentKind { name: "refresh", summary: "a device has asked for new tokens, and the answer has not come" },
    MomentKind { name: "upload", summary: "a device has sent a piece of a file" },
    MomentKind { name: "closing", summary: "a device was told that the server will close its connection" },
];

impl Moment {
    /// Its name in saved histories and summaries.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Commit(_) => "commit",
            Self::OwnCommit(_) => "own_commit",
            Self::Resume(_) => "resume",
            Self::Snapshot(_) => "snapshot",
            Self::Refresh(_) => "refresh",
            Self::Upload(_) => "upload",
            Self::Closing(_) => "closing",
        }
    }

    /// Whose device it is about; none when it is about the server alone.
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Commit(_) => None,
            Self::OwnCommit(device)
            | Self::Resume(device)
            | Self::Snapshot(device)
            | Self::Refresh(device)
            | Self::Upload(device)
            | Self::Closing(device) => Some(device),
        }
    }

    /// The same, to be changed.
    pub fn device_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Commit(_) => None,
            Self::OwnCommit(device)
            | Self::Resume(device)
            | Self::Snapshot(device)
            | Self::Refresh(device)
            | Self::Upload(device)
            | Self::Closing(device) => Some(device),
        }
    }

    /// One of any kind.
    pub(in crate::faults) fn strategy(population: &Population) -> BoxedStrategy<Self> {
        let matter = select(vec![Matter::Anything, Matter::Message, Matter::Rights, Matter::File]);
        let commit = matter.prop_map(Self::Commit).boxed();
        if population.devices.is_empty() {
            return commit;
        }
        let of = |moment: fn(String) -> Self| select(population.devices.clone()).prop_map(moment).boxed();
        Union::new_weighted(vec![
            (4, commit),
            (3, of(Self::OwnCommit)),
            (3, of(Self::Resume)),
            (3, of(Self::Snapshot)),
            (2, of(Self::Refresh)),
            (1, of(Self::Upload)),
            (1, of(Self::Closing)),
        ])
        .boxed()
    }
}

impl Matter {
    /// Whether an event of this kind, by its name on the wire, is about it.
    fn covers(self, event: &str) -> bool {
        let (object, verb) = event.split_once('.').unwrap_or((event, ""));
        match self {
            Self::Anything => true,
            Self::Message => matches!(object, "message" | "thread"),
            Self::Rights => {
                matches!(object, "member" | "session")
                    || matches!(event, "user.updated" | "room.hidden")
                    || (object == "room" && matches!(verb, "joined" | "left" | "deleted"))
            }
            Self::File => matches!(object, "file" | "quota"),
        }
    }
}

/// Waits for a moment, observation by observation.
#[derive(Clone, Debug)]
pub struct Lookout {
    moment: Moment,
    /// The rooms to which the device has sent a message since.
    spoken_in: BTreeSet<StreamId>,
    /// The requests for snapshots that the device has made since.
    asked: BTreeSet<u32>,
}

impl Lookout {
    /// Waits for `moment` from now on.
    pub fn new(moment: Moment) -> Self {
        Self { moment, spoken_in: BTreeSet::new(), asked: BTreeSet::new() }
    }

    /// The moment that it waits for.
    pub fn moment(&self) -> &Moment {
        &self.moment
    }

    /// Takes notice of the next observation. True if this is the moment.
    pub fn sees(&mut self, what: &Observation) -> bool {
        if self.moment.device().is_some_and(|device| what.device().is_some_and(|other| other != device)) {
            return false;
        }
        match (&self.moment, what) {
            (Moment::Commit(matter), Observation::Committed { kind, .. }) => matter.covers(kind),
            (Moment::OwnCommit(_), Observation::FrameSent { frame, .. }) => {
                if let Command::MessageSend(message) = &frame.command {
                    self.spoken_in.insert(StreamId::Room(message.room));
                }
                false
            }
            (Moment::OwnCommit(_), Observation::Committed { stream, kind, .. }) => {
                &**kind == "message.created" && self.spoken_in.contains(stream)
            }
            (Moment::Resume(_), Observation::FrameReceived { frame, .. }) => match &**frame {
                ServerFrame::Welcome(_, welcome) => welcome.streams.iter().any(|stream| stream.recovered),
                _ => false,
            },
            (Moment::Closing(_), Observation::FrameReceived { frame, .. }) => {
                matches!(**frame, ServerFrame::Closing(_))
            }
            (Moment::Snapshot(_), Observation::Requested { request, path, .. }) => {
                if path.ends_with("/snapshot") {
                    self.asked.insert(*request);
                }
                false
            }
            (Moment::Snapshot(_), Observation::Answered { request, status: 200, .. }) => self.asked.contains(request),
            (Moment::Refresh(_), Observation::Requested { path, .. }) => path.ends_with("/auth/refresh"),
            (Moment::Upload(_), Observation::ChunkSent { .. }) => true,
            (Moment::Upload(_), Observation::Requested { method, path, .. }) => {
                ["PATCH", "POST"].contains(&&**method) && path.contains("/files")
            }
            _ => false,
        }
    }
}

impl fmt::Display for Moment {
    /// `the server has committed a message`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(matter) => write!(formatter, "the server has committed {matter}"),
            Self::OwnCommit(device) => write!(formatter, "the server has committed a message of {device}"),
            Self::Resume(device) => write!(formatter, "{device} is sent what it missed"),
            Self::Snapshot(device) => write!(formatter, "{device} was answered a snapshot"),
            Self::Refresh(device) => write!(formatter, "{device} has asked for new tokens"),
            Self::Upload(device) => write!(formatter, "{device} has sent a piece of a file"),
            Self::Closing(device) => write!(formatter, "{device} was told that its connection will be closed"),
        }
    }
}

impl fmt::Display for Matter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Anything => "something",
            Self::Message => "a message",
            Self::Rights => "a change of rights",
            Self::File => "a change of a file",
        })
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::RoomId;

    use super::*;

    fn committed(kind: &str) -> Observation {
        Observation::Committed { stream: StreamId::Room(RoomId(uuid::Uuid::nil())), seq: 1, kind: kind.into() }
    }

    fn requested(device: &str, request: u32, path: &str) -> Observation {
        let (path, body) = (path.into(), "".into());
        let (device, method) = (device.into(), "GET".into());
        Observation::Requested { device, request, method, path, idempotency_key: None, body }
    }

    fn answered(device: &str, request: u32, status: u16) -> Observation {
        Observation::Answered { device: device.into(), request, status, body: "".into() }
    }

    #[test]
    fn a_commit_is_of_its_matter() {
        let sees = |matter, kind| Lookout::new(Moment::Commit(matter)).sees(&committed(kind));
        assert!(sees(Matter::Message, "message.created") && sees(Matter::Message, "thread.opened"));
        assert!(!sees(Matter::Message, "member.removed") && sees(Matter::Rights, "member.removed"));
        assert!(sees(Matter::Rights, "room.left") && !sees(Matter::Rights, "room.created"));
        assert!(sees(Matter::File, "quota.updated") && sees(Matter::Anything, "company.created"));
    }

    #[test]
    fn a_snapshot_is_its_own_answer_to_its_own_request() {
        let mut lookout = Lookout::new(Moment::Snapshot("ana/phone".into()));
        assert!(!lookout.sees(&requested("ana/phone", 3, "/api/v1/streams/x/snapshot")));
        assert!(!lookout.sees(&requested("ana/phone", 4, "/api/v1/rooms")));
        assert!(!lookout.sees(&answered("ana/phone", 4, 200)));
        assert!(!lookout.sees(&answered("ben/phone", 3, 200)));
        assert!(!lookout.sees(&answered("ana/phone", 3, 503)));
        assert!(lookout.sees(&answered("ana/phone", 3, 200)));
    }

    #[test]
    fn each_kind_is_drawn_and_listed_and_keeps_its_name_on_disk() {
        use proptest::strategy::ValueTree;
        let population = super::super::Scope::sample().population;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut drawn = BTreeSet::new();
        for _ in 0..500 {
            let moment = Moment::strategy(&population).new_tree(&mut runner).expect("never rejects").current();
            let json = serde_json::to_value(&moment).expect("a moment is plain data");
            assert_eq!(
                json.as_object().and_then(|object| object.keys().next()).map(String::as_str),
                Some(moment.kind())
            );
            assert_eq!(serde_json::from_value::<Moment>(json).expect("it was just written"), moment);
            drawn.insert(moment.kind());
        }
        assert_eq!(drawn, MOMENTS.iter().map(|kind| kind.name).collect());
    }
}
