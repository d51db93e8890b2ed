//! A scene: a few things that belong together, at times relative to its beginning.

use crate::faults;
use crate::operations::{Action, Noun};

/// A few things that belong together. Bodies of messages and names of new rooms are given when the history is put
/// together, for only then it is known which come first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(super) beats: Vec<Beat>,
}

/// One thing of a scene.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    /// Since the scene began.
    pub(super) after_ms: u64,
    pub(super) action: Action,
}

/// How a scene names the room that it creates itself.
pub(crate) const NEW_ROOM: &str = "new room";

/// How a scene names whom it invites itself.
pub(crate) const NEW_GUEST: &str = "new guest";

/// Which of the messages or files before it an operation is about: chosen when the history is put together, for only
/// then it is known what comes first. The number says how far back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Choice {
    /// One that the same user made.
    Own(usize),
    /// Anybody's.
    Any(usize),
    /// Anybody's that is no reply.
    Root(usize),
    /// One with a thread.
    Thread(usize),
}

impl Choice {
    /// How a drawn operation names it.
    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }

    /// Reads a name; none where it is a real one.
    pub(super) fn read(name: &str) -> Option<Self> {
        let (choice, back) = name.strip_suffix(')')?.split_once('(')?;
        let back = back.parse().ok()?;
        Some(match choice {
            "Own" => Self::Own(back),
            "Any" => Self::Any(back),
            "Root" => Self::Root(back),
            "Thread" => Self::Thread(back),
            _ => return None,
        })
    }

    /// How far back.
    pub(super) fn back(self) -> usize {
        match self {
            Self::Own(back) | Self::Any(back) | Self::Root(back) | Self::Thread(back) => back,
        }
    }
}

impl Scene {
    /// Something that happens `after_ms` into a scene.
    pub(crate) fn one(after_ms: u64, action: impl Into<Action>) -> Self {
        Self { beats: vec![Beat { after_ms, action: action.into() }] }
    }

    /// Both at once, `other` beginning `after_ms` later.
    pub(crate) fn and(mut self, after_ms: u64, other: Self) -> Self {
        self.beats.extend(other.beats.into_iter().map(|beat| Beat { after_ms: beat.after_ms + after_ms, ..beat }));
        self
    }

    /// From its beginning until its last thing, a fault of it included, is over.
    pub(super) fn length_ms(&self) -> u64 {
        let end = |beat: &Beat| beat.after_ms + beat.action.fault().map_or(0, faults::Fault::lasts_ms);
        self.beats.iter().map(end).max().unwrap_or(0)
    }

    /// Whether a room comes to be in it.
    pub(super) fn creates_room(&self) -> bool {
        self.beats.iter().any(|beat| beat.action.makes(Noun::Room) == Some(NEW_ROOM))
    }

    /// Whether somebody is invited in it.
    pub(super) fn invites(&self) -> bool {
        self.beats.iter().any(|beat| beat.action.makes(Noun::Invitation) == Some(NEW_GUEST))
    }
}

impl FromIterator<Self> for Scene {
    /// All at once.
    fn from_iter<I: IntoIterator<Item = Self>>(scenes: I) -> Self {
        Self { beats: scenes.into_iter().flat_map(|scene| scene.beats).collect() }
    }
}
