//! What a campaign found: each history that failed, from the moment it is found, and each failure that is left when they
//! are made small and the same ones are put together.
//!
//! Two failures are the same if they break the same property and their smallest histories have the same shape: the same
//! kinds of steps in the same order, whoever does them and whenever.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use properties::trace::Trace;
use serde::{Deserialize, Serialize};

use super::folder::{self, FolderError};
use crate::failure::{PAGE, Unwritable};
use crate::history::{History, Saved};
use crate::report::text::{failure, plain};
use crate::report::{FailureReport, json, page};

/// How many failing histories of one signature are made small. What is the same bug most often shrinks to the same shape.
const MINIMISED_PER_SIGNATURE: usize = 3;

/// How many failing histories of one property are made small.
const MINIMISED_PER_PROPERTY: usize = 24;

/// How many failing histories of one signature are kept. Of those beyond, the summary counts the runs.
const KEPT_PER_SIGNATURE: usize = 16;

/// The name of what is no property's: a run that did not end.
pub const HUNG: &str = "campaign/hung";
/// The name of what is no property's: a run that ended its process.
pub const CRASHED: &str = "campaign/crashed";
/// The name of what is no property's: a panic outside of the server.
pub const PANICKED: &str = "campaign/panicked";
/// The name of what is no property's: a violation that did not come back.
pub const NOT_REPEATED: &str = "campaign/not-repeated";

/// A history that failed.
#[derive(Clone, Debug)]
pub struct Found {
    /// The history.
    pub history: History,
    /// The property that it broke, or one of the names above.
    pub property: String,
    /// How, without what only this history has.
    pub signature: String,
    /// What there is to say where no property says it: how a process died, a backtrace.
    pub words: String,
}

/// A failure, with all the histories that came down to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its report.
    pub report: FailureReport,
    /// The kinds of the smallest history's steps.
    pub shape: Vec<String>,
    /// The histories that came down to it, by their names, each with its signature.
    pub found: BTreeMap<String, String>,
    /// What there is to say where no property says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// The files of a failure.
#[derive(Clone, Debug)]
pub struct Files {
    /// The smallest history.
    pub history: History,
    /// The history that it was found by.
    pub full: History,
    /// The run of the smallest, where there is one.
    pub trace: Option<Trace>,
}

/// All that a campaign found.
#[derive(Debug, Default)]
pub struct Failures {
    /// The failures, by the names of their folders.
    pub records: BTreeMap<String, Record>,
    /// The histories that are kept as they were found, by their names: each with its property and signature.
    pub kept: BTreeMap<String, (String, String)>,
    /// The histories that are being made small: they are in `kept`, too.
    begun: BTreeSet<String>,
}

impl Found {
    /// The name of the file that it is kept in.
    pub fn name(&self) -> String {
        folder::name_of(&Saved::new(self.history.clone()).to_text())
    }

    /// Writes it as it was found.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, root: &Path) -> Result<PathBuf, Unwritable> {
        let place = root.join("found").join(format!("{}.json", self.name()));
        let note = (!self.words.is_empty()).then(|| self.words.lines().next().unwrap_or_default().to_owned());
        let saved = Saved { violates: Some(self.property.clone()), note, ..Saved::new(self.history.clone()) };
        folder::write(&place, saved.to_text().as_bytes())?;
        Ok(place)
    }
}

impl Record {
    /// The name of its folder: the property and the shape.
    pub fn name(&self) -> String {
        let shape = folder::name_of(&self.shape.join(" "));
        format!("{}-{}", self.report.property.replace('/', "."), &shape[..8])
    }

    /// Writes it and its files.
    ///
    /// # Errors
    /// Something cannot be written.
    pub fn save(&self, root: &Path, files: Option<&Files>) -> Result<(), Unwritable> {
        let folder = folder_of(root, &self.name());
        if let Some(Files { history, full, trace }) = files {
            let saved = |history: &History| {
                let violates = Some(self.report.property.clone());
                Saved { violates, ..Saved::new(history.clone()) }.to_text()
            };
            folder::write(&folder.join("full.json"), saved(full).as_bytes())?;
            folder::write(&folder.join("history.json"), saved(history).as_bytes())?;
            if let Some(trace) = trace {
                folder::write(&folder.join("trace.jsonl"), json::lines(trace).as_bytes())?;
                folder::write(&folder.join(PAGE), page::html(&page::failure(&self.report, trace)).as_bytes())?;
            }
            if !self.words.is_empty() {
                folder::write(&folder.join("words.txt"), self.words.as_bytes())?;
            }
            folder::write(&folder.join("report.txt"), plain(&failure(&self.report)).as_bytes())?;
            folder::write(&folder.join("report.json"), json::document(&self.report).as_bytes())?;
        }
        // Last: a folder without it is nothing that was found, and what led to it is still kept.
        folder::write_json(&folder.join("record.json"), self)
    }

