//! Campaigns as a machine sees them: killed and gone on with, in shards that are merged, with files that are broken, and
//! with workers that hang, crash and panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

fn sim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(arguments);
    let variables =
        ["SIM_PROFILE", "SIM_SHARD", "SIM_SHARDS", "CI_NODE_INDEX", "CI_NODE_TOTAL", "JOB_COMPLETION_INDEX"];
    for variable in variables {
        command.env_remove(variable);
    }
    command
}

/// A campaign of quick histories in a folder, with further arguments.
fn fuzz(root: &Path, arguments: &str) -> Command {
    let mut command = sim(&["fuzz", "--out"]);
    command.arg(root).args(arguments.split_whitespace());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the command writes UTF-8")
}

fn json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))).unwrap()
}

fn ends(command: &mut Command, codes: &[i32]) -> Output {
    let output = command.output().unwrap();
    let code = output.status.code().expect("no signal ended it");
    assert!(codes.contains(&code), "{code}: {}{}", text(&output.stdout), text(&output.stderr));
    output
}

fn files(folder: PathBuf) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn runs(root: &Path) -> u64 {
    json(&root.join("progress.json"))["counter"]["summary"]["runs"].as_u64().unwrap()
}

/// Of few histories, some property may have had nothing to check.
const NOTHING_BROKEN: &[i32] = &[0, 2];

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_written() {
    let check = |command: &mut Command, hint: &str, next: &str| {
        let folder = tempfile::tempdir().unwrap();
        let output = ends(command.arg("--out").arg(folder.path().join("new")), &[64]);
        let stderr = text(&output.stderr);
        assert!(stderr.lines().count() == 2 && stderr.contains(hint), "`{hint}` is not in: {stderr}");
        assert!(stderr.ends_with(&format!("next:  {next}\n")), "{stderr}");
        assert!(files(folder.path().to_owned()).is_empty(), "something was written");
    };
    let help = "cargo sim fuzz --help";
    check(&mut sim(&["fuzz", "--for", "5"]), "such as 90s, 20m or 2h", help);
    check(&mut sim(&["fuzz", "--for", "0s"]), "`0s` is no duration", help);
    check(&mut sim(&["fuzz", "--shard", "0/16"]), "`0/16` is no shard: expected K/N with K from 1 to N", help);
    check(&mut sim(&["fuzz", "--shard", "17/16"]), "`17/16` is no shard", help);
    check(&mut sim(&["fuzz", "--runs", "0"]), "--runs <N>", help);
    check(sim(&["fuzz"]).env("SIM_SHARD", "5/4"), "`5/4` is no shard", help);
    check(sim(&["fuzz"]).env("JOB_COMPLETION_INDEX", "1"), "SIM_SHARDS is not set", help);
    let both = |command: &mut Command| {
        command.env("SIM_SHARD", "1/4").env("CI_NODE_INDEX", "2").env("CI_NODE_TOTAL", "4");
        check(command, "SIM_SHARD says shard 1/4, CI_NODE_INDEX of GitLab says shard 2/4", help);
    };
    both(&mut sim(&["fuzz"]));
    check(&mut sim(&["fuzz", "--profile", "mild"]), "no profile is named `mild`", "cargo sim list profiles");
    let out = "cargo sim fuzz --out <DIRECTORY>";
    check(&mut sim(&["fuzz", "--corpus", "no/where"]), "`no/where` holds no corpus", out);
    check(&mut sim(&["merge", "no/where"]), "`no/where` is neither the folder of a campaign nor a merged one", out);
    check(&mut sim(&["merge"]), "required", "cargo sim merge --help");
}

