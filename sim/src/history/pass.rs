//! In which order a history is made simpler: what saves most for the fewest runs comes first.

use std::collections::VecDeque;

use super::edit::Edit;
use super::{History, Settings, Step};
use crate::faults::Fault;

/// A series of edits with one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pass {
    /// Remove runs of this many steps (delta debugging), the last first: nothing depends on them.
    Steps { at_once: usize },
    /// Drop who and what no step names.
    Cast,
    /// Make single steps simpler: shorter faults, of fewer devices; smaller files.
    Actions,
    /// Make the world's settings calmer.
    Settings,
    /// Close gaps between the steps, and round their times.
    Times,
    /// End the storm sooner.
    Storm,
    /// Remove single steps once more: what the others changed may have made one superfluous.
    Again,
}

/// What a person needs not think about: tokens that never expire, an even network, a fast disk.
const CALM_TOKEN_MS: u64 = 900_000;
const CALM_DISK_MS: u64 = 1;

impl Pass {
    /// The pass to begin with.
    pub(super) fn first(history: &History) -> Self {
        Self::Steps { at_once: history.steps.len().div_ceil(2).max(1) }
    }

    /// The pass after this one; none when nothing more can be tried.
    pub(super) fn next(self, history: &History, progressed: bool) -> Option<Self> {
        match self {
            Self::Steps { at_once: 1 } => Some(Self::Cast),
            Self::Steps { at_once } => {
                let at_once = (at_once / 2).min(history.steps.len().div_ceil(2)).max(1);
                Some(Self::Steps { at_once })
            }
            Self::Cast => Some(Self::Settings),
            Self::Settings if progressed => Some(self),
            Self::Settings => Some(Self::Actions),
            Self::Actions if progressed => Some(self),
            Self::Actions => Some(Self::Times),
            Self::Times => Some(Self::Storm),
            Self::Storm => Some(Self::Again),
            Self::Again if progressed => Some(Self::Cast),
            Self::Again => None,
        }
    }

    /// What to try, in this order.
    pub(super) fn edits(self, history: &History) -> VecDeque<Edit> {
        match self {
            Self::Steps { at_once } => removals(history, at_once),
            // What was only watched, or only cut off, may be nobody's business any more.
            Self::Again => std::iter::once(Edit::DropUnused).chain(removals(history, 1)).collect(),
            Self::Cast => drops(history),
            Self::Actions => replacements(history),
            Self::Settings => calmer_settings(&history.settings),
            Self::Times => times(history),
            Self::Storm => shorter_storms(history),
        }
    }
}

fn removals(history: &History, at_once: usize) -> VecDeque<Edit> {
    let ids: Vec<u32> = history.steps.iter().map(|step| step.id).collect();
    ids.rchunks(at_once).map(|chunk| Edit::RemoveSteps(chunk.iter().copied().collect())).collect()
}

fn drops(history: &History) -> VecDeque<Edit> {
    let users = history.users.iter().map(|user| Edit::DropUser(user.name.clone()));
    let devices = history.devices().map(Edit::DropDevice);
    let rooms = history.rooms.iter().map(|room| Edit::DropRoom(room.name.clone()));
    let empty = history
        .rooms
        .iter()
        .map(|room| Edit::DropMembers { room: room.name.clone(), users: room.members.iter().cloned().collect() });
    let members = history.rooms.iter().flat_map(|room| {
        let member = |user: &String| Edit::DropMembers { room: room.name.clone(), users: [user.clone()].into() };
        room.members.iter().map(member)
    });
    std::iter::once(Edit::DropUnused).chain(users).chain(devices).chain(rooms).chain(empty).chain(members).collect()
}

fn replacements(history: &History) -> VecDeque<Edit> {
    let population = history.population();
    let of_step = |step: &Step| {
        let id = step.id;
        step.action.simpler(&population).into_iter().map(move |action| Edit::Replace { step: id, action })
    };
    history.steps.iter().flat_map(of_step).collect()
}

/// All at once, then one after the other.
fn calmer_settings(settings: &Settings) -> VecDeque<Edit> {
    let token =
        |settings: Settings| Settings { access_token_ms: settings.access_token_ms.max(CALM_TOKEN_MS), ..settings };
    let network = |settings: Settings| Settings { latency_max_ms: settings.latency_min_ms, ..settings };
    let disk = |settings: Settings| Settings { disk_max_ms: settings.disk_max_ms.min(CALM_DISK_MS), ..settings };
    let keeps = |settings: Settings| Settings { handed_over: false, ..settings };
    let original = || settings.clone();
    let all = keeps(disk(network(token(original()))));
    [all, token(original()), network(original()), disk(original()), keeps(original())]
        .into_iter()
        .map(Edit::Set)
        .collect()
}

/// For all steps at once, then for each.
fn times(history: &History) -> VecDeque<Edit> {
    let all = [10, 100, 1_000].map(|to_ms| Edit::CloseGaps { to_ms });
    let each = history.steps.iter().flat_map(|step| [10, 1_000].map(|to_ms| Edit::CloseGap { step: step.id, to_ms }));
    let rounded = [1_000, 100, 10].map(|to_ms| Edit::RoundTimes { to_ms });
    all.into_iter().chain(each).chain(rounded).collect()
}

/// Never shorter than its faults: a cut that the storm's end cuts short would be described wrongly.
fn shorter_storms(history: &History) -> VecDeque<Edit> {
    let over_ms = history.steps.iter().map(|step| step.at_ms + step.action.fault().map_or(0, Fault::lasts_ms));
    let over_ms = over_ms.max().unwrap_or(0);
    [over_ms, over_ms + 1_000]
        .into_iter()
        .filter(|&storm_ms| storm_ms < history.settings.storm_ms)
        .map(|storm_ms| Edit::Set(Settings { storm_ms, ..history.settings.clone() }))
        .collect()
}
