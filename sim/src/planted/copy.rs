//! The copy of the workspace that bugs are planted in: one tree and one folder of built things for all of them, so that
//! from one bug to the next only what differs is built.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::surroundings::{cargo_build, git_apply};
use super::{Bug, PlantedError};
use crate::workspace;

/// A copy of the workspace, in which at most one bug is planted at a time.
#[derive(Debug)]
pub struct WorkspaceCopy {
    original: PathBuf,
    tree: PathBuf,
    target: PathBuf,
}

/// What of the workspace is needed to build `sim`.
const PARTS: [&str; 7] = ["Cargo.toml", "Cargo.lock", ".cargo", "system", "properties", "sim", "snapshots"];

impl WorkspaceCopy {
    /// The copy below `folder`, which is made when it is needed first.
    pub fn new(folder: &Path) -> Self {
        let folder = workspace::output_folder(folder);
        let original = workspace::output_folder(Path::new(""));
        Self { original, tree: folder.join("tree"), target: folder.join("target") }
    }

    /// Plants a bug, and nothing but that bug: the program with it.
    ///
    /// # Errors
    /// The workspace cannot be copied, or the bug does not apply or cannot be built.
    pub fn plant(&self, bug: &Bug) -> Result<PathBuf, PlantedError> {
        for part in PARTS {
            copy(&self.original.join(part), &self.tree.join(part))?;
        }
        git_apply(bug, &self.tree, &[])?;
        cargo_build(bug, &self.tree, &self.target)
    }
}

/// Makes `to` what `from` is. What is equal is not touched: cargo builds what has a newer time.
fn copy(from: &Path, to: &Path) -> Result<(), PlantedError> {
    if from.is_dir() {
        fs::create_dir_all(to).map_err(PlantedError::place("make", to))?;
        let names = names(from)?;
        for gone in self::names(to)?.difference(&names) {
            let gone = to.join(gone);
            let removed = if gone.is_dir() { fs::remove_dir_all(&gone) } else { fs::remove_file(&gone) };
            removed.map_err(PlantedError::place("remove", &gone))?;
        }
        return names.iter().try_for_each(|name| copy(&from.join(name), &to.join(name)));
    }
    let bytes = fs::read(from).map_err(PlantedError::place("read", from))?;
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
        copy(&from, &to).unwrap();
        let modified = |name: &str| fs::metadata(to.join(name)).unwrap().modified().unwrap();
        let before = modified("deep/er/same");
        // What the last bug left: another text, a file and a folder too many, a file too few.
        fs::write(to.join("deep/changed"), "two").unwrap();
        fs::write(to.join("deep/more"), "").unwrap();
        fs::create_dir(to.join("folder")).unwrap();
        fs::write(from.join("new"), "new").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/changed")).unwrap(), "one");
        assert_eq!(fs::read_to_string(to.join("new")).unwrap(), "new");
        assert_eq!(names(&to).unwrap(), names(&from).unwrap());
        assert_eq!(names(&to.join("deep")).unwrap(), names(&from.join("deep")).unwrap());
        assert_eq!(modified("deep/er/same"), before);
    }
}
