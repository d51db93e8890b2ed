//! The campaign itself: what is run next, and what is done with what came of it.
//!
//! Several jobs share it, each with a worker process of its own. What must not be lost is written before it is worked on; what
//! cannot be written is told, kept, and tried again.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::corpus::{self, Corpus, Entry};
use super::failures::{self, CRASHED, Failures, Files, Found, HUNG, PANICKED, Record};
use super::folder::{self, Folder, FolderError, Identity};
use super::guide;
use super::minimise::{Effort, minimise};
use super::progress::Progress;
use super::runner::{End, NoWorker, Plan, Runner};
use super::wire::{Ran, Reply, Task};
use crate::failure::Unwritable;
use crate::history::{History, Profile, Saved};
use crate::keyed::Key;
use crate::report::FuzzReport;

/// What a campaign is asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// How workers are started.
    pub plan: Plan,
    /// How many histories to run now; none: until it is stopped.
    pub runs: Option<u64>,
    /// How many runs making one failure small may take.
    pub shrink_runs: u32,
    /// The commit.
    pub commit: String,
}

/// A campaign at work.
#[derive(Debug)]
pub struct Campaign {
    folder: Folder,
    identity: Identity,
    profile: Profile,
    request: Request,
    state: Mutex<State>,
    stop: AtomicBool,
    abandon: AtomicBool,
}

/// How far it is, for who watches.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// How many histories were run, in all.
    pub runs: u64,
    /// How many histories the corpus has.
    pub corpus: usize,
    /// How many keys they reach.
    pub keys: usize,
    /// How many different failures there are.
    pub failures: usize,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    corpus: Corpus,
    failures: Failures,
    /// What is run before anything new.
    queue: VecDeque<Known>,
    /// Seeds that an earlier process began.
    again: VecDeque<u64>,
    runs_left: Option<u64>,
    /// What could not be written.
    unwritten: Vec<Unwritten>,
    /// What there is to tell a person.
    news: Vec<String>,
}

/// A history that somebody else made.
#[derive(Clone, Debug)]
struct Known {
    history: History,
    /// It is a file of this corpus, of which another commit said what it reaches.
    stale: Option<String>,
}

#[derive(Debug)]
enum Unwritten {
    Found(Found),
    Entry(Entry),
    Record(Box<Record>, Option<Box<Files>>, String),
}

/// What is run.
struct Case {
    task: Task,
    source: Source,
}

enum Source {
    Seed { ordinal: u64, seed: u64 },
    Mutant,
    Known { stale: Option<String> },
}

impl Campaign {
    /// Goes on where the folder's campaign was, or begins one.
    ///
    /// # Errors
    /// The folder holds something else, or cannot be read or written.
    pub fn open(folder: Folder, identity: Identity, profile: Profile, request: Request) -> Result<Self, FolderError> {
        let root = folder.root.clone();
        folder::write_json(&root.join("campaign.json"), &identity)?;
        let progress = match folder::read_json::<Progress>(&root.join("progress.json")) {
            Ok(progress) => progress.unwrap_or_else(|| Progress::new(&identity)),
            Err(error) => return Err(error),
        };
        let again = progress.under_way.iter().copied().collect();
        let failures = Failures::load(&root)?;
        let runs_left = request.runs;
        let mut state = State {
            progress,
            corpus: Corpus::default(),
            failures,
            queue: VecDeque::new(),
            again,
            runs_left,
            unwritten: Vec::new(),
            news: Vec::new(),
        };
        state.take_over(&root, &request.commit)?;
        let (state, stop, abandon) = (Mutex::new(state), AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { folder, identity, profile, request, state, stop, abandon })
    }

    /// Lets histories of others be run first, as if they were of its corpus.
    pub fn add_known(&self, histories: impl IntoIterator<Item = History>) {
        let known = histories.into_iter().map(|history| Known { history, stale: None });
        self.lock().queue.extend(known);
    }

