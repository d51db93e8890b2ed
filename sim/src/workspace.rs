//! Places in the workspace: the saved histories that are committed, what a run leaves behind, the commit itself.
//!
//! The command and `cargo test` both ask here. Nothing here reads or writes a file that it names.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The folder of the committed histories, and all files in it by name.
///
/// # Errors
/// The folder exists but cannot be read.
pub fn saved_histories() -> io::Result<Vec<PathBuf>> {
    let folder = root().join("sim/histories");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let files: io::Result<Vec<PathBuf>> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let mut files = files?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// The place of a committed history, by the name of its file.
pub fn saved_history(name: &str) -> PathBuf {
    root().join("sim/histories").join(name)
}

/// The folder of the planted bugs.
pub fn planted_bugs() -> PathBuf {
    root().join("sim/planted")
}

/// Where bugs are planted, and where what is found of them is left.
pub fn planted_output() -> PathBuf {
    default_output().join("planted")
}

/// The mutants that nobody can notice, with the reasons.
pub fn equivalent_mutants() -> PathBuf {
    root().join("sim/mutants/equivalent.toml")
}

/// The mutation score that was measured last.
pub fn mutation_score() -> PathBuf {
    root().join("sim/mutants/SCORE.md")
}

/// Where mutants are built, and where what became of them is kept.
pub fn mutants_output() -> PathBuf {
    default_output().join("mutants")
}

/// Where a run leaves what a failure leaves behind, unless somebody says otherwise.
pub fn default_output() -> PathBuf {
    PathBuf::from("target/sim")
}

/// Where a path that a person typed or read leads: from the current directory, else from the workspace's root.
pub fn locate(path: &Path) -> PathBuf {
    let from_root = root().join(path);
    if !path.exists() && from_root.exists() { from_root } else { path.to_owned() }
}

/// A relative folder for output, from the workspace's root.
pub fn output_folder(path: &Path) -> PathBuf {
    root().join(path)
}

/// The commit that a seed is good for: short, marked when there are changes on top, `unknown` outside of git.
pub fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root()).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match git(&["rev-parse", "--short=7", "HEAD"]) {
        None => "unknown".to_owned(),
        Some(commit) => match git(&["status", "--porcelain", "--untracked-files=no"]) {
            Some(changes) if !changes.is_empty() => format!("{commit} and changes"),
            _ => commit,
        },
    }
}

/// The root of the workspace: where it was when this program was built, if it still is; else the current directory.
fn root() -> PathBuf {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned);
    built_in.filter(|root| root.join("Cargo.toml").exists()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_here_is_looked_for_in_the_workspace() {
        assert_eq!(locate(Path::new("sim/Cargo.toml")), root().join("sim/Cargo.toml"));
        assert_eq!(locate(Path::new("nowhere/at-all.json")), Path::new("nowhere/at-all.json"));
        assert_eq!(output_folder(Path::new("/elsewhere")), Path::new("/elsewhere"));
    }

    #[test]
    fn a_commit_is_always_named() {
        assert!(!commit().is_empty());
    }
}
