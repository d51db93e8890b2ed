//! What a timeline is made of. The page reads it as JSON, so what there are thousands of is written in columns.

use properties::trace::At;
use serde::{Serialize, Serializer};

use super::kind::KindName;

/// Everything that a page needs to draw one run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Timeline {
    /// The world, the server, then the devices: those of the proof first.
    pub lanes: Vec<Lane>,
    /// What the streams are called, in the order in which they were first seen.
    pub streams: Vec<String>,
    /// Correlation ids, in the order in which they were first seen.
    pub correlations: Vec<String>,
    /// Sentences and bodies, each once.
    pub texts: Vec<String>,
    /// What kinds of marks there are, in the order of [`Kind::ALL`](super::Kind::ALL).
    pub kinds: Vec<KindName>,
    /// What happened, by time.
    pub marks: Marks,
    /// What went over the wire.
    pub arrows: Vec<Arrow>,
    /// What lasted.
    pub bands: Vec<Band>,
    /// What became true when, beside what the marks say of positions.
    pub changes: Vec<Change>,
    /// The links of the violation's proof; empty where nothing was violated.
    pub proof: Vec<ProofLink>,
    /// What is left out, and why; empty: nothing is.
    pub left_out: Vec<String>,
}

/// A column of the picture.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lane {
    /// `ana/phone`, `server`, `world`.
    pub name: String,
    /// What it is.
    pub kind: LaneKind,
    /// It is one of the violation's proof.
    pub in_proof: bool,
}

/// What a lane is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// Phases, faults and what the history could not do.
    World,
    /// The server's host: its lives follow each other.
    Server,
    /// A device, or the auditor.
    Device,
}

/// What happened, a column for each thing that is known of it. All are equally long.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Marks {
    /// When.
    pub at: Vec<At>,
    /// In which lane.
    pub lane: Vec<usize>,
    /// Of which kind.
    pub kind: Vec<usize>,
    /// The sentence that tells it.
    pub text: Vec<usize>,
    /// The frame, request or answer itself.
    pub body: Vec<Option<usize>>,
    /// The stream that it is about.
    pub stream: Vec<Option<usize>>,
    /// The position in that stream.
    pub seq: Vec<Option<u64>>,
    /// The correlation id that it belongs to.
    pub correlation: Vec<Option<usize>>,
}

/// Something that went between a device and the server. There are thousands: it is written without names, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrow {
    /// What it was.
    pub kind: ArrowKind,
    /// Its end at the device.
    pub mark: usize,
    /// Its end at the server, where that was observed: a commit.
    pub server_mark: Option<usize>,
    /// When it was at the server. Where no commit says so it is a guess between what is known.
    pub server_at: At,
}

impl Serialize for Arrow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.kind, self.mark, self.server_mark, self.server_at).serialize(serializer)
    }
}

/// What an arrow stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrowKind {
    /// From the device: a request or a command.
    Request,
    /// To the device: what was asked for is answered.
    Answer,
    /// To the device: an event of a stream.
    Push,
    /// From the device: nobody knows whether it arrived.
    Lost,
}

/// Something that lasted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Band {
    /// What.
    pub kind: BandKind,
    /// In which lane.
    pub lane: usize,
    /// From when.
    pub from: At,
    /// Until when.
    pub to: At,
    /// What it is called.
    pub text: String,
}

/// What a band stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BandKind {
    /// A device has a welcomed connection.
    Connected,
    /// A device had a connection and has none.
    Away,
    /// The server accepts connections.
    Up,
    /// The server was up and is not.
    Down,
    /// A fault is at work.
    Fault,
}

/// Something that is true from a mark on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// From this mark on.
    pub mark: usize,
    /// In this lane.
    pub lane: usize,
    /// What.
    #[serde(flatten)]
    pub news: News,
}

/// What became true of a device or of the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    /// The device is connected; its connections are counted from 1.
    Connected {
        /// Which.
        connection: u32,
    },
    /// The device is not connected.
    Away,
    /// The device's user has this role, as the device knows.
    Role {
        /// The role.
        role: &'static str,
    },
    /// The device follows a stream, every event after `seq`.
    Follows {
        /// The stream.
        stream: usize,
        /// Its position.
        seq: u64,
    },
    /// The device does not follow a stream any more.
    Leaves {
        /// The stream.
        stream: usize,
    },
    /// The server's process, counted from 1, does this.
    Server {
        /// Which life it is.
        incarnation: u32,
        /// In a word: `up`, `down`, `starting`.
        is: &'static str,
    },
    /// The server had committed up to here before the part that is shown.
    Head {
        /// The stream.
        stream: usize,
        /// The last event.
        seq: u64,
    },
}

/// A link of the violation's proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ProofLink {
    /// Its place in the proof.
    pub link: usize,
    /// Its mark.
    pub mark: usize,
    /// It is the one that breaks the property.
    pub breaks_it: bool,
}