#[test]
fn a_campaign_that_is_killed_goes_on_where_it_was() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("campaign");
    let mut running = Running::start(&mut fuzz(&root, "--runs 100000 --profile calm --first-seed 40 --jobs 2"));
    running.wait_until(|| root.join("progress.json").exists() && runs(&root) >= 10);
    let stderr = text(&ends(&mut fuzz(&root, "--runs 1"), &[64]).stderr);
    assert!(stderr.contains("another campaign is at work"), "{stderr}");
    // What the operating system does to it leaves it no time for anything.
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let (before, corpus) = (runs(&root), files(root.join("corpus")));
    assert!(!corpus.is_empty());
    let killed = json(&root.join("progress.json"));

    for (arguments, hint) in [
        ("--profile harsh", "holds a campaign of profile calm, and harsh was asked for"),
        ("--first-seed 41", "holds a campaign of first seed 40"),
        ("--shard 1/2", "holds a campaign of shard 1/1, and 1/2 was asked for"),
    ] {
        let stderr = text(&ends(&mut fuzz(&root, arguments), &[64]).stderr);
        assert!(stderr.contains(hint), "{stderr}");
    }
    // All of its corpus that another commit may have saved is run again, and then something new.
    let again = 25 + corpus.len();
    let output = ends(&mut fuzz(&root, &format!("--runs {again}")), NOTHING_BROKEN);
    let progress = json(&root.join("progress.json"));
    assert_eq!(runs(&root), before + again as u64);
    assert!(progress["seeds"].as_u64() >= killed["seeds"].as_u64());
    assert_eq!(progress["under_way"], Value::Array(vec![]), "what the kill took was run again");
    assert!(text(&output.stdout).contains("of calm"), "{}", text(&output.stdout));
    assert_eq!(text(&fs::read(root.join("report.txt")).unwrap()), text(&output.stdout));
    // It was told where it left off, not where somebody else would begin.
    assert!(text(&output.stdout).contains("next      cargo sim fuzz --out "));
}

#[test]
fn shards_share_the_seeds_and_merge_into_one_however_often() {
    let place = tempfile::tempdir().unwrap();
    let [one, two, merged] = ["one", "two", "merged"].map(|name| place.path().join(name));
    ends(&mut fuzz(&one, "--runs 14 --profile calm --shard 1/2"), NOTHING_BROKEN);
    let output = ends(
        fuzz(&two, "--runs 16 --profile calm").env("CI_NODE_INDEX", "2").env("CI_NODE_TOTAL", "2"),
        NOTHING_BROKEN,
    );
    assert!(text(&output.stderr).contains("shard 2/2, from CI_NODE_INDEX of GitLab"), "{}", text(&output.stderr));

    let merge = |from: &[&Path]| {
        let output = ends(sim(&["merge", "--json", "--out"]).arg(&merged).args(from), NOTHING_BROKEN);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let document = merge(&[one.as_path(), two.as_path()]);
    assert_eq!(document["summary"]["runs"], 30);
    assert_eq!(document["shards"].as_array().unwrap().len(), 2);
    let all = |folder: &Path| {
        let read = |name: String| (name.clone(), fs::read(folder.join(&name)).unwrap_or_default());
        let corpus = files(folder.join("corpus")).into_iter().map(|name| format!("corpus/{name}"));
        files(folder.to_owned()).into_iter().chain(corpus).map(read).collect::<Vec<_>>()
    };
    let first = all(&merged);
    assert_eq!(merge(&[two.as_path(), one.as_path(), one.as_path()]), document, "twice, and in another order, is once");
    assert_eq!(all(&merged), first);
    assert_eq!(merge(&[merged.as_path()]), document, "a merged folder holds all that it was merged of");
    // It reaches as much with no more histories than both had.
    let histories = |folder: &Path| files(folder.join("corpus")).iter().filter(|name| name.ends_with(".json")).count();
    assert!(histories(&merged) <= histories(&one) + histories(&two));
    assert_eq!(document["corpus"], histories(&merged));

    let stderr = text(&ends(&mut fuzz(&merged, "--runs 1"), &[64]).stderr);
    assert!(stderr.contains("is a merged folder, which nobody goes on with"), "{stderr}");
    let corpus = merged.display().to_string();
    let next = place.path().join("next");
    ends(fuzz(&next, "--runs 12 --profile calm").args(["--corpus", &corpus]), NOTHING_BROKEN);
    assert!(json(&next.join("report.json"))["known"].as_u64() > Some(7));
}

#[test]
fn a_corrupted_history_of_the_corpus_is_set_aside() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("campaign");
    ends(&mut fuzz(&root, "--runs 9 --profile calm"), NOTHING_BROKEN);
    let corpus = files(root.join("corpus"));
    let torn = corpus.iter().find(|name| name.ends_with(".json")).unwrap();
    let file = root.join("corpus").join(torn);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let output = ends(&mut fuzz(&root, "--runs 3"), NOTHING_BROKEN);
    let stderr = text(&output.stderr);
    assert!(stderr.contains("set aside") && stderr.contains(torn), "{stderr}");
    assert_eq!(files(root.join("set-aside")), std::slice::from_ref(torn));
    assert_eq!(fs::read(root.join("set-aside").join(torn)).unwrap().len(), whole.len() / 2);
}

