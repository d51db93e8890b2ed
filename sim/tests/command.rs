//! The command as a script sees it: what it refuses, with which words and which exit code, and what it writes.

use std::path::Path;
use std::process::{Command, Output};

fn sim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(arguments);
    for variable in ["SIM_SEED", "SIM_SEEDS", "SIM_PROFILE"] {
        command.env_remove(variable);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the command writes UTF-8")
}

/// A refusal: exit code 64, nothing on standard output, one line that names the mistake, one with the next command.
fn check_refused(command: &mut Command, hints: &[&str], next: &str) {
    let folder = tempfile::tempdir().unwrap();
    let Output { status, stdout, stderr } = command.current_dir(folder.path()).output().unwrap();
    let stderr = text(&stderr);
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!((status.code(), text(&stdout).as_str()), (Some(64), ""), "{stderr}");
    assert_eq!(lines.len(), 2, "{stderr}");
    assert!(lines[0].starts_with("error: "), "{stderr}");
    hints.iter().for_each(|hint| assert!(lines[0].contains(hint), "`{hint}` is not in: {stderr}"));
    assert_eq!(lines[1], format!("next:  {next}"), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something was written");
}

#[test]
fn a_wrong_seed_is_refused() {
    check_refused(&mut sim(&["run", "--seed", "seven"]), &["--seed <N>", "`seven` is no seed"], "cargo sim run --help");
    check_refused(&mut sim(&["run", "--seed=-1"]), &["`-1` is no seed", "such as 7"], "cargo sim run --help");
    check_refused(sim(&["run"]).env("SIM_SEED", "x"), &["SIM_SEED: `x` is no seed"], "cargo sim run --help");
}

#[test]
fn a_wrong_range_is_refused() {
    let next = "cargo sim run --help";
    check_refused(&mut sim(&["run", "--seeds", "9..2"]), &["--seeds <A..B>", "`9..2`", "such as 0..64"], next);
    check_refused(sim(&["run"]).env("SIM_SEEDS", "5"), &["SIM_SEEDS: `5` is no range"], next);
    check_refused(sim(&["run"]).env("SIM_SEEDS", "5..6").env("SIM_SEED", "5"), &["at most one"], next);
    check_refused(&mut sim(&["run", "--seed", "1", "--seeds", "1..2"]), &["cannot be used with"], next);
    let next = "cargo sim check-determinism --help";
    check_refused(&mut sim(&["check-determinism", "--seeds", "a..b"]), &["`a..b` is no range"], next);
}

#[test]
fn a_wrong_profile_is_refused() {
    let hints = ["no profile is named `mild`", "calm", "standard", "harsh", "swarm"];
    let next = "cargo sim list profiles";
    check_refused(&mut sim(&["run", "--profile", "mild"]), &hints, next);
    check_refused(sim(&["run"]).env("SIM_PROFILE", "mild"), &hints, next);
    check_refused(&mut sim(&["replay", "7", "--profile", "mild"]), &hints, next);
    check_refused(&mut sim(&["shrink", "7", "--profile", "mild"]), &hints, next);
    check_refused(&mut sim(&["check-determinism", "--profile", "mild"]), &hints, next);
}

#[test]
fn a_wrong_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.json").display().to_string();
    for subcommand in ["replay", "shrink"] {
        let hints = [&*missing, "neither a seed nor a file"];
        check_refused(&mut sim(&[subcommand, &missing]), &hints, "cargo sim replay --help");
    }
    for (name, content) in [("empty", ""), ("other", "[1, 2]"), ("binary", "\u{0}\u{1}")] {
        let file = folder.path().join(name).display().to_string();
        std::fs::write(&file, content).unwrap();
        check_refused(&mut sim(&["replay", &file]), &["cannot read the history", &file], "cargo sim run");
    }
}

