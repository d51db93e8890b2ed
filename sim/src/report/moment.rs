//! One thing that happened in a run, as text that can be compared: where, to whom, when, what.

use properties::Judgement;
use properties::trace::{Entry, Observation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::activity::{ALL_HOSTS, ALL_TASKS, DEVICES, Kind, SERVER};
use crate::world::Run;

/// Where judging happens: on no host of the world.
pub(super) const PROPERTIES: &str = "properties";

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// When, in simulated microseconds.
    pub at: u64,
    /// The host: the server's, or that of the devices; `properties` for what was judged afterwards.
    pub host: String,
    /// Who on it: a device, the director, a part of the server's machine.
    pub task: String,
    /// What happened. Of an observation this is the entry without its time, as JSON.
    pub text: String,
}

impl Moment {
    /// All that happened in a run: what was observed, and between that what was done, as far as notes of it were kept.
    pub fn all(run: &Run) -> Vec<Self> {
        let entries = &run.trace.entries;
        if run.activity.notes.is_empty() {
            return entries.iter().map(Self::observed).collect();
        }
        let notes = run.activity.notes.iter().filter_map(|note| {
            if note.kind == Kind::Observed {
                return note.name.parse().ok().and_then(|number: usize| entries.get(number)).map(Self::observed);
            }
            let text = format!("{}: {}", note.name, note.outcome);
            Some(Self { at: note.at, host: note.host.into(), task: note.task.clone(), text })
        });
        notes.collect()
    }

    /// What each property said of it.
    pub fn judged(judgements: &[Judgement]) -> impl Iterator<Item = Self> {
        judgements.iter().map(|judgement| Self {
            at: 0,
            host: PROPERTIES.into(),
            task: judgement.id.into(),
            text: json(judgement),
        })
    }

    fn observed(entry: &Entry) -> Self {
        let text = json(&entry.what);
        let (host, task) = match &entry.what {
            Observation::Committed { .. } => (SERVER, "the writer".to_owned()),
            Observation::Logged { .. } => (SERVER, "the log".to_owned()),
            Observation::Server { .. } => (SERVER, "the process".to_owned()),
            _ => (DEVICES, device(&text).unwrap_or_else(|| "the director".to_owned())),
        };
        Self { at: entry.at.0, host: host.into(), task, text }
    }

    /// It only counts, at a tick of the clock, what was done until then.
    pub(super) fn is_a_count(&self) -> bool {
        self.task == ALL_TASKS || self.task == ALL_HOSTS
    }

    /// Everything but its time.
    pub(super) fn deed(&self) -> (&str, &str, &str) {
        (&self.host, &self.task, &self.text)
    }
}

/// The device that an observation is about, if it is about one.
fn device(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct OfDevice {
        device: String,
    }
    serde_json::from_str::<OfDevice>(text).ok().map(|of| of.device)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a trace and a judgement have only string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use properties::trace::{At, Phase, ServerChange};

    use super::*;

    #[test]
    fn an_observation_is_placed_on_its_host_and_given_to_its_task() {
        let check = |what, host: &str, task: &str| {
            let moment = Moment::observed(&Entry { at: At(5), what });
            assert_eq!((moment.at, moment.host.as_str(), moment.task.as_str()), (5, host, task));
        };
        check(Observation::Phase { phase: Phase::Storm }, DEVICES, "the director");
        check(Observation::Server { incarnation: 1, change: ServerChange::Started }, SERVER, "the process");
        let device = "ana/phone";
        check(Observation::Step { step: 1, device: device.into(), text: "x".into() }, DEVICES, device);
    }
}
