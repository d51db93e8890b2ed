//! Merging: the folders of many shards become one, with the failures put together and a corpus that reaches the same with
//! fewer histories. To merge a folder again, alone or within another merged one, changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::corpus::{self, Corpus};
use super::failures::{self, Failures};
use super::folder::{self, FORMAT, Folder, FolderError, Identity};
use super::progress::Progress;
use crate::failure::Unwritable;
use crate::report::FuzzReport;

/// What a merged folder was merged of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Merged {
    format: u64,
    /// By the identity of each campaign.
    members: BTreeMap<String, Member>,
}

/// A campaign, as far as it was when it was merged.
#[derive(Debug, Serialize, Deserialize)]
struct Member {
    identity: Identity,
    progress: Progress,
}

/// What stands in place of a commit beside the keys of a merged corpus: shards may have run at several.
const MERGED: &str = "unknown";

/// What came of a merge.
#[derive(Debug)]
pub struct Union {
    /// All that there is to say.
    pub report: FuzzReport,
    /// What a person should know.
    pub news: Vec<String>,
}

/// Merges folders of campaigns and merged ones into `to`, which keeps what it was merged of before.
///
/// # Errors
/// One of them is no such folder, is being worked on, or cannot be read; or `to` cannot be written.
pub fn merge(to: &Path, from: &[PathBuf]) -> Result<Union, FolderError> {
    if to.join("campaign.json").exists() {
        let what = "is the folder of a campaign, not a merged one".to_owned();
        return Err(FolderError::Other { place: to.to_owned(), what });
    }
    for root in from {
        members(root)?;
    }
    let held = Folder::hold(to)?;
    let root = &held.root;
    let mut sources = vec![root.clone()];
    for place in from {
        if sources.iter().all(|source| !is_same(source, place)) {
            sources.push(place.clone());
        }
    }
    let locks: Result<Vec<Folder>, FolderError> = sources[1..].iter().map(|place| Folder::hold(place)).collect();
    let locks = locks?;

    let mut news = Vec::new();
    let mut all: BTreeMap<String, Member> = BTreeMap::new();
    let mut entries = BTreeMap::new();
    let mut all_failures = Failures::default();
    let mut shown = BTreeMap::new();
    for source in &sources {
        let found = if is_same(source, root) && !source.join("merged.json").exists() {
            BTreeMap::new()
        } else {
            members(source)?
        };
        for (id, member) in found {
            let is_further = all.get(&id).is_none_or(|known| known.progress.runs() < member.progress.runs());
            if is_further {
                all.insert(id, member);
            }
        }
        let corpus::Loaded { known, stale, broken } = corpus::load(source, MERGED)?;
        for (file, reason) in broken {
            news.push(format!("passed over {}: {reason}", file.display()));
        }
        // Whichever commit said what they reach: what is run again says it anew.
        entries.extend(known.into_iter().chain(stale).map(|entry| (entry.name.clone(), entry)));
        for (name, record) in Failures::load(source)?.records {
            if all_failures.add(record).1 {
                shown.insert(name, source.clone());
            }
        }
        for file in failures::kept(source)? {
            let name = file.file_name().unwrap_or_default();
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            all_failures.kept.insert(stem, Default::default());
            copy(&file, &root.join("found").join(name))?;
        }
    }
    write_failures(root, &mut all_failures, &shown)?;
    let corpus = write_corpus(root, entries.into_values().collect())?;
    let report = {
        let members: Vec<_> = all.values().map(|member| (&member.identity, &member.progress)).collect();
        FuzzReport::new(&members, &all_failures, &corpus, root)
    };
    folder::write_json(&root.join("merged.json"), &Merged { format: FORMAT, members: all })?;
    drop(locks);
    Ok(Union { report, news })
}

/// Whose folder it is.
fn members(root: &Path) -> Result<BTreeMap<String, Member>, FolderError> {
    if let Some(merged) = folder::read_json::<Merged>(&root.join("merged.json"))? {
        return Ok(merged.members);
    }
    let what = "is neither the folder of a campaign nor a merged one".to_owned();
    let identity = folder::read_json::<Identity>(&root.join("campaign.json"))?;
    let identity = identity.ok_or(FolderError::Other { place: root.to_owned(), what })?;
    let progress = folder::read_json(&root.join("progress.json"))?.unwrap_or_else(|| Progress::new(&identity));
    Ok(BTreeMap::from([(identity.id.clone(), Member { identity, progress })]))
}

fn write_failures(root: &Path, all: &mut Failures, shown: &BTreeMap<String, PathBuf>) -> Result<(), Unwritable> {
    for (name, source) in shown.iter().filter(|(_, source)| !is_same(source, root)) {
        let (from, to) = (failures::folder_of(source, name), failures::folder_of(root, name));
        for file in folder::entries(&from).unwrap_or_default() {
            copy(&file, &to.join(file.file_name().unwrap_or_default()))?;
        }
    }
    for (name, record) in &mut all.records {
        let folder = failures::folder_of(root, name);
        record.stands_in(&folder);
        // The text names the file, which is another now.
        let text = crate::report::text::plain(&crate::report::text::failure(&record.report));
        folder::write(&folder.join("report.txt"), text.as_bytes())?;
        record.save(root, None)?;
    }
    // What one shard has made small is no longer waiting, though another shard still keeps it.
    let settled: Vec<String> = all.kept.keys().filter(|name| all.is_settled(name)).cloned().collect();
    for name in settled {
        all.kept.remove(&name);
        failures::forget(root, &name);
    }
    Ok(())
}

/// Leaves the smallest corpus that reaches the same, and all of which nobody knows what they reach.
fn write_corpus(root: &Path, entries: Vec<corpus::Entry>) -> Result<Corpus, FolderError> {
    let (entries, unknown): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| !entry.keys.is_empty());
    let covered = corpus::cover(entries);
    let mut corpus = Corpus::default();
    for entry in covered.into_iter().chain(unknown) {
        entry.save(root, MERGED)?;
        corpus.seen.extend(entry.keys.iter().cloned());
        corpus.entries.push(entry);
    }
    for file in folder::files(&root.join("corpus"), "json")? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(entry) = corpus.entries.first().filter(|_| corpus.entries.iter().all(|entry| entry.name != name)) {
            corpus::Entry { name, ..entry.clone() }.remove(root);
        }
    }
    Ok(corpus)
}

fn copy(from: &Path, to: &Path) -> Result<(), Unwritable> {
    if is_same(from, to) {
        return Ok(());
    }
    let content = fs::read(from).map_err(|error| Unwritable { place: to.to_owned(), reason: error.to_string() })?;
    folder::write(to, &content)
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