#[test]
fn a_wrong_flag_is_refused() {
    check_refused(&mut sim(&[]), &["a subcommand is missing"], "cargo sim --help");
    check_refused(&mut sim(&["fly"]), &["'fly'"], "cargo sim --help");
    check_refused(&mut sim(&["run", "--jobs", "0"]), &["--jobs <N>"], "cargo sim run --help");
    check_refused(&mut sim(&["run", "--sedes", "1..2"]), &["--sedes", "'--seeds'"], "cargo sim run --help");
    check_refused(&mut sim(&["run", "--runs", "5"]), &["--worst <MEASURE>"], "cargo sim run --help");
    check_refused(&mut sim(&["run", "--worst", "ghosts"]), &["ghosts", "recovery"], "cargo sim run --help");
    check_refused(&mut sim(&["replay"]), &["<SEED|FILE>"], "cargo sim replay --help");
    check_refused(&mut sim(&["list", "ghosts"]), &["ghosts", "properties"], "cargo sim list --help");
    let hints = ["`no/such` is no property"];
    check_refused(&mut sim(&["shrink", "7", "--property", "no/such"]), &hints, "cargo sim list properties");
}

#[test]
fn a_wrong_planted_bug_is_refused() {
    let next = "cargo sim planted --help";
    check_refused(&mut sim(&["planted", "--only", "none"]), &["`none` is no planted bug: expected one of "], next);
    check_refused(&mut sim(&["planted", "--for", "soon"]), &["--for <TIME>", "`soon`"], next);
    check_refused(&mut sim(&["planted", "--check", "--write"]), &["cannot be used with"], next);
    check_refused(
        &mut sim(&["planted", "--profile", "mild"]),
        &["no profile is named `mild`"],
        "cargo sim list profiles",
    );
}

#[test]
fn a_wrong_area_of_mutants_is_refused() {
    let next = "cargo sim mutants --help";
    let hints = ["`shop` is no area of the core: expected one of store, hub, sessions, rights"];
    check_refused(&mut sim(&["mutants", "--areas", "shop"]), &hints, next);
    check_refused(&mut sim(&["mutants", "--sample", "0"]), &["--sample <N>", "0"], next);
    check_refused(&mut sim(&["mutants", "--seed", "1"]), &["required", "--sample <N>"], next);
    check_refused(&mut sim(&["mutants", "--check", "--write"]), &["cannot be used with"], next);
}

#[test]
fn every_planted_bug_applies() {
    let Output { status, stdout, stderr } = sim(&["planted", "--check", "--json"]).output().unwrap();
    assert_eq!(status.code(), Some(0), "{}", text(&stderr));
    let document: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert!(document["applied"].as_array().is_some_and(|applied| !applied.is_empty()), "{document}");
}

