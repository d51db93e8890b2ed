//! A scene: a few things that belong together, at times relative to its beginning.

use crate::faults;
use crate::history::Action;

/// A few things that belong together. Bodies of messages and names of new rooms are given when the history is put
/// together, for only then it is known which come first.
#[derive(Clone, Debug, Default)]
pub(in crate::history) struct Scene {
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
pub(super) const NEW_ROOM: &str = "new room";

impl Scene {
    /// Something that happens `after_ms` into a scene.
    pub(super) fn one(after_ms: u64, action: Action) -> Self {
        Self { beats: vec![Beat { after_ms, action }] }
    }

    /// Both at once, `other` beginning `after_ms` later.
    pub(super) fn and(mut self, after_ms: u64, other: Self) -> Self {
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
        self.beats.iter().any(|beat| matches!(beat.action, Action::CreateRoom { .. }))
    }
}

impl FromIterator<Self> for Scene {
    /// All at once.
    fn from_iter<I: IntoIterator<Item = Self>>(scenes: I) -> Self {
        Self { beats: scenes.into_iter().flat_map(|scene| scene.beats).collect() }
    }
}
