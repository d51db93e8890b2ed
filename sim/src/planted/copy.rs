//! The copy of the workspace that bugs are planted in: one tree and one folder of built things for all of them, so that
//! from one bug to the next only what differs is built. The programs are kept, each with the hash of what it was built
//! of: what is as it was is not built again.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::surroundings::{cargo_build, git_apply};
use super::{Bug, PlantedError};
use crate::workspace;

/// A copy of the workspace, in which at most one bug is planted at a time.
#[derive(Debug)]
pub struct WorkspaceCopy {
    original: PathBuf,
    tree: PathBuf,
    target: PathBuf,
    programs: PathBuf,
}

/// What of the workspace is needed to build `sim`.
const PARTS: [&str; 7] = ["Cargo.toml", "Cargo.lock", ".cargo", "system", "properties", "sim", "snapshots"];

/// What of it decides what a search finds.
const DECISIVE: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "system/src", "properties/src", "sim/Cargo.toml", "sim/src"];

/// What does not, within that: how a report is told, what can be typed and where things are kept; the server's program
/// around it, which no simulation runs; and of campaigns all but what a guided search is guided by. A module that is new
/// decides, until it is written down here.
const INDIFFERENT: [&str; 29] = [
    "sim/src/campaign.rs",
    "sim/src/command",
    "sim/src/explain.rs",
    "sim/src/failure.rs",
    "sim/src/fuzz/campaign.rs",
    "sim/src/fuzz/failures.rs",
    "sim/src/fuzz/folder.rs",
    "sim/src/fuzz/merge.rs",
    "sim/src/fuzz/minimise.rs",
    "sim/src/fuzz/progress.rs",
    "sim/src/fuzz/runner.rs",
    "sim/src/fuzz/shard.rs",
    "sim/src/fuzz/wire.rs",
    "sim/src/fuzz/worker.rs",
    "sim/src/heap_noise.rs",
    "sim/src/load",
    "sim/src/main.rs",
    "sim/src/mutants",
    "sim/src/planted/bug.rs",
    "sim/src/planted/copy.rs",
    "sim/src/planted/error.rs",
    "sim/src/planted/results.rs",
    "sim/src/report",
    "sim/src/scenarios",
    "sim/src/search",
    "sim/src/trace_file",
    "sim/src/workspace.rs",
    "system/src/main.rs",
    "system/src/program",
];

impl WorkspaceCopy {
    /// The copy below `folder`, which is made when it is needed first.
    pub fn new(folder: &Path) -> Self {
        let folder = workspace::output_folder(folder);
        let original = workspace::output_folder(Path::new(""));
        let [tree, target, programs] = ["tree", "target", "programs"].map(|name| folder.join(name));
        Self { original, tree, target, programs }
    }

    /// Plants a bug, and nothing but that bug: the hash of what its program is built of.
    ///
    /// # Errors
    /// The workspace cannot be copied, or the bug does not apply.
    pub fn plant(&self, bug: &Bug) -> Result<String, PlantedError> {
        copy_workspace(&self.original, &self.tree, &BTreeMap::new())?;
        git_apply(bug, &self.tree, &[])?;
        digest_workspace(&self.tree, &[])
    }

    /// The program of the bug that was just planted, with this hash: built, if it was not built before.
    ///
    /// # Errors
    /// It cannot be built.
    pub fn build(&self, bug: &Bug, hash: &str) -> Result<PathBuf, PlantedError> {
        let program = self.programs.join(&bug.name);
        let built_of = program.with_extension("hash");
        if program.exists() && fs::read_to_string(&built_of).is_ok_and(|known| known == hash) {
            return Ok(program);
        }
        let built = cargo_build(bug, &self.tree, &self.target)?;
        fs::create_dir_all(&self.programs).map_err(PlantedError::place("make", &self.programs))?;
        // Whoever is killed here leaves a program without its hash, which nobody trusts.
        let _ = fs::remove_file(&built_of);
        fs::copy(&built, &program).map_err(PlantedError::place("write", &program))?;
        fs::write(&built_of, hash).map_err(PlantedError::place("write", &built_of))?;
        Ok(program)
    }
}

/// Makes the tree a copy of what is needed to build `sim`, but for the files of the copy that are to hold something else.
///
/// # Errors
/// Something cannot be read or written.
pub(crate) fn copy_workspace(
    original: &Path,
    tree: &Path,
    replaced: &BTreeMap<PathBuf, Vec<u8>>,
) -> Result<(), PlantedError> {
    fs::create_dir_all(tree).map_err(PlantedError::place("make", tree))?;
    PARTS.iter().try_for_each(|part| copy(&original.join(part), &tree.join(part), replaced))
}

/// The hash of what decides what a search in the tree finds, and of some parts more.
///
/// # Errors
/// Something cannot be read.
pub(crate) fn digest_workspace(tree: &Path, more: &[&str]) -> Result<String, PlantedError> {
    let mut hash = Xxh3::new();
    DECISIVE.iter().chain(more).try_for_each(|part| digest(tree, Path::new(part), &mut hash))?;
    Ok(format!("{:032x}", hash.digest128()))
}

/// Adds a part of a tree to a hash: its names, and what its files hold.
fn digest(tree: &Path, part: &Path, hash: &mut Xxh3) -> Result<(), PlantedError> {
    if INDIFFERENT.iter().any(|indifferent| part == Path::new(indifferent)) {
        return Ok(());
    }
    let place = tree.join(part);
    if place.is_dir() {
        return names(&place)?.iter().try_for_each(|name| digest(tree, &part.join(name), hash));
    }
    let bytes = fs::read(&place).map_err(PlantedError::place("read", &place))?;
    hash.update(part.as_os_str().as_encoded_bytes());
    hash.update(&(bytes.len() as u64).to_le_bytes());
    hash.update(&bytes);
    Ok(())
}