    /// One of the jobs: runs what is next, until nothing is.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn work(&self) -> Result<(), NoWorker> {
        let mut runner = Runner::new(&self.request.plan);
        while let Some(case) = self.next() {
            let end = runner.run(&case.task)?;
            let Some(found) = self.take_in(case, end) else { continue };
            let effort = Effort { runs: self.request.shrink_runs, stopped: &self.abandon };
            let (name, minimised) = (found.name(), minimise(&found, &mut runner, effort));
            let (record, files) = minimised.inspect_err(|_| self.lock().failures.give_up(&name))?;
            self.lock().settle(&self.folder.root, &name, record, files);
        }
        Ok(())
    }

    /// Begins nothing new. With `abandon`, it also stops making failures smaller than they are.
    pub fn stop(&self, abandon: bool) {
        self.abandon.fetch_or(abandon, Ordering::Relaxed);
        self.stop.store(true, Ordering::Relaxed);
    }

    /// How far it is.
    pub fn figures(&self) -> Figures {
        let State { progress, corpus, failures, .. } = &*self.lock();
        Figures {
            runs: progress.runs(),
            corpus: corpus.entries.len(),
            keys: corpus.seen.len(),
            failures: failures.records.len(),
        }
    }

    /// What there is to tell a person since this was asked last.
    pub fn news(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().news)
    }

    /// Writes how far it is, and what could not be written before.
    ///
    /// # Errors
    /// Something still cannot be written.
    pub fn save(&self) -> Result<(), Unwritable> {
        let root = &self.folder.root;
        let mut state = self.lock();
        state.write_again(root, &self.request.commit)?;
        let progress = serde_json::to_string(&state.progress).expect("it has only string keys and finite numbers");
        // Nobody waits for the disk.
        drop(state);
        folder::write(&root.join("progress.json"), progress.as_bytes())
    }

    /// All that there is to say.
    pub fn report(&self) -> FuzzReport {
        let state = self.lock();
        FuzzReport::new(&[(&self.identity, &state.progress)], &state.failures, &state.corpus, &self.folder.root)
    }

    fn next(&self) -> Option<Case> {
        let mut state = self.lock();
        if self.stop.load(Ordering::Relaxed) || state.runs_left == Some(0) {
            return None;
        }
        let case = state.next(&self.identity, &self.profile)?;
        state.runs_left = state.runs_left.map(|left| left - 1);
        Some(case)
    }

    /// Counts what came of a case, and keeps what is worth it. What is to be made small comes back.
    fn take_in(&self, case: Case, end: End) -> Option<Found> {
        let history = || match &case.task {
            Task::Seed(seed) => History::from_seed(*seed, &self.profile),
            Task::History(history) => (**history).clone(),
        };
        let mut state = self.lock();
        match case.source {
            Source::Seed { ordinal, .. } => drop(state.progress.under_way.remove(&ordinal)),
            Source::Mutant => {}
            Source::Known { .. } => state.progress.known += 1,
        }
        let root = &self.folder.root;
        let (property, signature, words) = match end {
            End::Replied(Reply::Ran(ran)) => {
                let Ran { keys, broken, counter } = *ran;
                state.progress.counter.merge(counter);
                let Some(first) = broken.into_iter().next() else {
                    let stale = match &case.source {
                        Source::Known { stale } => stale.as_deref(),
                        _ => None,
                    };
                    if let (Source::Known { stale: None }, Task::History(history)) = (&case.source, &case.task) {
                        state.miss(root, history);
                    }
                    let is_new = !keys.is_subset(&state.corpus.seen);
                    if is_new || stale.is_some() {
                        state.admit(root, &self.request.commit, Entry::new(history(), keys), stale);
                    }
                    return None;
                };
                (first.property, first.signature, String::new())
            }
            End::Replied(Reply::Panicked(words)) => {
                let first = words.lines().next().unwrap_or_default().to_owned();
                (PANICKED.to_owned(), super::words::blurred(&first), words)
            }
            End::Hung => {
                let patience = self.request.plan.patience.as_secs();
                (HUNG.to_owned(), String::new(), format!("it had not ended after {patience} s of real time"))
            }
            End::Died(words) => {
                let first = words.lines().next().unwrap_or_default().to_owned();
                (CRASHED.to_owned(), first, words)
            }
        };
        state.progress.unjudged += u64::from(property.starts_with("campaign/"));
        let place = match case.source {
            Source::Seed { seed, .. } => format!("seed {seed} of {}", self.identity.profile),
            Source::Mutant => "a mutant".to_owned(),
            Source::Known { .. } => "a history that was there".to_owned(),
        };
        state.find(root, Found { history: history(), property, signature, words }, &place)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Reads what the folder has, and sets aside what cannot be read.
    fn take_over(&mut self, root: &Path, commit: &str) -> Result<(), FolderError> {
        let corpus::Loaded { known, stale, broken } = corpus::load(root, commit)?;
        self.set_aside(root, broken)?;
        for entry in known {
            self.corpus.admit(entry);
        }
        let stale = stale.into_iter().map(|entry| Known { history: entry.history, stale: Some(entry.name) });
        self.queue.extend(stale);
        let mut broken = Vec::new();
        for file in failures::kept(root)? {
            match Saved::load(&file) {
                Ok(saved) => self.queue.push_front(Known { history: saved.history, stale: None }),
                Err(error) => broken.push((file, error.problem.to_string())),
            }
        }
        self.set_aside(root, broken)
    }

    fn set_aside(&mut self, root: &Path, broken: Vec<(PathBuf, String)>) -> Result<(), FolderError> {
        for (file, reason) in broken {
            let to = corpus::set_aside(root, &file)?;
            self.news.push(format!("set aside {}: {reason}; it is now {}", file.display(), to.display()));
        }
        Ok(())
    }

    fn next(&mut self, identity: &Identity, profile: &Profile) -> Option<Case> {
        if let Some(Known { history, stale }) = self.queue.pop_front() {
            return Some(Case { task: Task::History(Box::new(history)), source: Source::Known { stale } });
        }
        let key = Key::new(identity.first_seed).with("campaign").with(identity.shard.to_string().as_str());
        let turn = key.with(self.progress.seeds).with(self.progress.mutants);
        if self.again.is_empty()
            && let Some(mutant) = guide::mutant(&self.corpus.entries, profile, turn)
        {
            self.progress.mutants += 1;
            return Some(Case { task: Task::History(Box::new(mutant)), source: Source::Mutant });
        }
        let ordinal = self.again.pop_front().unwrap_or(self.progress.seeds);
        let seed = identity.shard.seed(identity.first_seed, ordinal)?;
        self.progress.seeds = self.progress.seeds.max(ordinal + 1);
        self.progress.under_way.insert(ordinal);
        Some(Case { task: Task::Seed(seed), source: Source::Seed { ordinal, seed } })
    }

    /// Takes a history into the corpus if it reached something new; one that another commit took in goes if it did not.
    fn admit(&mut self, root: &Path, commit: &str, entry: Entry, stale: Option<&str>) {
        let name = entry.name.clone();
        if self.corpus.admit(entry.clone())
            && let Err(error) = entry.save(root, commit)
        {
            self.news.push(format!("{error}: a history of the corpus is kept in memory, and written later"));
            self.unwritten.push(Unwritten::Entry(entry.clone()));
        }
        if let Some(stale) =
            stale.filter(|stale| **stale != *name || !self.corpus.entries.iter().any(|known| known.name == name))
        {
            Entry { name: stale.to_owned(), ..entry }.remove(root);
        }
    }

    /// Tells of a history that failed when it was found and, run again, does not. It stays: perhaps it was mended since,
    /// perhaps it fails only now and then.
    fn miss(&mut self, root: &Path, history: &History) {
        let name = folder::name_of(&Saved::new(history.clone()).to_text());
        let place = root.join("found").join(format!("{name}.json"));
        if place.exists() {
            self.news.push(format!("{} failed when it was found, and does not now", place.display()));
        }
    }

    /// Writes what was found at once. It comes back if it is to be made small.
    fn find(&mut self, root: &Path, found: Found, place: &str) -> Option<Found> {
        let name = found.name();
        if self.failures.is_settled(&name) {
            failures::forget(root, &name);
            return None;
        }
        let is_known = self.failures.kept.contains_key(&name);
        if !is_known && !self.failures.is_worth_keeping(&found) {
            return None;
        }
        if let Err(error) = found.save(root) {
            self.news.push(format!(
                "{place} fails {}, and {error}: it is kept in memory, and written later",
                found.property
            ));
            self.unwritten.push(Unwritten::Found(found.clone()));
        }
        self.failures.kept.insert(name, (found.property.clone(), found.signature.clone()));
        self.failures.begin(&found).then_some(found)
    }

    /// Writes a failure that was made small, and forgets what led to it.
    fn settle(&mut self, root: &Path, name: &str, mut record: Record, files: Files) {
        let folder = failures::folder_of(root, &record.name());
        record.report.lies_in(&folder, |_| files.run.is_some());
        let is_known = self.failures.records.contains_key(&record.name());
        let (settled, is_shown) = self.failures.settle(name, record);
        let record = self.failures.records[&settled].clone();
        if !is_known {
            let report = &record.report;
            let text = format!("{} fails: cargo sim replay {}", report.property, report.file);
            self.news.push(text);
        }
        let files = is_shown.then_some(files);
        match record.save(root, files.as_ref()) {
            Ok(()) => failures::forget(root, name),
            Err(error) => {
                self.news.push(format!("{error}: the failure is kept in memory, and written later"));
                self.unwritten.push(Unwritten::Record(Box::new(record), files.map(Box::new), name.to_owned()));
            }
        }
    }

    fn write_again(&mut self, root: &Path, commit: &str) -> Result<(), Unwritable> {
        while let Some(unwritten) = self.unwritten.pop() {
            let written = match &unwritten {
                Unwritten::Found(found) if self.failures.is_settled(&found.name()) => Ok(()),
                Unwritten::Found(found) => found.save(root).map(drop),
                Unwritten::Entry(entry) => entry.save(root, commit),
                Unwritten::Record(record, files, name) => {
                    // It may have been found again since.
                    let record = self.failures.records.get(&record.name()).unwrap_or(record);
                    record.save(root, files.as_deref()).map(|()| failures::forget(root, name))
                }
            };
            if let Err(error) = written {
                self.unwritten.push(unwritten);
                return Err(error);
            }
        }
        Ok(())
    }
}