    /// Lets its report name the files of its folder: the history, and the page if there is one.
    pub fn stands_in(&mut self, folder: &Path) {
        self.report.file = folder.join("history.json").display().to_string();
        let page = folder.join(PAGE);
        self.report.page = if page.is_file() { page.display().to_string() } else { String::new() };
    }

    /// Whether it is better to show than another of the same name: a seed that a person can type, then the smaller.
    pub fn is_better_than(&self, other: &Self) -> bool {
        let rank = |record: &Self| {
            let report = &record.report;
            (report.origin != crate::report::Origin::Seed, report.steps_left, report.seed, report.steps)
        };
        rank(self) < rank(other)
    }
}

impl Failures {
    /// Reads what a folder holds. Signatures of what is kept are not known until it is run again.
    ///
    /// # Errors
    /// Something is there, and cannot be read.
    pub fn load(root: &Path) -> Result<Self, FolderError> {
        let mut failures = Self::default();
        for folder in folder::entries(&root.join("failures"))? {
            let Some(mut record) = folder::read_json::<Record>(&folder.join("record.json"))? else { continue };
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            record.stands_in(&folder);
            failures.records.insert(name, record);
        }
        Ok(failures)
    }

    /// Whether there is anything.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.kept.is_empty()
    }

    /// Whether this very history was found and made small before.
    pub fn is_settled(&self, name: &str) -> bool {
        self.records.values().any(|record| record.found.contains_key(name))
    }

    /// Whether one more of this kind is to be kept.
    pub fn is_worth_keeping(&self, found: &Found) -> bool {
        self.kept.values().filter(|(property, signature)| found.is(property, signature)).count() < KEPT_PER_SIGNATURE
    }

    /// Whether one more of this kind is to be made small; if so, it counts as begun.
    pub fn begin(&mut self, found: &Found) -> bool {
        let settled = self.records.values().flat_map(|record| {
            record.found.values().map(|signature| (record.report.property.as_str(), signature.as_str()))
        });
        let begun = self.begun.iter().filter_map(|name| self.kept.get(name));
        let begun = begun.map(|(property, signature)| (property.as_str(), signature.as_str()));
        let (mut alike, mut of_property) = (0, 0);
        for (property, signature) in settled.chain(begun) {
            of_property += usize::from(property == found.property);
            alike += usize::from(found.is(property, signature));
        }
        let is_worth_it = alike < MINIMISED_PER_SIGNATURE && of_property < MINIMISED_PER_PROPERTY;
        if is_worth_it {
            self.begun.insert(found.name());
        }
        is_worth_it
    }

    /// Puts a failure that was made small where it belongs, and says whether its files are the ones to show.
    pub fn settle(&mut self, name: &str, record: Record) -> (String, bool) {
        self.begun.remove(name);
        self.kept.remove(name);
        self.add(record)
    }

    /// What was begun cannot be finished now: it stays as it was found.
    pub fn give_up(&mut self, name: &str) {
        self.begun.remove(name);
    }

    /// Adds a failure to those of its name; its files are the ones to show if it is the first or the better.
    pub fn add(&mut self, record: Record) -> (String, bool) {
        let name = record.name();
        let Some(known) = self.records.get_mut(&name) else {
            self.records.insert(name.clone(), record);
            return (name, true);
        };
        let mut found = std::mem::take(&mut known.found);
        found.extend(record.found.clone());
        let is_better = record.is_better_than(known);
        if is_better {
            *known = record;
        }
        known.found = found;
        (name, is_better)
    }
}

impl Found {
    fn is(&self, property: &str, signature: &str) -> bool {
        self.property == property && self.signature == signature
    }
}

/// The kinds of a history's steps, in order.
pub fn shape(history: &History) -> Vec<String> {
    history.steps.iter().map(|step| step.action.kind().to_owned()).collect()
}

/// The histories that are kept as they were found.
///
/// # Errors
/// The folder is there, and cannot be read.
pub fn kept(root: &Path) -> Result<Vec<PathBuf>, FolderError> {
    folder::files(&root.join("found"), "json")
}

