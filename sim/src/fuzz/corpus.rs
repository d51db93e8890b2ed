//! The corpus: histories that reached what none before them had, each with its keys beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::coverage::Keys;
use super::folder::{self, FolderError};
use crate::failure::Unwritable;
use crate::history::{History, Saved};

/// A history that reached something.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What its files are called.
    pub name: String,
    /// The history.
    pub history: History,
    /// All that it reached.
    pub keys: Keys,
}

/// The histories of a campaign that reached something new.
#[derive(Debug, Default)]
pub struct Corpus {
    /// In the order in which they came.
    pub entries: Vec<Entry>,
    /// All that any of them reached.
    pub seen: Keys,
}

/// What a folder of histories holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// With what they reach at this commit.
    pub known: Vec<Entry>,
    /// What these reach has to be seen again: another commit saved them, or their keys are lost.
    pub stale: Vec<Entry>,
    /// What cannot be read, with the reason.
    pub broken: Vec<(PathBuf, String)>,
}

impl Corpus {
    /// Takes in an entry if it reached something that none has; says whether it did.
    pub fn admit(&mut self, entry: Entry) -> bool {
        let is_new = !entry.keys.is_subset(&self.seen);
        if is_new {
            self.seen.extend(entry.keys.iter().cloned());
            self.entries.push(entry);
        }
        is_new
    }
}

impl Entry {
    /// A history under the name that its content gives it.
    pub fn new(history: History, keys: Keys) -> Self {
        let name = folder::name_of(&Saved::new(history.clone()).to_text());
        Self { name, history, keys }
    }

    /// Writes it, its keys first: a history without keys is run again, keys without a history are nothing.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, root: &Path, commit: &str) -> Result<(), Unwritable> {
        let keys: String = self.keys.iter().map(|key| format!("{key}\n")).collect();
        folder::write_soon(&keys_file(root, &self.name), format!("# {commit}\n{keys}").as_bytes())?;
        folder::write_soon(&history_file(root, &self.name), Saved::new(self.history.clone()).to_text().as_bytes())
    }

    /// Removes its files.
    pub fn remove(&self, root: &Path) {
        // What stays is found superfluous again the next time.
        let _ = fs::remove_file(history_file(root, &self.name));
        let _ = fs::remove_file(keys_file(root, &self.name));
    }
}

/// Reads a corpus.
///
/// # Errors
/// The folder is there, and cannot be read.
pub fn load(root: &Path, commit: &str) -> Result<Loaded, FolderError> {
    let mut loaded = Loaded::default();
    for file in folder::files(&root.join("corpus"), "json")? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match Saved::load(&file) {
            Err(error) => loaded.broken.push((file, error.problem.to_string())),
            Ok(Saved { history, .. }) => match read_keys(&keys_file(root, &name), commit) {
                Some((keys, true)) => loaded.known.push(Entry { name, history, keys }),
                Some((keys, false)) => loaded.stale.push(Entry { name, history, keys }),
                None => loaded.stale.push(Entry { name, history, keys: Keys::new() }),
            },
        }
    }
    Ok(loaded)
}

/// Moves a file that cannot be read out of the way, and its keys with it.
///
/// # Errors
/// It cannot be moved.
pub fn set_aside(root: &Path, file: &Path) -> Result<PathBuf, Unwritable> {
    let aside = root.join("set-aside");
    let to = aside.join(file.file_name().unwrap_or_default());
    fs::create_dir_all(&aside)
        .and_then(|()| fs::rename(file, &to))
        .map_err(|error| Unwritable { place: to.clone(), reason: error.to_string() })?;
    // Keys without a history are nothing.
    let _ = fs::remove_file(file.with_extension("keys"));
    Ok(to)
}