/// Makes `to` what `from` is, or what is to be there instead. What is equal is not touched: cargo builds what has a newer
/// time.
fn copy(from: &Path, to: &Path, replaced: &BTreeMap<PathBuf, Vec<u8>>) -> Result<(), PlantedError> {
    if from.is_dir() {
        fs::create_dir_all(to).map_err(PlantedError::place("make", to))?;
        let names = names(from)?;
        for gone in self::names(to)?.difference(&names) {
            let gone = to.join(gone);
            let removed = if gone.is_dir() { fs::remove_dir_all(&gone) } else { fs::remove_file(&gone) };
            removed.map_err(PlantedError::place("remove", &gone))?;
        }
        return names.iter().try_for_each(|name| copy(&from.join(name), &to.join(name), replaced));
    }
    let bytes = match replaced.get(to) {
        Some(bytes) => bytes.clone(),
        None => fs::read(from).map_err(PlantedError::place("read", from))?,
    };
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).map_err(PlantedError::place("write", to))
}

fn names(folder: &Path) -> Result<BTreeSet<OsString>, PlantedError> {
    let entries = fs::read_dir(folder).map_err(PlantedError::place("list", folder))?;
    let names: std::io::Result<_> = entries.map(|entry| Ok(entry?.file_name())).collect();
    names.map_err(PlantedError::place("list", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_becomes_equal_and_what_is_equal_keeps_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::create_dir_all(from.join("deep/er")).unwrap();
        fs::write(from.join("deep/er/same"), "same").unwrap();
        fs::write(from.join("deep/changed"), "one").unwrap();
        copy(&from, &to, &BTreeMap::new()).unwrap();
        let modified = |name: &str| fs::metadata(to.join(name)).unwrap().modified().unwrap();
        let before = modified("deep/er/same");
        // What the last bug left: another text, a file and a folder too many, a file too few.
        fs::write(to.join("deep/changed"), "two").unwrap();
        fs::write(to.join("deep/more"), "").unwrap();
        fs::create_dir(to.join("folder")).unwrap();
        fs::write(from.join("new"), "new").unwrap();
        copy(&from, &to, &BTreeMap::new()).unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/changed")).unwrap(), "one");
        assert_eq!(fs::read_to_string(to.join("new")).unwrap(), "new");
        assert_eq!(names(&to).unwrap(), names(&from).unwrap());
        assert_eq!(names(&to.join("deep")).unwrap(), names(&from.join("deep")).unwrap());
        assert_eq!(modified("deep/er/same"), before);
        copy(&from, &to, &BTreeMap::from([(to.join("deep/changed"), b"other".to_vec())])).unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/changed")).unwrap(), "other");
        assert_eq!(modified("deep/er/same"), before);
    }

    #[test]
    fn what_is_indifferent_is_there_and_within_what_decides() {
        let workspace = workspace::output_folder(Path::new(""));
        for part in INDIFFERENT.map(Path::new) {
            assert!(workspace.join(part).exists(), "{} is nowhere", part.display());
            assert!(DECISIVE.iter().any(|decisive| part.starts_with(decisive)), "{} decides nothing", part.display());
        }
    }

    /// But for what is only handed on, and what tests use.
    #[test]
    fn what_decides_uses_nothing_that_is_indifferent() {
        /// Types that are only handed on, to whoever tells of them.
        const TOLD: [&str; 7] = [
            "crate::campaign::Panicked",
            "crate::explain::",
            "crate::failure::Unwritable",
            "crate::report::Conclusion",
            "crate::report::planted::",
            "crate::report::recovery::RunName",
            "crate::report::summary::Counter",
        ];
        let root = workspace::output_folder(Path::new(""));
        let indifferent: Vec<String> = INDIFFERENT
            .iter()
            .filter_map(|part| part.strip_prefix("sim/src/"))
            .map(|part| format!("crate::{}", part.trim_end_matches(".rs").replace('/', "::")))
            .collect();
        let mut used = Vec::new();
        each_decisive(&root, Path::new("sim/src"), &mut |part| {
            let text = fs::read_to_string(root.join(part)).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let paths = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && !matches!(c, ':' | '_')));
            for path in paths.filter(|path| path.starts_with("crate::")) {
                let is_indifferent = indifferent.iter().any(|of| path == of || path.starts_with(&format!("{of}::")));
                if is_indifferent && !TOLD.iter().any(|told| path.starts_with(told)) {
                    used.push(format!("{}: {path}", part.display()));
                }
            }
        });
        assert_eq!(used, Vec::<String>::new());
    }

    fn each_decisive(root: &Path, part: &Path, visit: &mut impl FnMut(&Path)) {
        if INDIFFERENT.iter().any(|indifferent| part == Path::new(indifferent)) {
            return;
        }
        match root.join(part).is_dir() {
            true => {
                for name in names(&root.join(part)).unwrap() {
                    each_decisive(root, &part.join(name), visit);
                }
            }
            false => visit(part),
        }
    }

    #[test]
    fn a_hash_is_of_what_decides_and_of_nothing_else() {
        let tree = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let file = tree.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        let hash = || {
            let mut hash = Xxh3::new();
            digest(tree.path(), Path::new("sim/src"), &mut hash).unwrap();
            hash.digest128()
        };
        write("sim/src/world/run.rs", "one");
        write("sim/src/report/text.rs", "one");
        let first = hash();
        write("sim/src/report/text.rs", "two");
        assert_eq!(hash(), first);
        write("sim/src/world/run.rs", "two");
        assert_ne!(hash(), first);
        write("sim/src/world/run.rs", "one");
        write("sim/src/world/more.rs", "");
        assert_ne!(hash(), first);
    }
}
