//! Whether a history makes sense: what a type cannot say. Drawn and shrunk ones always do; hand-edited ones may not.

use std::collections::BTreeSet;

use super::{History, Step};
use crate::faults::Target;
use crate::operations::Noun;

/// The longest duration in a history. A day is more than any storm, and far from overflowing a sum.
pub const LONGEST_MS: u64 = 24 * 60 * 60 * 1_000;

/// What does not make sense in a history.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Flaw {
    /// A name is empty or holds the `/` that separates a user from a device.
    #[error("the {kind} name `{name}` cannot be used: expected at least one character and no `/`")]
    BadName {
        /// Of what.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Two of a kind have one name.
    #[error("two {kind}s are named `{name}`: rename one of them")]
    DuplicateName {
        /// Of what.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A room's list of members names nobody.
    #[error("room `{room}` has the unknown member `{user}`: expected one of {known}")]
    UnknownMember {
        /// The room.
        room: String,
        /// The member.
        user: String,
        /// The users that there are.
        known: String,
    },
    /// A step names something that does not exist.
    #[error("step {step} names the unknown {kind} `{name}`: expected one of {known}")]
    Unknown {
        /// The step.
        step: u32,
        /// Of what.
        kind: &'static str,
        /// The name.
        name: String,
        /// What there is.
        known: String,
    },
    /// A step makes a device that is nobody's.
    #[error("step {step} makes the device `{name}`: expected user/device, such as guest-1/phone")]
    BadDevice {
        /// The step.
        step: u32,
        /// The device.
        name: String,
    },
    /// Two steps have one number.
    #[error("two steps have the id {id}: an id names the step's own randomness and must be unique")]
    DuplicateStep {
        /// The number.
        id: u32,
    },
    /// Two messages have one text, or two files or devices one name.
    #[error("step {step} makes the {kind} {text:?} again: it must be unique in the history")]
    DuplicateText {
        /// The later step.
        step: u32,
        /// Of what.
        kind: &'static str,
        /// The text.
        text: String,
    },
    /// A step is before the one above it.
    #[error(
        "step {step} is at {at_ms} ms, before the {previous_ms} ms of the step above it: steps are ordered by time"
    )]
    OutOfOrder {
        /// The step.
        step: u32,
        /// Its time.
        at_ms: u64,
        /// The time of the step above it.
        previous_ms: u64,
    },
    /// A step is after the storm.
    #[error("step {step} is at {at_ms} ms, beyond `storm_ms`: the storm ends at {storm_ms} ms")]
    BeyondStorm {
        /// The step.
        step: u32,
        /// Its time.
        at_ms: u64,
        /// The storm's end.
        storm_ms: u64,
    },
    /// A duration is longer than a day.
    #[error("{what} is {ms} ms: expected at most {LONGEST_MS} ms, which is a day")]
    TooLong {
        /// Which duration.
        what: String,
        /// Its length.
        ms: u64,
    },
    /// A setting has no meaning.
    #[error("`{setting}` is {value}: expected {expected}")]
    BadSetting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        value: u64,
        /// What would be right.
        expected: &'static str,
    },
}