/// A small number of entries that reach all that these do: again and again the one that adds most, of equals the one with
/// the fewest steps. It is the greedy way, not the least number there is.
pub fn cover(entries: Vec<Entry>) -> Vec<Entry> {
    let mut left: BTreeMap<String, Entry> = entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
    let mut seen = Keys::new();
    let mut cover = Vec::new();
    loop {
        let adds = |entry: &Entry| entry.keys.iter().filter(|key| !seen.contains(*key)).count();
        let best = left.values().max_by_key(|entry| {
            let rest = (std::cmp::Reverse(entry.history.steps.len()), std::cmp::Reverse(entry.name.clone()));
            (adds(entry), rest)
        });
        let Some(best) = best.filter(|best| adds(best) > 0).map(|best| best.name.clone()) else { return cover };
        if let Some(entry) = left.remove(&best) {
            seen.extend(entry.keys.iter().cloned());
            cover.push(entry);
        }
        // Whoever adds nothing now never will.
        left.retain(|_, entry| !entry.keys.is_subset(&seen));
    }
}

/// The keys, and whether this very commit wrote them. Changes on top of a commit are not told apart, so none is trusted.
fn read_keys(file: &Path, commit: &str) -> Option<(Keys, bool)> {
    let text = fs::read_to_string(file).ok()?;
    let (header, keys) = text.split_once('\n')?;
    let writer = header.strip_prefix("# ")?;
    let is_trusted = writer == commit && commit != "unknown" && !commit.contains(' ');
    Some((keys.lines().map(str::to_owned).collect(), is_trusted))
}

fn history_file(root: &Path, name: &str) -> PathBuf {
    root.join("corpus").join(format!("{name}.json"))
}

fn keys_file(root: &Path, name: &str) -> PathBuf {
    root.join("corpus").join(format!("{name}.keys"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Profile;

    fn entry(seed: u64, keys: &[&str]) -> Entry {
        Entry::new(History::from_seed(seed, &Profile::calm()), keys.iter().map(|key| (*key).to_owned()).collect())
    }

    #[test]
    fn what_reaches_nothing_new_is_not_kept() {
        let mut corpus = Corpus::default();
        assert!(corpus.admit(entry(1, &["a", "b"])));
        assert!(!corpus.admit(entry(2, &["b"])));
        assert!(corpus.admit(entry(3, &["b", "c"])));
        assert_eq!((corpus.entries.len(), corpus.seen.len()), (2, 3));
    }

    #[test]
    fn a_cover_reaches_everything_with_few() {
        let entries = vec![entry(1, &["a", "b"]), entry(2, &["b", "c", "d"]), entry(3, &["a"]), entry(4, &["c"])];
        let covered = cover(entries.clone());
        assert_eq!(covered.len(), 2);
        let keys: Keys = covered.iter().flat_map(|entry| entry.keys.clone()).collect();
        assert_eq!(keys.len(), 4);
        let names = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.name).collect::<Vec<_>>();
        assert_eq!(names(cover(covered.clone())), names(covered), "a cover covers itself");
        assert_eq!(names(cover(entries.into_iter().rev().collect())).len(), 2);
    }

    #[test]
    fn what_is_saved_comes_back_and_what_is_broken_is_set_aside() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        let [one, other] = [entry(1, &["a x", "b"]), entry(2, &["c"])];
        one.save(root, "abc1234").unwrap();
        other.save(root, "def5678").unwrap();
        fs::write(root.join("corpus/torn.json"), "{\"format\": 1").unwrap();
        let loaded = load(root, "abc1234").unwrap();
        assert_eq!((loaded.known.len(), loaded.stale.len(), loaded.broken.len()), (1, 1, 1));
        assert_eq!((&loaded.known[0].history, &loaded.known[0].keys), (&one.history, &one.keys));
        let to = set_aside(root, &loaded.broken[0].0).unwrap();
        assert_eq!(to, root.join("set-aside/torn.json"));
        assert!(load(root, "abc1234").unwrap().broken.is_empty());
        // Nobody knows which changes these were.
        one.save(root, "abc1234 and changes").unwrap();
        assert_eq!(load(root, "abc1234 and changes").unwrap().known.len(), 0);
    }
}
