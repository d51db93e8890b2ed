//! Programs that are not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that `.ci/peers` has installed, or one of the machine. None: it was told, and the test has nothing to do.
///
/// # Panics
/// If it is missing and `CI_PEERS=require` is set.
pub fn find(name: &str) -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::iter::once(target.join("peers/bin")).chain(std::env::split_paths(&path));
    let found = places.map(|place| place.join(name)).find(|program| program.is_file());
    if found.is_none() {
        let required = std::env::var("CI_PEERS").is_ok_and(|peers| peers == "require");
        assert!(!required, "{name} is not installed: run .ci/peers");
        let told = format!("SKIPPED: {name} is not installed; .ci/peers installs it\n");
        std::io::Write::write_all(&mut std::io::stderr(), told.as_bytes()).expect("standard error takes a line");
    }
    found
}

/// Runs it to its end: what it printed.
///
/// # Panics
/// If it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program can be started");
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{command:?} failed with {}:\n{printed}", output.status);
    printed
}
