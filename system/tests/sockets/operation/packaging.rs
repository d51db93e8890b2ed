//! What is shipped beside the program: the paths that it names exist, and the flags and settings in it are ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::runs::ended;
use crate::support::refused;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn shipped(name: &str) -> String {
    fs::read_to_string(root().join("system").join(name)).unwrap_or_else(|error| panic!("system/{name}: {error}"))
}

/// The lines without what is continued on the next.
fn joined(text: &str) -> Vec<String> {
    text.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_sample_settings_are_settings() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("stormglass.toml"), shipped("stormglass.toml")).unwrap();
    let run = refused(directory.path(), &["--config", "stormglass.toml", "--print-config"], &[]).await;
    let (printed, said) = ended(0, run);
    assert!(printed.contains("data_directory = \"/var/lib/stormglass\"") && said.is_empty(), "{printed}{said}");
}

#[tokio::test]
async fn the_image_copies_what_is_there_and_starts_what_it_built() {
    let dockerfile = shipped("Dockerfile");
    let lines = joined(&dockerfile);
    let copied = lines.iter().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    let sources: Vec<_> = copied.map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(sources, [".", "system/stormglass.toml"]);
    assert!(sources.iter().all(|source| root().join(source).exists()));
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(dockerfile.contains(&format!("FROM rust:{version}-slim-trixie AS build")), "it builds with {version}");
    assert!(lines.iter().any(|line| line.starts_with("USER ") && line != "USER root" && line != "USER 0"));

    // Every command line of the program, with its own file in the place of the image's.
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("s.toml"), shipped("stormglass.toml")).unwrap();
    let words = |line: &str| -> Vec<String> {
        let words = serde_json::from_str::<Vec<String>>(line).unwrap();
        words.iter().map(|word| word.replace("/etc/stormglass/stormglass.toml", "s.toml")).collect()
    };
    let health = lines.iter().find_map(|line| line.trim().split_once("CMD [\"stormglass\", ")).unwrap().1;
    let health = words(&format!("[{health}"));
    let health: Vec<&str> = health.iter().map(String::as_str).collect();
    // Nobody listens there: what is asked here is whether the flags are understood.
    let nobody = [("STORMGLASS_LISTEN", "127.0.0.1:1")];
    ended(2, refused(directory.path(), &health, &nobody).await);
    let start = lines.iter().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    let mut start = words(start);
    start.push("--print-config".to_owned());
    let start: Vec<&str> = start.iter().map(String::as_str).collect();
    let settings: Vec<(String, String)> = lines
        .iter()
        .find_map(|line| line.strip_prefix("ENV "))
        .unwrap()
        .split_whitespace()
        .map(|pair| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap())
        .collect();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (printed, _) = ended(0, refused(directory.path(), &start, &settings).await);
    assert!(printed.contains("listen = \"0.0.0.0:7440\"") && printed.contains("format = \"json\""), "{printed}");
}

#[tokio::test]
async fn the_unit_starts_the_program_and_waits_for_its_drain() {
    let unit = shipped("stormglass.service");
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key}"));
    let command = value("ExecStart=/usr/local/bin/stormglass ").replace("/etc/stormglass/stormglass.toml", "s.toml");
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("s.toml"), shipped("stormglass.toml")).unwrap();
    let arguments: Vec<&str> = command.split_whitespace().chain(["--print-config"]).collect();
    let (printed, _) = ended(0, refused(directory.path(), &arguments, &[]).await);
    let deadline = printed.lines().find_map(|line| line.strip_prefix("deadline_ms = ")).unwrap();
    let stop_s: u64 = value("TimeoutStopSec=").trim_end_matches('s').parse().unwrap();
    assert!(stop_s * 1_000 > deadline.parse::<u64>().unwrap(), "the drain has its time");
    assert_eq!(value("RestartPreventExitStatus="), "64");
    // `Type=notify` would want a word from the program that it does not say.
    assert_eq!(value("Type="), "exec");
}

#[test]
#[expect(clippy::print_stdout, reason = "what was not checked is said")]
fn systemd_understands_the_unit() {
    let directory = tempfile::tempdir().unwrap();
    // It wants the program to be there.
    let unit = shipped("stormglass.service").replace("/usr/local/bin/stormglass", env!("CARGO_BIN_EXE_stormglass"));
    let path = directory.path().join("stormglass.service");
    fs::write(&path, unit).unwrap();
    match Command::new("systemd-analyze").args(["verify", "--man=no", "--recursive-errors=no"]).arg(&path).output() {
        Err(_) => println!("systemd-analyze is not installed: the unit is not checked by it"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let ours: Vec<_> = said.lines().filter(|line| line.contains("stormglass.service")).collect();
            assert!(output.status.success() && ours.is_empty(), "{said}");
        }
    }
}

#[test]
fn what_the_deployment_page_names_is_there() {
    let page = shipped("DEPLOY.md");
    for name in ["system/stormglass.toml", "system/stormglass.service", "system/Dockerfile"] {
        assert!(page.contains(name) && root().join(name).exists(), "{name}");
    }
    let command = system::program::command_line();
    for subcommand in command.get_subcommands() {
        let name = format!("stormglass {}", subcommand.get_name());
        assert!(page.contains(&name), "the page does not say `{name}`");
    }
}