/// Removes a history that was kept: it has become a failure, and stands there.
pub fn forget(root: &Path, name: &str) {
    // What stays is run again, and found settled.
    let _ = fs::remove_file(root.join("found").join(format!("{name}.json")));
}

/// Where the files of a failure are.
pub fn folder_of(root: &Path, name: &str) -> PathBuf {
    root.join("failures").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;
    use crate::report::Origin;

    fn found(seed: u64, signature: &str) -> Found {
        let history = History::from_seed(seed, &Profile::calm());
        Found { history, property: "a/b".into(), signature: signature.into(), words: String::new() }
    }

    fn record(found: &Found, shape: &[&str], origin: Origin, steps_left: usize) -> Record {
        let report = FailureReport {
            property: found.property.clone(),
            requirements: vec![],
            origin,
            seed: found.history.seed,
            profile: "calm".into(),
            steps: 100,
            steps_left,
            violation: properties::Violation { expected: "a".into(), observed: "b".into(), evidence: vec![] },
            windows: vec![],
            also_broken: vec![],
            commit: String::new(),
            file: String::new(),
            page: String::new(),
        };
        let shape = shape.iter().map(|kind| (*kind).to_owned()).collect();
        let signature = found.signature.clone();
        Record { report, shape, found: BTreeMap::from([(found.name(), signature)]), words: String::new() }
    }

    #[test]
    fn the_same_shape_of_the_same_property_is_one_failure() {
        let mut failures = Failures::default();
        let [one, other, third] = [1, 2, 3].map(|seed| found(seed, "x"));
        let (name, is_first) = failures.add(record(&one, &["send", "cut"], Origin::File, 2));
        assert!(is_first);
        let again = failures.add(record(&other, &["send", "cut"], Origin::Seed, 2));
        assert_eq!(again, (name.clone(), true), "a seed that a person can type is better than a file");
        assert_eq!(failures.add(record(&third, &["send", "cut"], Origin::File, 2)), (name.clone(), false));
        assert_ne!(failures.add(record(&third, &["cut", "send"], Origin::Seed, 2)).0, name);
        let known = &failures.records[&name];
        assert_eq!((known.found.len(), known.report.seed), (3, 2));
        assert!(failures.is_settled(&one.name()));
    }

    #[test]
    fn the_hundredth_of_the_same_is_not_made_small() {
        let mut failures = Failures::default();
        let begun = |failures: &mut Failures, from: u64, signature: &str| {
            let all = (from..from + 30).map(|seed| found(seed, signature));
            let begun = all.filter(|found| {
                failures.kept.insert(found.name(), (found.property.clone(), found.signature.clone()));
                failures.begin(found)
            });
            begun.count()
        };
        assert_eq!(begun(&mut failures, 0, "x"), MINIMISED_PER_SIGNATURE);
        assert_eq!(begun(&mut failures, 100, "y"), MINIMISED_PER_SIGNATURE);
        assert!(!failures.is_worth_keeping(&found(900, "x")));
        assert!(failures.is_worth_keeping(&found(900, "z")));
        assert!((0..10).any(|more| begun(&mut failures, 1_000 * (more + 1), &more.to_string()) == 0));
    }

    #[test]
    fn a_failure_comes_back_from_its_folder() {
        let place = tempfile::tempdir().unwrap();
        let found = found(1, "x");
        let mut record = record(&found, &["send"], Origin::Seed, 1);
        record.stands_in(&folder_of(place.path(), &record.name()));
        let files =
            Files { history: found.history.clone(), full: found.history.clone(), trace: Some(Trace::default()) };
        record.save(place.path(), Some(&files)).unwrap();
        let loaded = Failures::load(place.path()).unwrap();
        let [(name, read)] = &loaded.records.into_iter().collect::<Vec<_>>()[..] else { panic!("not one") };
        assert_eq!((name, &read.found, &read.shape), (&record.name(), &record.found, &record.shape));
        assert_eq!(Saved::load(Path::new(&read.report.file)).unwrap().history, found.history);
        let page = fs::read_to_string(&read.report.page).unwrap();
        assert!(page.contains("cargo sim replay history.json"), "{page}");
        assert_eq!(found.save(place.path()).unwrap(), kept(place.path()).unwrap()[0]);
        forget(place.path(), &found.name());
        assert!(kept(place.path()).unwrap().is_empty());
    }
}
