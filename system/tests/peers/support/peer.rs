//! Programs that are not ours.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::{sleep, timeout};

/// What `.ci/peers` has installed, as a path below `target/peers/`. None: it was told, and the test has nothing to do.
///
/// # Panics
/// If it is missing and `CI_PEERS=require` is set.
pub fn installed(path: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target directory");
    let installed = Some(target.join("peers").join(path)).filter(|installed| installed.is_file());
    installed.or_else(|| skip(path))
}

/// The first of these programs that the machine has, where `.ci/peers` can do no more than ask for it. None and panics are as
/// for [`installed`].
pub fn of_the_machine(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| directories.iter().map(move |directory| directory.join(name)));
    places.into_iter().find(|program| program.is_file()).or_else(|| skip(names[0]))
}

fn skip(name: &str) -> Option<PathBuf> {
    let required = std::env::var("CI_PEERS").is_ok_and(|peers| peers == "require");
    assert!(!required, "{name} is not installed: run .ci/peers");
    let told = format!("SKIPPED: {name} is not installed; .ci/peers installs it\n");
    std::io::stderr().write_all(told.as_bytes()).expect("standard error takes a line");
    None
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

/// The same for one that may hang: what it printed on standard output.
///
/// # Panics
/// If it fails, or has not ended after `patience`. It is killed then.
pub async fn run_within(command: &mut Command, patience: Duration) -> String {
    let said = tempfile::NamedTempFile::new().unwrap();
    let output = said.reopen().expect("the file can be written to");
    let started = command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null()).spawn();
    let mut child = started.expect("the program can be started");
    let ended = timeout(patience, async {
        loop {
            match child.try_wait().expect("the program is ours") {
                Some(status) => return status,
                None => sleep(Duration::from_millis(50)).await,
            }
        }
    });
    let ended = ended.await;
    let printed = std::fs::read_to_string(said.path()).unwrap();
    let Ok(status) = ended else {
        child.kill().expect("the program is ours");
        child.wait().expect("it was killed");
        panic!("{command:?} has not ended in {patience:?}:\n{printed}");
    };
    assert!(status.success(), "{command:?} failed with {status}:\n{printed}");
    printed
}
