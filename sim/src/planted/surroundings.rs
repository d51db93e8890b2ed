//! The programs of the machine that plant a bug: git and cargo.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Bug, PlantedError};

/// Applies a bug's patch to a tree, or only looks whether it could.
///
/// # Errors
/// It does not apply, or there is no git.
pub(super) fn git_apply(bug: &Bug, tree: &Path, flags: &[&str]) -> Result<(), PlantedError> {
    let output = Command::new("git")
        .args(["apply", "-p1"])
        .args(flags)
        .arg(&bug.patch)
        .current_dir(tree)
        // A copy lies within the workspace: git must not take the workspace's repository for the copy's own.
        .env("GIT_CEILING_DIRECTORIES", tree.parent().unwrap_or(tree))
        .stdin(Stdio::null())
        .output()
        .map_err(PlantedError::place("run", "git"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().next().unwrap_or("git apply failed").trim_start_matches("error: ").to_owned();
    Err(PlantedError::Patch { bug: bug.name.clone(), reason })
}

/// How the crates are built that differ between bugs, or are built on what does. In many small units, most are as they
/// were; without line numbers, which nobody reads there; and hardly optimised, while all that they are built on is.
///
/// Measured as seconds of one core, so and with the profile's own optimisation: from one bug to another 20 and 37 s (a file
/// of the hub), or 98 and 150 s (what many routes are made of); the first build of the three 333 to 411 and 512 s; 40
/// histories 6.4 and 6.0 s. A search for a bug runs some hundreds of them.
const BUILD: [&str; 7] = [
    "profile.sim.debug=false",
    "profile.sim.package.system.codegen-units=256",
    "profile.sim.package.properties.codegen-units=256",
    "profile.sim.package.sim.codegen-units=256",
    "profile.sim.package.system.opt-level=1",
    "profile.sim.package.properties.opt-level=1",
    "profile.sim.package.sim.opt-level=1",
];

/// Builds the `sim` program of a tree: where it is. cargo tells its mistakes to standard error by itself.
///
/// # Errors
/// It cannot be built, or there is no cargo.
pub(super) fn cargo_build(bug: &Bug, tree: &Path, target: &Path) -> Result<PathBuf, PlantedError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsStr::new("cargo").to_owned());
    let built = Command::new(&cargo)
        .args(["build", "--quiet", "--locked", "--profile", "sim", "--package", "sim", "--bin", "sim", "--target-dir"])
        .arg(target)
        .args(BUILD.iter().flat_map(|setting| ["--config", setting]))
        .current_dir(tree)
        .env("CARGO_INCREMENTAL", "1")
        .stdin(Stdio::null())
        .status()
        .map_err(PlantedError::place("run", &cargo))?;
    if !built.success() {
        return Err(PlantedError::Build { bug: bug.name.clone() });
    }
    Ok(target.join("sim").join("sim"))
}
