//! `end_upload`: a device ends an upload that is under way (tus: termination; IT-5, IT-15).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, UploadFile, Way, names};
use crate::history::draw::{Choice, Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind = Kind {
    name: "end_upload",
    summary: "a device ends an upload that is under way",
    weight: 2,
    strategy: Some(strategy),
};

/// The end of an upload.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndUpload {
    /// `user/device`.
    pub device: String,
    /// The file's name.
    pub file: String,
}

impl Deed for EndUpload {
    names!(device uses Device, file uses File);

    fn what(&self) -> String {
        format!("ends the upload of {}", self.file)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::DeleteFile { file: book.upload(&self.file)? }.into())
    }

    fn otherwise(&self) -> Option<Action> {
        Some(UploadFile::small(self.device.clone()).into())
    }
}

/// An upload that takes its time, and its end in the midst of it: by any device of its owner's, or by an admin's.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let stage = stage.clone();
    stage
        .user()
        .prop_flat_map(move |user| {
            let ender = prop_oneof![2 => stage.device_of(&user), 1 => stage.chief(Some(&user))];
            let size = (100_000_u64..=180_000, 40_000_u64..=60_000, 600_u64..=1_500, Way::strategy());
            (stage.device_of(&user), size, 500_u64..=2_500, ender).prop_map(|(device, size, after_ms, ender)| {
                let (bytes, piece_bytes, pause_ms, over) = size;
                let upload = UploadFile { bytes, piece_bytes, pause_ms, over, ..UploadFile::small(device) };
                let end = EndUpload { device: ender, file: Choice::Any(0).name() };
                Scene::one(0, upload).and(after_ms, Scene::one(0, end))
            })
        })
        .boxed()
}
