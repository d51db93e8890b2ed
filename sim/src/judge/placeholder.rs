//! Stands in for what is written elsewhere at the same time: the generator, the files of histories, the world, the
//! catalogue of properties and the search for a smaller history. To be deleted when they are plugged in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use properties::trace::{At, Entry, FaultChange, Observation, Phase, Trace};
use properties::{Evidence, Property, Verdict, Violation};
use system::protocol::Role;

use crate::faults::{Fault, Target};
use crate::history::{Action, History, Settings, Step, UserPlan};
use crate::world::{FaultCount, Fingerprint, Options, Run};

/// Stands in for `faults::Kind`.
pub struct Kind {
    pub name: &'static str,
    pub summary: &'static str,
}

/// Stands in for `faults::KINDS`.
pub const KINDS: &[Kind] = &[
    Kind { name: "cut", summary: "bytes between some devices and the server stop, as if a cable were pulled" },
    Kind { name: "stall", summary: "bytes between some devices and the server wait, and all come at the end" },
    Kind { name: "reset", summary: "every connection of some devices breaks with a reset" },
    Kind { name: "kill", summary: "the server's process is killed; its disk keeps what it wrote" },
    Kind { name: "power_loss", summary: "the power fails; the disk keeps what was synced and a part of the rest" },
    Kind { name: "restart", summary: "the server is told to stop, and started again" },
    Kind { name: "clock_jump", summary: "the server's wall clock jumps" },
];

/// Stands in for `history::Profile`.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    pub name: &'static str,
    pub summary: &'static str,
}

/// No profile has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no profile is named `{name}`: expected calm, standard, harsh or swarm")]
pub struct UnknownProfile {
    /// The name that was asked for.
    pub name: String,
}

impl Profile {
    pub fn named(name: &str) -> Result<Self, UnknownProfile> {
        let found = Self::all().into_iter().find(|profile| profile.name == name);
        found.ok_or_else(|| UnknownProfile { name: name.to_owned() })
    }

    pub fn all() -> [Self; 4] {
        [
            Self { name: "calm", summary: "the users of the standard profile, and nothing goes wrong" },
            Self { name: "standard", summary: "8 users with 12 devices, 60 s, at least 4 faults" },
            Self { name: "harsh", summary: "many faults at once" },
            Self { name: "swarm", summary: "each seed chooses which kinds of steps and faults exist" },
        ]
    }
}

impl History {
    pub(super) fn from_seed(seed: u64, profile: &Profile) -> Self {
        let device = "ana/phone".to_owned();
        let send = |id: u32| Step {
            id,
            at_ms: u64::from(id) * 100,
            action: Action::Send { device: device.clone(), room: "general".into(), body: format!("m{id}") },
        };
        let mut steps: Vec<Step> = (0..20 + u32::try_from(seed % 7).unwrap_or(0)).map(send).collect();
        let fault = Fault::Reset { target: Target::Device(device.clone()) };
        steps.push(Step { id: 90, at_ms: 9_000, action: Action::Fault(fault) });
        let settings = Settings {
            storm_ms: 10_000,
            access_token_ms: 60_000,
            latency_min_ms: 1,
            latency_max_ms: 50,
            disk_max_ms: 5,
        };
        let users = vec![UserPlan { name: "ana".into(), role: Role::Member, devices: vec!["phone".into()] }];
        Self { seed, profile: profile.name.to_owned(), settings, users, rooms: Vec::new(), steps }
    }
}

pub fn run(history: &History, _options: Options) -> Run {
    let mut trace = Trace::default();
    let mut push = |at_ms: u64, what| trace.entries.push(Entry { at: At(at_ms * 1_000), what });
    push(0, Observation::Phase { phase: Phase::Storm });
    let mut faults = BTreeMap::new();
    for step in &history.steps {
        match &step.action {
            Action::Fault(_) => {
                faults.insert("reset", FaultCount { fired: 1, effective: 1 });
                let text = "reset ana/phone".to_owned();
                push(step.at_ms, Observation::Fault { kind: "reset", step: step.id, change: FaultChange::Began, text });
            }
            action => {
                let text = serde_json::to_string(action).expect("an action has only string keys");
                push(step.at_ms, Observation::Step { step: step.id, text });
            }
        }
    }
    push(11_000, Observation::Recovered { device: Arc::from("ana/phone"), after_ms: 100 + history.seed % 50 });
    push(12_000, Observation::Phase { phase: Phase::End });
    let text = serde_json::to_string(&trace).expect("a trace has only string keys");
    let fingerprint = Fingerprint(xxhash_rust::xxh3::xxh3_128_with_seed(text.as_bytes(), history.seed));
    Run { trace, fingerprint, simulated_ms: 12_000, faults }
}

