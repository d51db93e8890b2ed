//! What was measured before. A bug whose program and whose searches are the same is not measured again: what takes an hour
//! for all of them can be done one by one, and goes on after a kill.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Bug, Plan, PlantedError};
use crate::report::planted::BugReport;

/// The results that are kept in a folder.
#[derive(Clone, Debug)]
pub(super) struct Results(PathBuf);

/// One of them.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// What the program was built of.
    hash: String,
    /// What was searched.
    searches: String,
    /// What came of it.
    report: BugReport,
}

impl Results {
    /// Those below `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.join("results"))
    }

    /// What came of a bug with this hash; nothing if it was not measured so.
    pub(super) fn recall(&self, bug: &Bug, hash: &str, plan: &Plan) -> Option<BugReport> {
        let kept: Kept = serde_json::from_slice(&fs::read(self.file(bug)).ok()?).ok()?;
        let is_same = kept.hash == hash && kept.searches == searches(plan);
        // What its patch says of it may have been put better since.
        let (mistake, expected) = (bug.mistake.clone(), bug.property.clone());
        is_same.then_some(BugReport { mistake, expected, ..kept.report })
    }

    /// Keeps what came of a bug.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn keep(&self, bug: &Bug, hash: &str, plan: &Plan, report: &BugReport) -> Result<(), PlantedError> {
        let kept = Kept { hash: hash.to_owned(), searches: searches(plan), report: report.clone() };
        let text = serde_json::to_vec(&kept).expect("a report has only string keys and finite numbers");
        fs::create_dir_all(&self.0).map_err(PlantedError::place("make", &self.0))?;
        let file = self.file(bug);
        fs::write(&file, text).map_err(PlantedError::place("write", &file))
    }

    fn file(&self, bug: &Bug) -> PathBuf {
        self.0.join(format!("{}.json", bug.name))
    }
}

/// What decides which histories are run, and how many.
fn searches(plan: &Plan) -> String {
    let Plan { ways, ranges, first_seed, most, time, .. } = plan;
    let ways: Vec<_> =
        ways.iter().map(|way| format!("{}{}", way.profile, if way.guided { " guided" } else { "" })).collect();
    format!("{} in {ranges} ranges from {first_seed}, {most} at most, {} s", ways.join(", "), time.as_secs())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::time::Duration;

    use super::*;
    use crate::planted::Way;

    #[test]
    fn a_result_is_good_for_the_same_program_and_the_same_searches() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::new(folder.path());
        let [name, mistake, property, profile] = ["bug", "A bug.", "once/idempotency", "swarm"].map(str::to_owned);
        let bug = Bug { name, mistake, property, profile, patch: PathBuf::new() };
        let plan = Plan {
            bugs: Vec::new(),
            ways: vec![Way { profile: "swarm".into(), guided: true }],
            ranges: 5,
            first_seed: 0,
            most: 9,
            time: Duration::from_secs(3),
            jobs: NonZeroUsize::MIN,
            only_known: false,
        };
        let report = BugReport {
            name: "bug".into(),
            mistake: "A bug.".into(),
            expected: "once/idempotency".into(),
            searches: Vec::new(),
            shrunk: None,
        };
        assert_eq!(results.recall(&bug, "a", &plan), None);
        results.keep(&bug, "a", &plan, &report).unwrap();
        assert_eq!(results.recall(&bug, "a", &plan), Some(report));
        assert_eq!(results.recall(&bug, "b", &plan), None);
        assert_eq!(results.recall(&bug, "a", &Plan { ranges: 4, ..plan }), None);
    }
}
