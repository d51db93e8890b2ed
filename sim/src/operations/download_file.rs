//! `download_file`: a device reads a file's bytes, all of them or a range (IT-11; PROTOCOL 6).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, Part, UploadFile, names};
use crate::history::RoomPlan;
use crate::history::draw::{Choice, Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "download_file",
    summary: "a device reads a file's bytes, all of them or a range",
    weight: 10,
    strategy: Some(strategy),
};

/// A look into a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownloadFile {
    /// `user/device`.
    pub device: String,
    /// The room that it is looked for in; absent: anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The file's name.
    pub file: String,
    /// Where the wanted bytes begin, in parts of a hundred.
    pub from_percent: u64,
    /// Where they end.
    pub to_percent: u64,
}

impl Deed for DownloadFile {
    names!(device uses Device, room uses Room, file uses File);

    fn what(&self) -> String {
        let Self { room, file, from_percent, to_percent, .. } = self;
        let of = room.as_ref().map_or(String::new(), |room| format!(" of {room}"));
        match (from_percent, to_percent) {
            (0, 100) => format!("downloads {file}{of}"),
            (from, to) => format!("downloads {file}{of} from {from} % to {to} %"),
        }
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        let range = self.content(book).filter(|_| !self.is_whole()).map(|part| part.range);
        Ok(Operation::DownloadFile { file: book.file(&self.file)?, range }.into())
    }

    fn content(&self, book: &Book) -> Option<Part> {
        let content = book.content(&self.file)?;
        let length = content.len() as u64;
        let at = |percent: u64| length * percent.min(100) / 100;
        // Of an empty range there is nothing to ask: then it is one byte, even of an empty file.
        let (from, to) = (at(self.from_percent), at(self.to_percent).max(at(self.from_percent) + 1));
        let range = if self.is_whole() { 0..length } else { from..to };
        let part = |place: u64| usize::try_from(place.min(length)).unwrap_or(usize::MAX);
        let bytes = content.slice(part(range.start)..part(range.end));
        Some(Part { file: self.file.clone(), range, bytes })
    }

    fn otherwise(&self) -> Option<Action> {
        Some(UploadFile { room: self.room.clone(), ..UploadFile::small(self.device.clone()) }.into())
    }

    fn simpler(&self) -> Vec<Action> {
        if self.is_whole() {
            Vec::new()
        } else {
            vec![Self { from_percent: 0, to_percent: 100, ..self.clone() }.into()]
        }
    }
}

impl DownloadFile {
    fn is_whole(&self) -> bool {
        (self.from_percent, self.to_percent) == (0, 100)
    }
}

/// Mostly something of a room by somebody who is in it; one's own at times; and what one may know nothing of.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let of_room = |stage: &Stage, room: RoomPlan| {
        let name = Some(room.name.clone());
        (stage.speaker(&room), Just((name, Choice::Any as fn(usize) -> Choice)))
    };
    let inner = stage.clone();
    let of_room = stage.room().prop_flat_map(move |room| of_room(&inner, room));
    let own = (stage.device(), Just((None, Choice::Own as fn(usize) -> Choice)));
    let anything = (stage.device(), Just((None, Choice::Any as fn(usize) -> Choice)));
    let wanted = prop_oneof![6 => of_room, 2 => own, 1 => anything];
    let range = prop_oneof![2 => Just((0, 100)), 1 => (0_u64..=99, 1_u64..=100)];
    (wanted, 0_usize..4, range)
        .prop_map(|((device, (room, choice)), back, (from, length))| {
            let (file, to) = (choice(back).name(), from + length.min(100 - from));
            Scene::one(0, DownloadFile { device, room, file, from_percent: from, to_percent: to })
        })
        .boxed()
}
