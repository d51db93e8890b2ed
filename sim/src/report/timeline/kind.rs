//! What kind of thing an observation is: what a reader of a timeline filters by.

use properties::trace::Observation;
use serde::Serialize;
use system::protocol::{Command, ServerFrame};

/// A kind of mark.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A step of the history, done or skipped.
    Step,
    /// A REST request, or that no answer to it came.
    Request,
    /// The answer to a REST request.
    Answer,
    /// A command over the WebSocket.
    Command,
    /// The reply to a command.
    Reply,
    /// An event of a stream, pushed to a device.
    Push,
    /// Something pushed that is not kept: presence, typing, progress, warnings.
    Ephemeral,
    /// An event was committed.
    Commit,
    /// A connection, a login, or the way back.
    Connection,
    /// A fault, or what it did.
    Fault,
    /// The server's process, and what it logged as worth a look.
    Server,
    /// What the server logs of its daily business.
    Log,
    /// `ping` and `pong`.
    Heartbeat,
    /// What devices believe and the auditor reads when all is quiet.
    Reading,
    /// The run entered its next phase.
    Phase,
    /// A link of the proof that tells of what was not observed.
    Proof,
}

/// A kind as the page shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct KindName {
    /// Its name in the page's code.
    pub id: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// It is shown until somebody says otherwise.
    pub is_shown: bool,
}

impl Kind {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 16] = [
        Self::Step,
        Self::Request,
        Self::Answer,
        Self::Command,
        Self::Reply,
        Self::Push,
        Self::Ephemeral,
        Self::Commit,
        Self::Connection,
        Self::Fault,
        Self::Server,
        Self::Log,
        Self::Heartbeat,
        Self::Reading,
        Self::Phase,
        Self::Proof,
    ];

    /// What it is called.
    pub fn name(self) -> KindName {
        let (id, label, is_shown) = match self {
            Self::Step => ("step", "steps of the history", true),
            Self::Request => ("request", "REST requests", true),
            Self::Answer => ("answer", "REST answers", true),
            Self::Command => ("command", "WebSocket commands", true),
            Self::Reply => ("reply", "WebSocket replies", true),
            Self::Push => ("push", "pushed events", true),
            Self::Ephemeral => ("ephemeral", "presence, typing, progress", true),
            Self::Commit => ("commit", "commits", true),
            Self::Connection => ("connection", "connections", true),
            Self::Fault => ("fault", "faults", true),
            Self::Server => ("server", "the server's process", true),
            Self::Log => ("log", "the server's log", false),
            Self::Heartbeat => ("heartbeat", "heartbeats", false),
            Self::Reading => ("reading", "last looks", true),
            Self::Phase => ("phase", "phases", true),
            Self::Proof => ("proof", "the proof's own words", true),
        };
        KindName { id, label, is_shown }
    }

    /// What an observation is; none for what is no event of the run.
    pub(super) fn of(observation: &Observation) -> Option<Self> {
        Some(match observation {
            Observation::Content { .. } => return None,
            Observation::Step { .. } | Observation::Skipped { .. } => Self::Step,
            Observation::Requested { .. } | Observation::AnswerLost { .. } => Self::Request,
            Observation::Answered { .. } | Observation::UploadOffset { .. } | Observation::Refused { .. } => {
                Self::Answer
            }
            Observation::FrameSent { frame, .. } if frame.command == Command::Pong => Self::Heartbeat,
            Observation::FrameSent { .. } | Observation::ChunkSent { .. } => Self::Command,
            Observation::FrameReceived { frame, .. } => Self::of_frame(frame),
            Observation::FrameUnreadable { .. } | Observation::ReplicaBroken { .. } => Self::Push,
            Observation::Committed { .. } => Self::Commit,
            Observation::LoggedIn { .. }
            | Observation::ConnectionOpened { .. }
            | Observation::ConnectionClosed { .. }
            | Observation::Recovered { .. } => Self::Connection,
            Observation::Fault { .. } | Observation::FaultEffect { .. } => Self::Fault,
            Observation::Logged { level, .. } if level == "INFO" => Self::Log,
            Observation::Logged { .. } | Observation::Server { .. } | Observation::Hung { .. } => Self::Server,
            Observation::Phase { .. } => Self::Phase,
            Observation::Believed { .. }
            | Observation::SawPresence { .. }
            | Observation::Idled { .. }
            | Observation::LiveObjects { .. }
            | Observation::FinalFeedFile { .. }
            | Observation::FinalSnapshot { .. }
            | Observation::FinalLog { .. }
            | Observation::FinalGone { .. }
            | Observation::FinalInvitations { .. }
            | Observation::FinalReadFailed { .. }
            | Observation::FinalConnections { .. }
            | Observation::FinalPresence { .. } => Self::Reading,
        })
    }

    fn of_frame(frame: &ServerFrame) -> Self {
        match frame {
            ServerFrame::Ping => Self::Heartbeat,
            ServerFrame::Event(_) => Self::Push,
            ServerFrame::Welcome(..)
            | ServerFrame::Subscribed(..)
            | ServerFrame::Unsubscribed(..)
            | ServerFrame::Ack(..)
            | ServerFrame::ChunkStored(..)
            | ServerFrame::TokenRefreshed(..)
            | ServerFrame::Error(..)
            | ServerFrame::Done(..) => Self::Reply,
            ServerFrame::TokenExpiring(_)
            | ServerFrame::Presence(_)
            | ServerFrame::PresenceState(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Warning(_)
            | ServerFrame::FileProgress(_)
            | ServerFrame::Closing(_) => Self::Ephemeral,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_kind_is_written_as_its_place_in_the_list() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
        let names: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.name().id).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
