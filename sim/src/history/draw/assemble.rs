//! From scenes to a history: every scene gets its place in time, every step its number, every message its text.

use super::scene::{Beat, NEW_ROOM, Scene};
use super::stage::Cast;
use crate::history::{Action, History, Settings, Step};

/// A scene and where in the storm it begins, in millionths of the time that it could.
pub(in crate::history) type Placed = (u64, Scene);

const WHOLE: u64 = 1_000_000;

/// Puts scenes together. Every one ends within the storm.
pub(in crate::history) fn assemble(
    seed: u64,
    profile: &str,
    settings: Settings,
    cast: &Cast,
    scenes: Vec<Placed>,
) -> History {
    let mut beats: Vec<Beat> = Vec::new();
    let mut new_rooms = 0;
    for (millionths, scene) in scenes {
        let spare_ms = settings.storm_ms.saturating_sub(scene.length_ms());
        let begin_ms = spare_ms * millionths / WHOLE;
        new_rooms += u32::from(scene.creates_room());
        let new_room = format!("room-{new_rooms}");
        beats.extend(scene.beats.into_iter().map(|beat| Beat {
            after_ms: (begin_ms + beat.after_ms).min(settings.storm_ms),
            action: with_room(beat.action, &new_room),
        }));
    }
    // Stable: what is drawn for the same millisecond stays in the order of its drawing.
    beats.sort_by_key(|beat| beat.after_ms);
    let steps = (1..).zip(beats).map(|(id, beat)| Step {
        id,
        at_ms: beat.after_ms,
        action: with_body(beat.action, &format!("m{id}")),
    });
    History {
        seed,
        profile: profile.to_owned(),
        settings,
        users: cast.users.clone(),
        rooms: cast.rooms.clone(),
        steps: steps.collect(),
    }
}

/// Gives a room that the scene itself creates its name in the history.
fn with_room(mut action: Action, name: &str) -> Action {
    if let Action::Send { room, .. }
    | Action::Post { room, .. }
    | Action::CreateRoom { room, .. }
    | Action::AddMember { room, .. }
    | Action::RemoveMember { room, .. }
    | Action::ReadRoom { room, .. } = &mut action
        && room == NEW_ROOM
    {
        name.clone_into(room);
    }
    action
}

fn with_body(mut action: Action, text: &str) -> Action {
    if let Action::Send { body, .. } | Action::Post { body, .. } = &mut action {
        text.clone_into(body);
    }
    action
}
