//! `upload_file`: a device uploads a file, at once or in pieces with rests between them, and goes on where the server is
//! after whatever interrupts it (IT-5, IT-11, IT-E2, WS-2).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::{Operation, Upload};

use super::content::content;
use super::{Action, Begun, Book, Deed, Kind, Part, Way, names};
use crate::history::RoomPlan;
use crate::history::draw::{Scene, Stage};
use crate::words::seconds;
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "upload_file", summary: "a device uploads a file", weight: 4, strategy: Some(strategy) };

/// As much as is drawn of one file: four stored chunks, and a third of what a user may keep.
const MOST_BYTES: u64 = 200_000;

/// The sizes that shrinking tries: one byte, a little, and one more than a stored chunk has.
const SIMPLE_BYTES: [u64; 3] = [1, 1_000, 61_441];

/// A new file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadFile {
    /// `user/device`.
    pub device: String,
    /// The room whose members may read it; absent: its owner only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Its name, unique in the history; name and length determine its bytes.
    pub file: String,
    /// How long it is.
    pub bytes: u64,
    /// How much of it goes at once, in one request or binary frame.
    pub piece_bytes: u64,
    /// How long the device rests between two pieces.
    pub pause_ms: u64,
    /// Which way the bytes go: in requests of the tus protocol, or in binary frames.
    pub over: Way,
}

impl UploadFile {
    /// A small file for its owner only, at once.
    pub(crate) fn small(device: String) -> Self {
        let (file, bytes, piece_bytes) = (String::new(), 1_000, MOST_BYTES);
        Self { device, room: None, file, bytes, piece_bytes, pause_ms: 0, over: Way::Rest }
    }
}

impl Deed for UploadFile {
    names!(device uses Device, room uses Room, file makes File);

    fn what(&self) -> String {
        let Self { room, file, bytes, piece_bytes, pause_ms, over, .. } = self;
        let mut what = format!("uploads {file} of {bytes} bytes");
        if let Some(room) = room {
            what += &format!(" to {room}");
        }
        if piece_bytes < bytes {
            what += &format!(" in pieces of {piece_bytes}");
            if *pause_ms > 0 {
                what += &format!(", {} apart", seconds(*pause_ms));
            }
        }
        match over {
            Way::Websocket => what + " by binary frames",
            Way::Rest => what,
        }
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        let room = self.room.as_ref().map(|room| book.room(room)).transpose()?;
        let content = content(&self.file, self.bytes);
        book.add_content(&self.file, content.clone());
        let upload = Upload {
            room,
            piece_bytes: usize::try_from(self.piece_bytes).unwrap_or(usize::MAX),
            pause_ms: self.pause_ms,
            ..Upload::new(&self.file, "application/octet-stream", content)
        };
        Ok(match self.over {
            Way::Websocket => Operation::SendFile(upload),
            Way::Rest => Operation::UploadFile(upload),
        }
        .into())
    }

    fn content(&self, _: &Book) -> Option<Part> {
        Some(Part { file: self.file.clone(), range: 0..self.bytes, bytes: content(&self.file, self.bytes) })
    }

    fn simpler(&self) -> Vec<Action> {
        let mut simpler = Vec::new();
        let fewer = SIMPLE_BYTES.into_iter().chain([self.bytes / 2]).filter(|bytes| *bytes < self.bytes);
        simpler.extend(fewer.map(|bytes| Self { bytes, ..self.clone() }));
        if self.over == Way::Websocket {
            simpler.push(Self { over: Way::Rest, ..self.clone() });
        }
        if self.piece_bytes < self.bytes {
            simpler.push(Self { piece_bytes: self.bytes, ..self.clone() });
        }
        if self.pause_ms > 0 {
            simpler.push(Self { pause_ms: 0, ..self.clone() });
        }
        simpler.into_iter().map(Action::from).collect()
    }
}

fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let pause_ms = prop_oneof![2 => Just(0), 1 => 50_u64..=1_200];
    (upload(stage), pause_ms).prop_map(|(upload, pause_ms)| Scene::one(0, UploadFile { pause_ms, ..upload })).boxed()
}

/// Mostly to a room of somebody who may write there.
fn upload(stage: &Stage) -> BoxedStrategy<UploadFile> {
    let room = prop_oneof![4 => stage.room().prop_map(Some), 1 => Just(None)];
    let stage = stage.clone();
    room.prop_flat_map(move |room: Option<RoomPlan>| {
        let device = room.as_ref().map_or_else(|| stage.device(), |room| stage.speaker(room));
        let room = room.map(|room| room.name);
        (device, bytes(), piece_bytes(), Way::strategy()).prop_map(move |(device, bytes, piece_bytes, over)| {
            UploadFile { room: room.clone(), bytes, piece_bytes, over, ..UploadFile::small(device) }
        })
    })
    .boxed()
}

/// Nothing at all; a little; a stored chunk at most; several.
fn bytes() -> BoxedStrategy<u64> {
    prop_oneof![1 => Just(0), 6 => 1_u64..=5_000, 4 => 5_001_u64..=61_440, 3 => 61_441..=MOST_BYTES].boxed()
}

/// At once; chunk by chunk; in pieces that end within chunks.
fn piece_bytes() -> BoxedStrategy<u64> {
    prop_oneof![2 => Just(MOST_BYTES), 1 => Just(61_440), 3 => 40_000_u64..=70_000].boxed()
}
