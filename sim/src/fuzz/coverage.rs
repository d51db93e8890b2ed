//! Coverage: which behaviour a run has reached, as a set of small keys.
//!
//! A history that reaches a key which no other has reached is worth keeping, and worth changing a little. Keys say what
//! happened, never how it was judged: `operation send amid cut`, `close 4030`, `commit room.created then member.joined`.
//! They are a pure function of the run and of the history's kinds of steps, so equal runs give equal keys. A key is no
//! measure of quality: many are cheap to reach, and a bug may hide behind none.

use std::collections::{BTreeMap, BTreeSet};

use properties::Verdict;
use properties::trace::{At, FaultChange, Observation, Phase, ServerChange, Word};
use system::protocol::StreamId;

use super::words::{blurred, endpoint, quoted};
use crate::history::History;
use crate::judge::Outcome;

/// What a run has reached.
pub type Keys = BTreeSet<String>;

/// How long after a fault that is over at once an operation still counts as one amid it.
const WAKE_US: u64 = 2_000_000;

/// What the judged run of `history` has reached.
pub fn keys(history: &History, outcome: &Outcome) -> Keys {
    let mut tour = Tour { actions: kinds(history), ..Tour::default() };
    for judgement in &outcome.judgements {
        if let Verdict::Held { checked } = judgement.verdict {
            tour.reach(format!("property {} checked {}", judgement.id, magnitude(checked)));
        }
    }
    for (kind, count) in &outcome.run.operations {
        let reached = [("done", count.done), ("succeeded", count.succeeded), ("refused", count.refused)];
        for (how, _) in reached.into_iter().filter(|(_, times)| *times > 0) {
            tour.reach(format!("operation {kind} {how}"));
        }
    }
    for (kind, _) in outcome.run.faults.iter().filter(|(_, count)| count.effective > 0) {
        tour.reach(format!("fault {kind} had an effect"));
    }
    for entry in &outcome.run.trace.entries {
        tour.pass(entry.at, &entry.what);
    }
    tour.keys
}

/// Walks through a trace and remembers what is needed to tell what comes together.
#[derive(Default)]
struct Tour {
    keys: Keys,
    /// The kind of each step.
    actions: BTreeMap<u32, &'static str>,
    /// The faults that are on, by their steps.
    active: BTreeMap<u32, Word>,
    /// The faults that were over at once, and when they struck.
    struck: BTreeMap<Word, At>,
    /// What each device asked for and has no answer to yet, by its number.
    asked: BTreeMap<(properties::trace::DeviceName, u32), String>,
    /// The kind of each stream's last commit.
    commits: BTreeMap<StreamId, String>,
    /// What last happened to the server.
    server: &'static str,
}

impl Tour {
    fn reach(&mut self, key: String) {
        self.keys.insert(key.trim_end().to_owned());
    }

    fn pass(&mut self, at: At, what: &Observation) {
        match what {
            Observation::Phase { phase: Phase::Healed } => self.active.clear(),
            Observation::Fault { kind, step, change, .. } => self.fault(at, (&kind.name, kind.lasts), *step, *change),
            Observation::Step { step, .. } => self.step(at, *step),
            Observation::Skipped { step, .. } => {
                if let Some(kind) = self.actions.get(step) {
                    self.reach(format!("operation {kind} skipped"));
                }
            }
            Observation::Server { incarnation, change } => self.server(*incarnation, change),
            Observation::Committed { stream, kind, .. } => {
                if let Some(before) = self.commits.insert(*stream, kind.to_string()) {
                    self.reach(format!("commit {before} then {kind}"));
                }
            }
            Observation::Logged { level, message, fields } => {
                // Of the fields, those that say which way something went.
                let ways = ["code", "how", "why", "reason"].into_iter();
                let ways: String = ways.filter_map(|name| Some(format!(" {}", blurred(fields.get(name)?)))).collect();
                self.reach(format!("log {level} {}{ways}", blurred(message)));
            }
            Observation::ConnectionClosed { code: Some(code), .. } => self.reach(format!("close {code}")),
            Observation::ConnectionClosed { code: None, reason, .. } => {
                self.reach(format!("close {}", blurred(reason)));
            }
            Observation::FrameReceived { frame, .. } => {
                let text = frame.text();
                let kind = quoted(text, "type").unwrap_or_default();
                let code = quoted(text, "code").filter(|_| matches!(kind, "error" | "unsubscribed" | "warning"));
                self.reach(format!("frame {kind} {}", code.unwrap_or_default()));
            }
            Observation::Requested { device, request, method, path, .. } => {
                self.asked.insert((device.clone(), *request), format!("{method} {}", endpoint(path)));
            }
            Observation::Answered { device, request, status, body } => {
                let asked = self.asked.remove(&(device.clone(), *request)).unwrap_or_default();
                let code = quoted(body, "code").filter(|_| *status >= 400).unwrap_or_default();
                self.reach(format!("answer {asked} {status} {code}"));
            }
            Observation::AnswerLost { device, request, .. } => {
                let asked = self.asked.remove(&(device.clone(), *request)).unwrap_or_default();
                self.reach(format!("answer lost {asked}"));
            }
            Observation::Recovered { after_ms, .. } => self.reach(format!("recovered after {}", magnitude(*after_ms))),
            _ => {}
        }
    }