impl History {
    /// All that does not make sense in it; empty when it can be run.
    ///
    /// A step may name a room that another step creates, earlier or not: when it is too early it is skipped.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        self.check_settings(&mut flaws);
        self.check_names(&mut flaws);
        self.check_order(&mut flaws);
        self.check_references(&mut flaws);
        flaws
    }

    /// What exists at the beginning, and what some step makes: what steps may name.
    pub(crate) fn names_there(&self) -> BTreeSet<(Noun, String)> {
        let rooms = self.rooms.iter().map(|room| (Noun::Room, room.name.clone()));
        let users = self.users.iter().map(|user| (Noun::User, user.name.clone()));
        let devices = self.devices().map(|device| (Noun::Device, device));
        let made = self.steps.iter().flat_map(|step| step.action.names()).filter(|name| name.makes);
        rooms.chain(users).chain(devices).chain(made.map(|name| (name.noun, name.text.to_owned()))).collect()
    }

    /// The rooms that exist at the beginning, and those that some step creates: a name that is there twice is given twice.
    fn room_names(&self) -> impl Iterator<Item = &str> {
        let created = self.steps.iter().filter_map(|step| step.action.makes(Noun::Room));
        self.rooms.iter().map(|room| room.name.as_str()).chain(created)
    }

    fn check_settings(&self, flaws: &mut Vec<Flaw>) {
        let settings = &self.settings;
        let durations = [
            ("storm_ms", settings.storm_ms),
            ("access_token_ms", settings.access_token_ms),
            ("latency_max_ms", settings.latency_max_ms),
            ("disk_max_ms", settings.disk_max_ms),
        ];
        for (name, ms) in durations.into_iter().filter(|&(_, ms)| ms > LONGEST_MS) {
            flaws.push(Flaw::TooLong { what: format!("`{name}`"), ms });
        }
        let mut bad = |setting, value, expected| flaws.push(Flaw::BadSetting { setting, value, expected });
        if settings.access_token_ms < 1_000 {
            bad("access_token_ms", settings.access_token_ms, "at least 1000: a token's times count in seconds");
        }
        if settings.latency_min_ms > settings.latency_max_ms {
            bad("latency_min_ms", settings.latency_min_ms, "at most `latency_max_ms`");
        }
    }

    fn check_names(&self, flaws: &mut Vec<Flaw>) {
        check_unique("user", self.users.iter().map(|user| user.name.as_str()), flaws);
        for user in &self.users {
            check_unique("device", user.devices.iter().map(String::as_str), flaws);
        }
        check_unique("room", self.room_names(), flaws);
        for room in &self.rooms {
            check_unique("member", room.members.iter().map(String::as_str), flaws);
            for member in &room.members {
                if self.users.iter().all(|user| user.name != *member) {
                    let known = list(self.users.iter().map(|user| user.name.as_str()));
                    flaws.push(Flaw::UnknownMember { room: room.name.clone(), user: member.clone(), known });
                }
            }
        }
    }

    fn check_order(&self, flaws: &mut Vec<Flaw>) {
        let storm_ms = self.settings.storm_ms;
        let (mut ids, mut texts) = (BTreeSet::new(), BTreeSet::new());
        let devices: BTreeSet<String> = self.devices().collect();
        let mut previous_ms = 0;
        for &Step { id: step, at_ms, ref action } in &self.steps {
            if !ids.insert(step) {
                flaws.push(Flaw::DuplicateStep { id: step });
            }
            let made = action.names().into_iter().filter(|name| name.makes);
            for name in made {
                let repeated = match name.noun {
                    Noun::Message | Noun::Text => !texts.insert((Noun::Text, name.text)),
                    Noun::Title | Noun::Invitation | Noun::File => !texts.insert((name.noun, name.text)),
                    Noun::Device => {
                        let (user, device) = name.text.split_once('/').unwrap_or_default();
                        if user.is_empty() || device.is_empty() || device.contains('/') {
                            flaws.push(Flaw::BadDevice { step, name: name.text.to_owned() });
                        }
                        devices.contains(name.text) || !texts.insert((name.noun, name.text))
                    }
                    // Of two devices that one person was to begin with, one begins.
                    Noun::Room | Noun::User => false,
                };
                if repeated {
                    let (kind, text) = (name.noun.word(), name.text.to_owned());
                    flaws.push(Flaw::DuplicateText { step, kind, text });
                }
            }
            if at_ms < previous_ms {
                flaws.push(Flaw::OutOfOrder { step, at_ms, previous_ms });
            }
            previous_ms = at_ms;
            if at_ms > storm_ms {
                flaws.push(Flaw::BeyondStorm { step, at_ms, storm_ms });
            }
            if let Some(ms) = action.fault().map(|fault| fault.lasts_ms()).filter(|&ms| ms > LONGEST_MS) {
                flaws.push(Flaw::TooLong { what: format!("the fault of step {step}"), ms });
            }
        }
    }

    fn check_references(&self, flaws: &mut Vec<Flaw>) {
        let population = self.population();
        let users: BTreeSet<&str> = population.users.iter().map(String::as_str).collect();
        let devices: BTreeSet<&str> = population.devices.iter().map(String::as_str).collect();
        let there = self.names_there();
        for Step { id, action, .. } in &self.steps {
            let mut unknown = |kind, name: &str, known: &BTreeSet<&str>| {
                if !known.contains(name) {
                    let known = list(known.iter().copied());
                    flaws.push(Flaw::Unknown { step: *id, kind, name: name.to_owned(), known });
                }
            };
            match action.fault().and_then(|fault| fault.target()) {
                Some(Target::User(user)) => unknown("user", user, &users),
                Some(Target::Device(device)) => unknown("device", device, &devices),
                Some(Target::Everyone) | None => {}
            }
            if let Some(device) = action.fault().and_then(|fault| fault.awaits()?.device()) {
                unknown("device", device, &devices);
            }
            for name in action.names().into_iter().filter(|name| !name.makes && !name.is_among(&there)) {
                let known = there.iter().filter(|(noun, _)| *noun == name.noun).map(|(_, name)| name.as_str());
                unknown(name.noun.word(), name.text, &known.collect());
            }
        }
    }
}

fn check_unique<'a>(kind: &'static str, names: impl Iterator<Item = &'a str>, flaws: &mut Vec<Flaw>) {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() || name.contains('/') {
            flaws.push(Flaw::BadName { kind, name: name.to_owned() });
        }
        if !seen.insert(name) {
            flaws.push(Flaw::DuplicateName { kind, name: name.to_owned() });
        }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none, for there is none".to_owned() } else { names.join(", ") }
}
