//! Which stream something is about that can be about more than rooms.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};
use system::protocol::StreamId;

use super::{Book, Name, Noun};
use crate::history::draw::Stage;

/// A stream, by what a history calls it. On disk: `"company"`, `{"room": "general"}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The company's.
    Company,
    /// A room's, by the name that it had first.
    Room(String),
}

impl Topic {
    /// A room's mostly, one in which `device` mostly is; at times the company's.
    pub(super) fn strategy(stage: &Stage) -> BoxedStrategy<(String, Self)> {
        let room = stage.in_some_room(|stage, room| {
            let speaker = stage.speaker(room);
            let room = room.name.clone();
            speaker.prop_map(move |device| (device, Self::Room(room.clone()))).boxed()
        });
        let company = stage.device().prop_map(|device| (device, Self::Company));
        prop_oneof![3 => room, 1 => company].boxed()
    }

    /// What a sentence calls it.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Company => "the company",
            Self::Room(room) => room,
        }
    }

    /// The room's name, where it has one.
    pub(super) fn name(&self) -> Option<Name<'_>> {
        match self {
            Self::Company => None,
            Self::Room(room) => Some(Name { noun: Noun::Room, makes: false, text: room }),
        }
    }

    /// The same, to be changed.
    pub(super) fn name_mut(&mut self) -> Option<(Noun, bool, &mut String)> {
        match self {
            Self::Company => None,
            Self::Room(room) => Some((Noun::Room, false, room)),
        }
    }

    /// The stream that it stands for.
    pub(super) fn stream(&self, book: &Book) -> Result<StreamId, String> {
        match self {
            Self::Company => Ok(StreamId::Company(book.company()?)),
            Self::Room(room) => Ok(StreamId::Room(book.room(room)?)),
        }
    }
}

/// Writes the two methods of `Deed` that give the names in a struct with a device and a topic.
macro_rules! names_of_topic {
    () => {
        fn names(&self) -> Vec<$crate::operations::Name<'_>> {
            let device =
                $crate::operations::Name { noun: $crate::operations::Noun::Device, makes: false, text: &self.device };
            [device].into_iter().chain(self.stream.name()).collect()
        }

        fn names_mut(&mut self) -> Vec<($crate::operations::Noun, bool, &mut String)> {
            let device = ($crate::operations::Noun::Device, false, &mut self.device);
            [device].into_iter().chain(self.stream.name_mut()).collect()
        }
    };
}

pub(super) use names_of_topic;
