//! From scenes to a history: every scene gets its place in time, every step its number, every message and file its name,
//! and what refers to something made before finds it.

use super::scene::{Beat, Choice, NEW_GUEST, NEW_ROOM, Scene};
use super::stage::{Cast, speak_in};
use crate::history::{History, Settings, Step};
use crate::operations::{Action, Noun};

/// A scene and where in the storm it begins, in millionths of the time that it could.
pub(in crate::history) type Placed = (u64, Scene);

const WHOLE: u64 = 1_000_000;

/// What was made less than this before is chosen only where there is nothing else: its maker may not know of it yet.
const FRESH_MS: u64 = 400;

/// Puts scenes together. Every one ends within the storm.
pub(in crate::history) fn assemble(
    seed: u64,
    profile: &str,
    settings: Settings,
    cast: &Cast,
    scenes: Vec<Placed>,
) -> History {
    let mut beats: Vec<Beat> = Vec::new();
    let (mut new_rooms, mut new_guests) = (0, 0);
    for (millionths, scene) in scenes {
        let spare_ms = settings.storm_ms.saturating_sub(scene.length_ms());
        let begin_ms = spare_ms * millionths / WHOLE;
        new_rooms += u32::from(scene.creates_room());
        new_guests += u32::from(scene.invites());
        let (new_room, new_guest) = (format!("room-{new_rooms}"), format!("guest-{new_guests}"));
        beats.extend(scene.beats.into_iter().map(|beat| Beat {
            after_ms: (begin_ms + beat.after_ms).min(settings.storm_ms),
            action: with_new(beat.action, &new_room, &new_guest),
        }));
    }
    // Stable: what is drawn for the same millisecond stays in the order of its drawing.
    beats.sort_by_key(|beat| beat.after_ms);
    let mut past = Past::default();
    let steps = (1..).zip(beats).map(|(id, beat)| past.step(id, beat)).collect();
    History { seed, profile: profile.to_owned(), settings, users: cast.users.clone(), rooms: cast.rooms.clone(), steps }
}

/// Gives a room that the scene itself creates, and whom it invites, their names in the history.
fn with_new(mut action: Action, room: &str, guest: &str) -> Action {
    for (noun, _, text) in action.deed_mut().map(|deed| deed.names_mut()).unwrap_or_default() {
        match noun {
            Noun::Room if text == NEW_ROOM => room.clone_into(text),
            Noun::User | Noun::Invitation if text == NEW_GUEST => guest.clone_into(text),
            Noun::Device if text.starts_with(NEW_GUEST) => text.replace_range(..NEW_GUEST.len(), guest),
            _ => {}
        }
    }
    action
}

/// What was made before a step.
#[derive(Default)]
struct Past {
    made: Vec<Made>,
}

/// A message or a file.
struct Made {
    noun: Noun,
    name: String,
    at_ms: u64,
    user: String,
    room: Option<String>,
    /// It answers another.
    reply: bool,
    /// A step opens a thread on it.
    thread: bool,
}

impl Past {
    fn step(&mut self, id: u32, Beat { after_ms: at_ms, action }: Beat) -> Step {
        let mut action = self.referring(action, at_ms);
        let user = user_of(&action);
        let room = action.uses(Noun::Room).map(str::to_owned);
        let reply = action.uses(Noun::Message).is_some();
        if let Action::OpenThread(opens) = &action {
            self.made.iter_mut().filter(|made| made.name == opens.message).for_each(|made| made.thread = true);
        }
        let names = action.deed_mut().map(|deed| deed.names_mut()).unwrap_or_default();
        for (noun, _, text) in names.into_iter().filter(|(_, makes, _)| *makes) {
            *text = match noun {
                Noun::File => format!("file-{id}.bin"),
                Noun::Title => format!("t{id}"),
                Noun::Message | Noun::Text => format!("m{id}"),
                // Their scenes have named them.
                Noun::Room | Noun::Invitation | Noun::User | Noun::Device => continue,
            };
            let (user, room, name) = (user.clone(), room.clone(), text.clone());
            if matches!(noun, Noun::Message | Noun::File) {
                self.made.push(Made { noun, name, at_ms, user, room, reply, thread: false });
            }
        }
        Step { id, at_ms, action }
    }

    /// The action with what it refers to; where there is nothing of the kind yet, what is done instead.
    fn referring(&self, mut action: Action, at_ms: u64) -> Action {
        loop {
            let (user, room) = (user_of(&action), action.uses(Noun::Room).map(str::to_owned));
            let otherwise = action.deed().and_then(|deed| deed.otherwise());
            let device = action.device().map(str::to_owned);
            let Some(deed) = action.deed_mut() else { return action };
            let chosen = deed.names_mut().into_iter().filter_map(|(noun, _, text)| {
                let choice = Choice::read(text)?;
                Some((text, self.choose(noun, choice, at_ms, &user, room.as_deref()).map(str::to_owned)))
            });
            let mut found = true;
            for (text, chosen) in chosen {
                match chosen {
                    Some(name) => *text = name,
                    None => found = false,
                }
            }
            match (found, otherwise, device, room) {
                (true, ..) => return action,
                (false, Some(otherwise), ..) => action = otherwise,
                (false, None, Some(device), Some(room)) => return speak_in(device, room),
                (false, None, ..) => return action,
            }
        }
    }

    fn choose(&self, noun: Noun, choice: Choice, at_ms: u64, user: &str, room: Option<&str>) -> Option<&str> {
        let suits = |made: &&Made| {
            made.noun == noun
                && (room.is_none() || made.room.as_deref() == room)
                && match choice {
                    Choice::Own(_) => made.user == user,
                    Choice::Any(_) => true,
                    Choice::Root(_) => !made.reply,
                    Choice::Thread(_) => made.thread,
                }
        };
        let all: Vec<&Made> = self.made.iter().filter(suits).collect();
        let old = all.partition_point(|made| made.at_ms + FRESH_MS <= at_ms);
        let among = if old > 0 { &all[..old] } else { &all[..] };
        let place = among.len().checked_sub(1 + choice.back() % among.len().max(1))?;
        Some(among[place].name.as_str())
    }
}

fn user_of(action: &Action) -> String {
    let device = action.device().unwrap_or_default();
    device.split_once('/').map_or(device, |(user, _)| user).to_owned()
}
