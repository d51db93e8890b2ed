//! The committed histories: each was a failure once, or is a situation worth keeping, and must hold for ever.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sim::history::Saved;
use sim::judge::Digest;
use sim::report::Origin;
use sim::workspace;

use crate::trial::trial;

/// What came of all of them. They run once, before anything else.
pub static COMMITTED: LazyLock<Vec<Result<Digest, String>>> =
    LazyLock::new(|| files().iter().map(|file| check(file)).collect());

#[test]
fn committed_histories_hold() {
    let failures: Vec<_> = COMMITTED.iter().filter_map(|result| result.as_ref().err().cloned()).collect();
    assert!(!COMMITTED.is_empty(), "no history is committed in sim/histories");
    assert!(failures.is_empty(), "{} of the committed histories:\n\n{}", failures.len(), failures.join("\n"));
}

fn files() -> Vec<PathBuf> {
    workspace::saved_histories().expect("sim/histories can be read")
}

/// Runs the history of a file, or tells why it does not hold.
fn check(file: &Path) -> Result<Digest, String> {
    let history = Saved::load(file).map_err(|error| format!("FAILED  {error}\n"))?.history;
    let told = trial(&history).map(|outcome| outcome.digest());
    told.map_err(|trouble| {
        let report = trouble.tell(&history, Origin::File, history.steps.len(), &workspace::default_output());
        format!("{}\n{report}", file.display())
    })
}

#[test]
fn a_file_that_cannot_be_loaded_fails_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(&files()[0]).unwrap();
    for (written, reason) in [
        (text.replace("\"format\": 1", "\"format\": 999"), "999"),
        (text.replace("\"seed\"", "\"sead\""), "unknown field `sead`"),
        (String::new(), "JSON"),
    ] {
        let file = folder.path().join("worn-out.json");
        std::fs::write(&file, written).unwrap();
        let told = check(&file).map(|_| "held").unwrap_err();
        assert!(told.contains("worn-out.json") && told.contains(reason), "{told}");
    }
    let missing = check(&folder.path().join("missing.json")).map(|_| "held").unwrap_err();
    assert!(missing.contains("missing.json") && missing.contains("No such file"), "{missing}");
}
