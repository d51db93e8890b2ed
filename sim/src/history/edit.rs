//! Edits that make a history simpler. Each leaves it valid, and is strictly a step down, so that shrinking ends.

use std::collections::BTreeSet;

use super::{Action, History, Settings, Step};
use crate::faults::Target;
use crate::operations::Noun;

/// One way to make a history simpler.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Edit {
    /// Without these steps, nor those that name something that is then never made.
    RemoveSteps(BTreeSet<u32>),
    /// Without all users, devices, rooms and memberships that no step names.
    DropUnused,
    /// Without this user, whom no step names.
    DropUser(String),
    /// Without this device (`user/device`), which no step names.
    DropDevice(String),
    /// Without this room, which no step names.
    DropRoom(String),
    /// Without these members in this room.
    DropMembers { room: String, users: BTreeSet<String> },
    /// With a simpler action in this step.
    Replace { step: u32, action: Action },
    /// With calmer settings.
    Set(Settings),
    /// With at most this much time between any two steps, and before the first.
    CloseGaps { to_ms: u64 },
    /// With at most this much time between this step and the one before.
    CloseGap { step: u32, to_ms: u64 },
    /// With all times rounded down to multiples of this.
    RoundTimes { to_ms: u64 },
}

impl Edit {
    /// `history` made simpler; none if this edit changes nothing or does not apply any more.
    pub(super) fn apply(&self, history: &History) -> Option<History> {
        let mut edited = history.clone();
        match self {
            Self::RemoveSteps(ids) => remove_steps(&mut edited, ids),
            Self::DropUnused => drop_unused(&mut edited),
            Self::DropUser(name) => drop_users(&mut edited, |user| user == name),
            Self::DropDevice(name) => drop_devices(&mut edited, |device| device == name),
            Self::DropRoom(name) => drop_rooms(&mut edited, |room| room == name),
            Self::DropMembers { room, users } => {
                edited.rooms.iter_mut().filter(|plan| plan.name == *room).for_each(|plan| {
                    plan.members.retain(|member| !users.contains(member));
                });
            }
            Self::Replace { step, action } => {
                edited.steps.iter_mut().filter(|candidate| candidate.id == *step).for_each(|candidate| {
                    candidate.action = action.clone();
                });
            }
            Self::Set(settings) => edited.settings = settings.clone(),
            Self::CloseGaps { to_ms } => close_gaps(&mut edited.steps, *to_ms, |_| true),
            Self::CloseGap { step, to_ms } => close_gaps(&mut edited.steps, *to_ms, |id| id == *step),
            Self::RoundTimes { to_ms } => {
                edited.steps.iter_mut().for_each(|step| step.at_ms = step.at_ms / to_ms * to_ms);
            }
        }
        (edited != *history).then_some(edited)
    }

    /// Whether `other`, which was right, makes this one a step back: it was the simpler of two for the same thing.
    pub(super) fn is_outdone_by(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Replace { step, .. }, Self::Replace { step: other, .. }) => step == other,
            (Self::Set(_), Self::Set(_)) => true,
            _ => false,
        }
    }
}

fn remove_steps(history: &mut History, ids: &BTreeSet<u32>) {
    history.steps.retain(|step| !ids.contains(&step.id));
    // What names something that is then never made goes too, and what names that.
    loop {
        let there = history.names_there();
        let is_left = |step: &Step| step.action.names().iter().all(|name| name.makes || name.is_among(&there));
        let orphans: BTreeSet<u32> = history.steps.iter().filter(|step| !is_left(step)).map(|step| step.id).collect();
        if orphans.is_empty() {
            return;
        }
        history.steps.retain(|step| !orphans.contains(&step.id));
    }
}

fn drop_unused(history: &mut History) {
    drop_devices(history, |_| true);
    drop_users(history, |_| true);
    drop_rooms(history, |_| true);
}

fn drop_users(history: &mut History, unwanted: impl Fn(&str) -> bool) {
    let used = used_users(&history.steps);
    history.users.retain(|user| used.contains(&user.name) || !unwanted(&user.name));
    let left: BTreeSet<&str> = history.users.iter().map(|user| user.name.as_str()).collect();
    for room in &mut history.rooms {
        room.members.retain(|member| left.contains(member.as_str()));
    }
}

fn drop_devices(history: &mut History, unwanted: impl Fn(&str) -> bool) {
    let used = used_devices(&history.steps);
    for user in &mut history.users {
        let name = &user.name;
        user.devices.retain(|device| {
            let device = format!("{name}/{device}");
            used.contains(&device) || !unwanted(&device)
        });
    }
}

fn drop_rooms(history: &mut History, unwanted: impl Fn(&str) -> bool) {
    let used: BTreeSet<&str> = history.steps.iter().filter_map(|step| step.action.room()).collect();
    history.rooms.retain(|room| used.contains(room.name.as_str()) || !unwanted(&room.name));
}

fn used_devices(steps: &[Step]) -> BTreeSet<String> {
    let target = |step: &Step| match step.action.fault()?.target()? {
        Target::Device(device) => Some(device.clone()),
        Target::User(_) | Target::Everyone => None,
    };
    let watched = steps.iter().filter_map(|step| step.action.fault()?.awaits()?.device().map(str::to_owned));
    named(steps, Noun::Device).chain(steps.iter().filter_map(target)).chain(watched).collect()
}

/// Every name of a kind in the steps.
fn named(steps: &[Step], noun: Noun) -> impl Iterator<Item = String> {
    let names = steps.iter().flat_map(|step| step.action.names());
    names.filter(move |name| name.noun == noun).map(|name| name.text.to_owned())
}

fn used_users(steps: &[Step]) -> BTreeSet<String> {
    let owners = used_devices(steps);
    let owners = owners.iter().filter_map(|device| device.split_once('/')).map(|(owner, _)| owner.to_owned());
    let targets = steps.iter().filter_map(|step| match step.action.fault()?.target()? {
        Target::User(user) => Some(user.clone()),
        Target::Device(_) | Target::Everyone => None,
    });
    owners.chain(named(steps, Noun::User)).chain(targets).collect()
}

/// Moves steps, and all after them, closer to the one before.
fn close_gaps(steps: &mut [Step], to_ms: u64, which: impl Fn(u32) -> bool) {
    let (mut previous_ms, mut earlier_ms) = (0, 0);
    for step in steps {
        let gap_ms = step.at_ms - previous_ms;
        previous_ms = step.at_ms;
        if which(step.id) {
            earlier_ms += gap_ms.saturating_sub(to_ms);
        }
        step.at_ms -= earlier_ms;
    }
}