#[test]
fn a_hung_run_is_a_failure_of_its_own_and_the_campaign_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("campaign");
    let arguments = "--runs 12 --profile calm --first-seed 3 --trouble hang --hang-after 10s --jobs 2";
    let output = ends(&mut fuzz(&root, arguments), &[1]);
    let report = json(&root.join("report.json"));
    let failures = report["failures"].as_array().unwrap();
    assert_eq!((failures.len(), &failures[0]["property"]), (1, &Value::from("campaign/hung")), "{report}");
    assert!(report["summary"]["runs"].as_u64() >= Some(5), "others were run: {report}");
    assert!(text(&output.stdout).contains("it had not ended after 10 s of real time"), "{}", text(&output.stdout));
    let folder = root.join("failures").join(&files(root.join("failures"))[0]);
    assert!(folder.join("history.json").exists() && folder.join("full.json").exists());
}

#[test]
fn many_panics_of_one_kind_are_one_failure_with_its_backtrace() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("campaign");
    ends(&mut fuzz(&root, "--runs 45 --profile calm --first-seed 3 --trouble panic"), &[1]);
    let report = json(&root.join("report.json"));
    let failures = report["failures"].as_array().unwrap();
    assert_eq!((failures.len(), &failures[0]["property"]), (1, &Value::from("campaign/panicked")), "{report}");
    assert!(failures[0]["histories"].as_u64() >= Some(2), "{report}");
    assert_eq!(failures[0]["steps_left"], 0, "it panics whatever happens: {report}");
    let folder = root.join("failures").join(&files(root.join("failures"))[0]);
    let words = fs::read_to_string(folder.join("words.txt")).unwrap();
    assert!(words.contains("provoked") && words.contains("worker"), "{words}");
}

#[test]
fn a_worker_that_dies_takes_nothing_with_it() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("campaign");
    let output = ends(&mut fuzz(&root, "--runs 14 --profile calm --trouble abort --first-seed 3"), &[1]);
    let stdout = text(&output.stdout);
    assert!(stdout.contains("campaign/crashed") && stdout.contains("ended by signal 6"), "{stdout}");
    let file = stdout.lines().find_map(|line| line.trim().strip_prefix("replay      cargo sim replay ")).unwrap();
    // Only the campaign's worker was told to abort.
    ends(&mut sim(&["replay", file]), NOTHING_BROKEN);
}

#[test]
fn a_failure_that_cannot_be_written_is_told_and_the_exit_code_says_so() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("campaign");
    ends(&mut fuzz(&root, "--runs 8 --profile calm"), NOTHING_BROKEN);
    // What is no folder cannot be written into, whoever asks.
    fs::write(root.join("found"), "").unwrap();
    fs::write(root.join("failures"), "").unwrap();
    let output = ends(&mut fuzz(&root, "--runs 30 --trouble panic"), &[70]);
    let stderr = text(&output.stderr);
    assert!(stderr.contains("fails campaign/panicked, and cannot write"), "{stderr}");
    assert!(stderr.contains("kept in memory"), "{stderr}");
    assert!(text(&output.stdout).contains("campaign/panicked"), "the report tells of it all the same");
}

/// A process that is killed when it is dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn wait_until(&mut self, holds: impl Fn() -> bool) {
        while !holds() {
            assert!(self.0.try_wait().unwrap().is_none(), "it ended by itself");
            sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
