//! Small named histories, told as a person would read them, with what the properties say (SIM-6).
//!
//! Each is a file of `snapshots/histories/`, and a test here that asks whether what its name promises did happen: a story
//! that has become another one must not be accepted by mistake.

mod faults;
mod people;
mod told;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn each_history_has_its_snapshot_and_each_snapshot_its_history() {
    let names = |folder: &str, prefix: &str, suffix: &str| -> BTreeSet<String> {
        let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("the folder exists");
        let names = files.map(|file| file.expect("the folder can be read").file_name().to_string_lossy().into_owned());
        names.filter_map(|name| Some(name.strip_prefix(prefix)?.strip_suffix(suffix)?.to_owned())).collect()
    };
    let histories = names("histories", "", ".json");
    assert!(histories.len() >= 10, "{histories:?}");
    assert_eq!(names("tests/histories/snapshots", "histories__told__", ".snap"), histories);
}
