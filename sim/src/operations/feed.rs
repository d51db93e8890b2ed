//! `feed`: another program writes conversation files, which become rooms that somebody reads along (RF-1, RF-2). No device
//! does it, and no fault of the server's touches the files.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde::{Deserialize, Serialize};

use super::{AddMember, Begun, Book, Deed, Kind, Name, Noun};
use crate::history::draw::{NEW_ROOM, Scene, Stage, joining};
use crate::words::seconds;
use crate::world::Device;

pub(super) const KIND: Kind =
    Kind { name: "feed", summary: "another program writes a conversation file", weight: 2, strategy: Some(strategy) };

/// How many lines a conversation has at most.
const LINES: u32 = 8;

/// Something that happens to the file of a conversation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// The conversation, which becomes a room of its name.
    pub room: String,
    /// What happens to its file.
    pub edit: FeedEdit,
}

/// What can happen to it. Lines are known by numbers that whoever drew them gave.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedEdit {
    /// The file comes to be, with its first line.
    Open,
    /// A line is appended.
    Append {
        /// The line's own identifier.
        line: u32,
        /// The text, unique in the history.
        body: String,
        /// The bytes come in two writes, this far apart; 0: in one.
        torn_ms: u64,
    },
    /// A line says something else, and can be read again if it could not.
    Edit {
        /// The line's own identifier.
        line: u32,
        /// The text, unique in the history.
        body: String,
    },
    /// A line becomes unreadable.
    Garble {
        /// The line's own identifier.
        line: u32,
    },
    /// A line goes.
    DropLine {
        /// The line's own identifier.
        line: u32,
    },
    /// The file gets another name.
    Rename,
    /// The file goes.
    Remove,
}

impl Deed for Feed {
    fn names(&self) -> Vec<Name<'_>> {
        let room = Name { noun: Noun::Room, makes: self.edit == FeedEdit::Open, text: &self.room };
        let text = match &self.edit {
            FeedEdit::Append { body, .. } | FeedEdit::Edit { body, .. } => Some(body),
            _ => None,
        };
        [Some(room), text.map(|text| Name { noun: Noun::Text, makes: true, text })].into_iter().flatten().collect()
    }

    fn names_mut(&mut self) -> Vec<(Noun, bool, &mut String)> {
        let makes = self.edit == FeedEdit::Open;
        let text = match &mut self.edit {
            FeedEdit::Append { body, .. } | FeedEdit::Edit { body, .. } => Some((Noun::Text, true, body)),
            _ => None,
        };
        [Some((Noun::Room, makes, &mut self.room)), text].into_iter().flatten().collect()
    }

    fn what(&self) -> String {
        let room = &self.room;
        match &self.edit {
            FeedEdit::Open => format!("writes a new file of {room}"),
            FeedEdit::Append { line, body, torn_ms: 0 } => format!("appends line {line} {body:?} to {room}"),
            FeedEdit::Append { line, body, torn_ms } => {
                format!("appends line {line} {body:?} to {room} in two writes, {} apart", seconds(*torn_ms))
            }
            FeedEdit::Edit { line, body } => format!("makes line {line} of {room} {body:?}"),
            FeedEdit::Garble { line } => format!("makes line {line} of {room} unreadable"),
            FeedEdit::DropLine { line } => format!("takes line {line} out of {room}"),
            FeedEdit::Rename => format!("renames the file of {room}"),
            FeedEdit::Remove => format!("removes the file of {room}"),
        }
    }

    fn begin(&self, _: &Device, _: &Book) -> Result<Begun, String> {
        Err("no device does this".to_owned())
    }

    fn simpler(&self) -> Vec<super::Action> {
        match &self.edit {
            FeedEdit::Append { line, body, torn_ms } if *torn_ms > 0 => {
                let edit = FeedEdit::Append { line: *line, body: body.clone(), torn_ms: 0 };
                vec![Self { room: self.room.clone(), edit }.into()]
            }
            _ => Vec::new(),
        }
    }
}

/// A conversation from its beginning: lines come, change and go, and somebody joins to read along.
fn strategy(stage: &Stage) -> BoxedStrategy<Scene> {
    let lines = prop::collection::vec((0..=6_000_u64, torn_ms()), 1..=LINES as usize);
    let edits = prop::collection::vec((500..=12_000_u64, edit()), 0..=6);
    let readers = prop::collection::vec((500..=5_000_u64, joining(stage)), 0..=2);
    (lines, edits, readers)
        .prop_map(|(mut lines, edits, readers)| {
            lines.sort_unstable();
            let append =
                |(line, (after_ms, torn_ms))| beat(after_ms, FeedEdit::Append { line, body: String::new(), torn_ms });
            let join = |(after_ms, (device, user))| {
                Scene::one(after_ms, AddMember { device, room: NEW_ROOM.to_owned(), user })
            };
            beat(0, FeedEdit::Open)
                .and(0, (1..).zip(lines).map(append).collect())
                .and(0, edits.into_iter().map(|(after_ms, edit)| beat(after_ms, edit)).collect())
                .and(0, readers.into_iter().map(join).collect())
        })
        .boxed()
}

/// Mostly in one write.
fn torn_ms() -> BoxedStrategy<u64> {
    prop_oneof![3 => Just(0), 1 => 1..=300_u64].boxed()
}

fn edit() -> BoxedStrategy<FeedEdit> {
    let line = || 1..=LINES;
    prop_oneof![
        4 => line().prop_map(|line| FeedEdit::Edit { line, body: String::new() }),
        2 => line().prop_map(|line| FeedEdit::Garble { line }),
        3 => line().prop_map(|line| FeedEdit::DropLine { line }),
        2 => Just(FeedEdit::Rename),
        1 => Just(FeedEdit::Remove),
    ]
    .boxed()
}

fn beat(after_ms: u64, edit: FeedEdit) -> Scene {
    Scene::one(after_ms, Feed { room: NEW_ROOM.to_owned(), edit })
}