/// Stands in for `properties::Judgement`.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The property's permanent name.
    pub id: &'static str,
    /// The rows of REQUIREMENTS.md that it proves.
    pub requirements: &'static [&'static str],
    /// What it says.
    pub verdict: Verdict,
}

struct Recovers;

impl Property for Recovers {
    fn id(&self) -> &'static str {
        "recovery/within-bound"
    }

    fn statement(&self) -> &'static str {
        "every device is connected and up to date within 30 s of the heal"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-8"]
    }

    fn does_not_verify(&self) -> &'static str {
        "how long a device takes during the storm"
    }

    fn check(&self, trace: &Trace) -> Verdict {
        let mut checked = 0;
        for entry in &trace.entries {
            match &entry.what {
                Observation::Recovered { .. } => checked += 1,
                Observation::Step { text, .. } if text.contains("placeholder breaks") => {
                    return Verdict::Violated(Violation {
                        expected: "no placeholder breaks".to_owned(),
                        observed: "it does".to_owned(),
                        evidence: vec![Evidence::breaking(entry.at, "ana/phone", "says that it breaks")],
                    });
                }
                _ => {}
            }
        }
        Verdict::from_count(checked, "no device was there")
    }
}

pub fn all() -> &'static [&'static dyn Property] {
    &[&Recovers]
}

pub fn check_all(trace: &Trace) -> Vec<Judgement> {
    all()
        .iter()
        .map(|property| Judgement {
            id: property.id(),
            requirements: property.requirements(),
            verdict: property.check(trace),
        })
        .collect()
}

/// Stands in for `shrink::Budget`.
pub struct Budget<E> {
    pub runs: u32,
    pub expired: E,
}

/// Stands in for `shrink::Shrunk`.
#[derive(Clone, PartialEq, Debug)]
pub struct Shrunk {
    /// The smallest history found that still fails.
    pub history: History,
    /// How many histories were run.
    pub runs: u32,
    /// Nothing more was left to try; otherwise the budget was used up.
    pub finished: bool,
}

pub fn shrink(
    history: History,
    mut still_fails: impl FnMut(&History) -> bool,
    mut budget: Budget<impl FnMut() -> bool>,
) -> Shrunk {
    let mut shrunk = Shrunk { history, runs: 0, finished: true };
    let mut index = 0;
    while index < shrunk.history.steps.len() {
        if shrunk.runs >= budget.runs || (budget.expired)() {
            shrunk.finished = false;
            break;
        }
        let mut candidate = shrunk.history.clone();
        candidate.steps.remove(index);
        shrunk.runs += 1;
        if still_fails(&candidate) {
            shrunk.history = candidate;
        } else {
            index += 1;
        }
    }
    shrunk
}

/// Stands in for `history::file::Saved`.
pub struct Saved {
    pub history: History,
    pub violates: Option<String>,
}

/// Stands in for `history::file::LoadError`.
pub struct LoadError {
    pub problem: io::Error,
}

/// Stands in for `history::file::SaveError`.
pub struct SaveError {
    pub source: io::Error,
}

impl Saved {
    pub fn new(history: History) -> Self {
        Self { history, violates: None }
    }

    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let read = || {
            let text = fs::read_to_string(path)?;
            serde_json::from_str(&text).map_err(io::Error::from)
        };
        read().map(Self::new).map_err(|problem| LoadError { problem })
    }

    pub fn save(&self, path: &Path) -> Result<(), SaveError> {
        let _ = &self.violates;
        let write = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, serde_json::to_string_pretty(&self.history)? + "\n")
        };
        write().map_err(|source: io::Error| SaveError { source })
    }
}