    fn fault(&mut self, at: At, (kind, lasts): (&Word, bool), step: u32, change: FaultChange) {
        match change {
            FaultChange::Ended => drop(self.active.remove(&step)),
            FaultChange::Began => {
                for other in self.around(at) {
                    let (first, second) = if *kind <= other { (kind, &other) } else { (&other, kind) };
                    self.reach(format!("faults {first} and {second}"));
                }
                if lasts {
                    self.active.insert(step, kind.clone());
                } else {
                    self.struck.insert(kind.clone(), at);
                }
            }
        }
    }

    fn step(&mut self, at: At, step: u32) {
        let Some(operation) = self.actions.get(&step).copied() else { return };
        for fault in self.around(at) {
            self.reach(format!("operation {operation} amid {fault}"));
        }
    }

    /// The faults that are on, or have just struck.
    fn around(&self, at: At) -> BTreeSet<Word> {
        let struck = self.struck.iter().filter(|(_, when)| at.0.saturating_sub(when.0) <= WAKE_US);
        self.active.values().chain(struck.map(|(kind, _)| kind)).cloned().collect()
    }

    fn server(&mut self, incarnation: u32, change: &ServerChange) {
        let now = match change {
            ServerChange::Started => "started",
            ServerChange::Listening => "listening",
            ServerChange::Stopped => "stopped",
            ServerChange::Killed => "killed",
            ServerChange::PowerLost { lost_writes: 0, .. } => "power lost, no write with it",
            ServerChange::PowerLost { .. } => "power lost, writes with it",
            ServerChange::Failed { .. } => "failed",
            ServerChange::Panicked { .. } => "panicked",
        };
        let before = std::mem::replace(&mut self.server, now);
        self.reach(format!("server {before} then {now}"));
        self.reach(format!("server started {}", magnitude(incarnation.into())));
    }
}

fn kinds(history: &History) -> BTreeMap<u32, &'static str> {
    history.steps.iter().map(|step| (step.id, step.action.kind())).collect()
}

/// A count, by its power of two: 5 and 7 are the same, 8 is another.
fn magnitude(count: u64) -> String {
    match count.checked_ilog2() {
        None => "0".to_owned(),
        Some(power) => format!("2^{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;
    use crate::judge;

    #[test]
    fn equal_runs_reach_equal_keys_and_a_storm_reaches_every_sort_of_them() {
        let history = History::from_seed(7, &Profile::standard());
        let outcome = judge::judge(&history);
        let keys = keys(&history, &outcome);
        assert_eq!(keys, super::keys(&history, &judge::judge(&history)));
        for sort in ["property ordering/gapless checked 2^", "operation send succeeded", "fault ", "server started 2^"]
        {
            assert!(keys.iter().any(|key| key.starts_with(sort)), "{sort}: {keys:#?}");
        }
        for part in
            [" amid ", "commit message.created then ", "answer GET ", "frame message.created", "log INFO connected"]
        {
            assert!(keys.iter().any(|key| key.contains(part)), "{part}: {keys:#?}");
        }
    }

    #[test]
    fn no_key_names_what_only_one_history_has() {
        let reached = |seed| {
            let history = History::from_seed(seed, &Profile::standard());
            keys(&history, &judge::judge(&history))
        };
        let all: Keys = (0..3).flat_map(reached).collect();
        for key in &all {
            let has_identifier = key.split([' ', ':', '/']).any(|word| word.len() == 36 && word.contains('-'));
            assert!(!has_identifier && key.len() < 200, "{key}");
        }
        assert!(all.len() < 2_500, "{} keys", all.len());
    }

    #[test]
    fn faults_pair_with_each_other_and_with_what_is_done_meanwhile() {
        let mut tour = Tour { actions: BTreeMap::from([(9, "send")]), ..Tour::default() };
        tour.fault(At(0), (&"cut".into(), true), 1, FaultChange::Began);
        tour.fault(At(10), (&"kill".into(), false), 2, FaultChange::Began);
        tour.step(At(1_000_000), 9);
        tour.fault(At(1_500_000), (&"cut".into(), true), 1, FaultChange::Ended);
        let amid = |kind: &str| format!("operation send amid {kind}");
        assert_eq!(tour.keys, Keys::from(["faults cut and kill".to_owned(), amid("cut"), amid("kill")]));
        tour.keys.clear();
        tour.step(At(3_000_000), 9);
        assert_eq!(tour.keys, Keys::new(), "neither is on nor has just struck");
    }

    #[test]
    fn counts_differ_by_their_magnitude() {
        assert_eq!([0, 1, 2, 3, 4, 1_000].map(magnitude), ["0", "2^0", "2^1", "2^1", "2^2", "2^9"]);
    }
}