#[test]
fn help_version_and_lists_are_no_mistakes() {
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"], &["list"], &["list", "faults", "--json"]] {
        let Output { status, stdout, stderr } = sim(arguments).output().unwrap();
        assert_eq!((status.code(), text(&stderr).as_str()), (Some(0), ""), "{arguments:?}");
        assert!(!stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn one_seed_gives_the_same_bytes_for_any_number_of_jobs() {
    let run = |arguments: &[&str]| {
        let output = sim(arguments).output().unwrap();
        // One run may well leave some property nothing to check.
        assert!(matches!(output.status.code(), Some(0 | 2)), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(run(&["run", "--seed", "7", "--json"]), run(&["run", "--seed", "7", "--json"]));
    let [one, many] = ["1", "3"].map(|jobs| run(&["run", "--seeds", "7..10", "--json", "--jobs", jobs]));
    assert_eq!(one, many);
    let document: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!(document["summary"]["seeds"], "7..10");
    assert!(document["summary"]["faults"].as_array().is_some_and(|faults| !faults.is_empty()));
}

#[test]
fn variables_do_what_flags_do() {
    let flags = sim(&["run", "--seed", "3", "--profile", "calm", "--json"]).output().unwrap();
    let variables = sim(&["run", "--json"]).env("SIM_SEED", "3").env("SIM_PROFILE", "calm").output().unwrap();
    assert_eq!(text(&flags.stdout), text(&variables.stdout));
    assert!(text(&flags.stdout).contains("\"seeds\": \"3..4\""));
}

#[test]
fn a_summary_names_what_happened_and_what_to_type_next() {
    let output = sim(&["run", "--seeds", "0..8"]).output().unwrap();
    let stdout = text(&output.stdout);
    for hint in ["in ", "never ", "fault ", "property ", "seeds 0..8 of standard"] {
        assert!(stdout.contains(hint), "`{hint}` is not in: {stdout}");
    }
    assert!(stdout.lines().last().is_some_and(|line| line.starts_with("next    cargo sim ")), "{stdout}");
    assert!(!stdout.contains('\u{1b}'), "colours belong on a terminal: {stdout}");
}

#[test]
fn the_worst_recovery_is_saved_and_replays() {
    let folder = tempfile::tempdir().unwrap();
    let search = |jobs: &str| {
        let output = folder.path().join(jobs).display().to_string();
        let arguments = ["run", "--worst", "recovery", "--seeds", "0..2", "--runs", "5", "--jobs", jobs, "--json"];
        let output = sim(&[&arguments[..], &["--output", &output]].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let found = search("1");
    assert_eq!(found, search("3"), "what is found does not depend on the number of jobs");
    let document: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!((&document["runs"], &document["conclusion"]), (&5.into(), &"held".into()));
    let seeds = std::fs::read_dir(folder.path().join("1")).unwrap();
    let files: Vec<_> = seeds.map(|seed| seed.unwrap().path().join("worst-recovery.json")).collect();
    assert!(files.len() == 1 && files[0].is_file(), "{files:?}");
    let worst_ms = document["worst"]["after_ms"].as_u64().unwrap();
    let replayed = sim(&["replay", &files[0].display().to_string()]).output().unwrap();
    let back = format!("is back, {}.{:03} s after the heal", worst_ms / 1_000, worst_ms % 1_000);
    assert!(text(&replayed.stdout).contains(&back), "{back}: {}", text(&replayed.stdout));
}

#[test]
fn a_replay_tells_the_story_and_then_the_verdicts() {
    let output = sim(&["replay", "7"]).output().unwrap();
    let stdout = text(&output.stdout);
    assert!(stdout.starts_with("STORY   seed 7   standard"), "{stdout}");
    assert!(stdout.contains("the storm begins") && stdout.contains("fingerprint  "), "{stdout}");

    let json = |subject: &str| sim(&["replay", subject, "--json"]).output().unwrap().stdout;
    let document: serde_json::Value = serde_json::from_slice(&json("7")).unwrap();
    assert!(document["story"].as_array().is_some_and(|story| !story.is_empty()));
}

#[test]
fn a_page_is_written_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let page = |arguments: &[&str], name: &str| {
        let file = folder.path().join("pages").join(name);
        let output = sim(arguments).arg("--html").arg(&file).output().unwrap();
        let stdout = text(&output.stdout);
        let told = stdout.lines().find(|line| line.starts_with("page ")).unwrap_or_else(|| panic!("{stdout}"));
        assert!(told.ends_with(&format!(" {}", file.display())), "{told}");
        std::fs::read_to_string(&file).expect("the page is there")
    };
    let replay = page(&["replay", "7"], "replay.html");
    assert!(replay.starts_with("<!DOCTYPE html>") && replay.contains("A run of seed 7"), "{replay}");
    assert!(replay.contains("cargo sim replay 7 --profile standard") && replay.contains("class=\"trace\""));
    assert_eq!(replay, page(&["replay", "7"], "again.html"), "equal runs give equal pages");
    let campaign = page(&["run", "--seeds", "7..8", "--profile", "calm"], "campaign.html");
    for table in ["What never happened", "Properties: what must always hold", "Operations: what users did"] {
        assert!(campaign.contains(table), "{table} is not in the page");
    }
    assert!(!campaign.contains("class=\"trace\""), "a campaign without failures has no timelines");
    // Machines are not told where it is.
    let file = folder.path().join("quiet.html");
    let output = sim(&["replay", "7", "--json", "--html"]).arg(&file).output().unwrap();
    assert!(file.is_file() && !text(&output.stdout).contains("quiet.html"));
}

#[test]
fn a_page_that_cannot_be_is_refused_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let next = "cargo sim replay 7 --html page.html";
    let hints = ["cannot write the page", &*place, "expected a file such as page.html"];
    check_refused(&mut sim(&["replay", "7", "--html", &place]), &hints, next);
    check_refused(&mut sim(&["run", "--html", &place]), &hints, next);
    check_refused(&mut sim(&["run", "--worst", "recovery", "--html", "x"]), &["--html <FILE>"], "cargo sim run --help");
}

#[test]
fn two_processes_run_alike() {
    let output = sim(&["check-determinism", "--seeds", "0..2", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["deterministic"], true);
    assert!(Path::new(env!("CARGO_BIN_EXE_sim")).exists());
}
