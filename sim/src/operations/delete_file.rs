//! `delete_file`: a device deletes a file, mostly its own user's (IT-2, IT-15).

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::client::Operation;

use super::{Action, Begun, Book, Deed, Kind, UploadFile, names};
use crate::history::draw::{Choice, Scene, Stage};
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "delete_file", summary: "a device deletes a file", weight: 3, strategy: Some(strategy) };

/// A file less.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteFile {
    /// `user/device`.
    pub device: String,
    /// The file's name.
    pub file: String,
}

impl Deed for DeleteFile {
    names!(device uses Device, file uses File);

    fn what(&self) -> String {
        format!("deletes {}", self.file)
    }

    fn begin(&self, _: &Device, book: &Book) -> Result<Begun, String> {
        Ok(Operation::DeleteFile { file: book.file(&self.file)? }.into())
    }

    fn otherwise(&self) -> Option<Action> {
        Some(UploadFile::small(self.device.clone()).into())
    }
}

/// One's own, or anybody's as an admin; at times without the right to.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let own = (stage.device(), (0_usize..4).prop_map(Choice::Own));
    let anybodys = (stage.chief(None), (0_usize..4).prop_map(Choice::Any));
    prop_oneof![3 => own, 1 => anybodys]
        .prop_map(|(device, choice)| Scene::one(0, DeleteFile { device, file: choice.name() }))
        .boxed()
}
