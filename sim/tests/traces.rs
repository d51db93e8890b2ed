//! Traces that are kept: read again, they are what was observed, and are judged as the run was; whatever else a file may be
//! is refused, with the reason.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use properties::trace::{Entry, Observation};
use properties::{Verdict, check_all};
use serde_json::Value;
use sim::history::{History, Profile};
use sim::judge::{self, Outcome};
use sim::report::Origin;
use sim::trace_file::{self, About};
use sim::world::{Fingerprint, Options};
use system::protocol::{Event, EventBody, ServerFrame};

fn about(history: &History) -> About {
    About::new(history, Origin::Seed, history.steps.len(), "3fa91c2".into())
}

/// Writes a run's trace, reads it again, and compares all that there is to compare.
#[track_caller]
fn survives(history: &History, options: Options) -> Outcome {
    let outcome = judge::judge_with(history, options);
    let about = about(history);
    let kept = trace_file::parse(trace_file::to_text(&about, &outcome.run).as_bytes()).expect("it was just written");
    let entries = kept.trace.entries.iter().zip(&outcome.run.trace.entries);
    if let Some((read, written)) = entries.into_iter().find(|(read, written)| read != written) {
        panic!("{} seed {}: written {written:#?}\nread {read:#?}", history.profile, history.seed);
    }
    assert_eq!(kept.trace.entries.len(), outcome.run.trace.entries.len());
    assert_eq!((kept.about, kept.fingerprint), (about, judge::hex(outcome.run.fingerprint)));
    assert_eq!(Fingerprint::of(&kept.trace), outcome.run.fingerprint);
    assert_eq!(check_all(&kept.trace), outcome.judgements, "{} seed {}", history.profile, history.seed);
    outcome
}

#[test]
fn a_trace_is_read_again_without_a_loss_and_judged_alike() {
    for profile in Profile::all() {
        for seed in 0..3 {
            survives(&History::from_seed(seed, &profile), Options::default());
        }
    }
}

#[test]
fn so_is_the_trace_of_a_failure() {
    let options = Options { sync_lies: true, ..Options::default() };
    let violated = |seed: &u64| survives(&History::from_seed(*seed, &Profile::harsh()), options).violated().count() > 0;
    assert!((0..10).any(|seed| violated(&seed)), "a disk that lies breaks something");
}

fn sim(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(arguments).env_remove("SIM_PROFILE");
    command.output().expect("the command can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the command writes UTF-8")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

fn path(file: &Path) -> &str {
    file.to_str().expect("temporary folders have plain names")
}

#[test]
fn judging_a_trace_says_what_the_run_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("below/trace.jsonl");
    let replayed = sim(&["replay", "7", "--profile", "calm", "--trace", path(&file), "--json"]);
    let judged = sim(&["judge", path(&file), "--json"]);
    assert_eq!(replayed.status.code(), judged.status.code(), "{}", text(&judged.stderr));
    let (replayed, judged) = (json(&replayed), json(&judged));
    for field in ["verdicts", "fingerprint", "seed", "profile", "steps"] {
        assert_eq!(replayed[field], judged[field], "{field}");
    }
    assert_eq!((&judged["report"], &judged["origin"]), (&"judge".into(), &"seed".into()));

    let told = sim(&["replay", "7", "--profile", "calm", "--trace", path(&file)]);
    let hint = format!("\ntrace        cargo sim judge {}\nnext  ", file.display());
    assert!(text(&told.stdout).contains(&hint), "{}", text(&told.stdout));
    let one = sim(&["judge", path(&file), "--property", "liveness/ends", "--json"]);
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    let verdicts = json(&one)["verdicts"].as_array().cloned().unwrap_or_default();
    assert_eq!(verdicts.len(), 1);
    assert_eq!((&verdicts[0]["property"], &verdicts[0]["verdict"]), (&"liveness/ends".into(), &"held".into()));
}

/// The index of the first message that a device was pushed.
fn pushed(entries: &[Entry]) -> usize {
    let message = |entry: &Entry| match &entry.what {
        Observation::FrameReceived { frame, .. } => {
            matches!(**frame, ServerFrame::Event(Event { body: EventBody::MessageCreated(_), .. }))
        }
        _ => false,
    };
    entries.iter().position(message).expect("somebody is pushed a message")
}

#[test]
fn a_violation_in_a_trace_is_told_and_ends_in_1() {
    let history = History::from_seed(7, &Profile::calm());
    let mut run = judge::judge(&history).run;
    let at = pushed(&run.trace.entries);
    let twice = run.trace.entries[at].clone();
    run.trace.entries.insert(at + 1, twice);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.jsonl");
    trace_file::save(&file, &about(&history).beside("history.json"), &run).unwrap();

    let told = sim(&["judge", path(&file), "--property", "ordering/gapless"]);
    let stdout = text(&told.stdout);
    assert_eq!(told.status.code(), Some(1), "{stdout}{}", text(&told.stderr));
    for hint in [
        "TRACE   seed 7   calm",
        "(commit 3fa91c2)",
        "FAILED  ordering/gapless  [",
        "  expected  ",
        "<- breaks it here",
    ] {
        assert!(stdout.contains(hint), "`{hint}` is not in: {stdout}");
    }
    assert!(stdout.ends_with("next         cargo sim shrink 7 --profile calm      (commit 3fa91c2)\n"), "{stdout}");
    let document = json(&sim(&["judge", path(&file), "--property", "ordering/gapless", "--json"]));
    assert_eq!(
        (&document["conclusion"], &document["verdicts"][0]["verdict"]),
        (&"violated".into(), &"violated".into())
    );
    // With its history beside it, there is something to replay.
    let beside = folder.path().join("history.json");
    fs::write(&beside, "").unwrap();
    let stdout = text(&sim(&["judge", path(&file)]).stdout);
    assert!(stdout.ends_with(&format!("next         cargo sim replay {}\n", beside.display())), "{stdout}");
}

#[test]
fn a_trace_without_anything_to_check_is_vacuous() {
    let history = History::from_seed(7, &Profile::calm());
    let mut run = judge::judge(&history).run;
    run.trace.entries.clear();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.jsonl");
    trace_file::save(&file, &about(&history), &run).unwrap();
    let judged = sim(&["judge", path(&file), "--json"]);
    assert_eq!((judged.status.code(), &json(&judged)["conclusion"]), (Some(2), &"vacuous".into()));
}

#[test]
fn what_is_no_trace_is_refused_with_the_reason() {
    let history = History::from_seed(7, &Profile::calm());
    let whole = trace_file::to_text(&about(&history), &judge::judge(&history).run);
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let count = lines.len() - 2;
    let without = |line: usize| lines[..line].concat() + &lines[line + 1..].concat();
    let unreadable = whole.replacen("\"what\":\"phase\"", "\"what\":\"phaze\"", 1);
    let rehashed = |text: &str| {
        let (before, end) = text.trim_end().rsplit_once('\n').unwrap();
        let mut end: Value = serde_json::from_str(end).unwrap();
        let hash = xxhash_rust::xxh3::xxh3_128(format!("{before}\n").as_bytes());
        end["end"]["hash"] = format!("{hash:032x}").into();
        format!("{before}\n{end}\n")
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.jsonl");
    let again = format!("cargo sim replay <SEED|FILE> --trace {}", file.display());
    let help = "cargo sim judge --help".to_owned();
    let check = |content: &[u8], hints: &[&str], next: &str| {
        fs::write(&file, content).unwrap();
        let Output { status, stdout, stderr } = sim(&["judge", path(&file)]);
        let stderr = text(&stderr);
        assert_eq!((status.code(), stdout.len(), stderr.lines().count()), (Some(64), 0, 2), "{stderr}");
        let begin = format!("error: cannot judge `{}`: ", file.display());
        assert!(stderr.starts_with(&begin), "{stderr}");
        hints.iter().for_each(|hint| assert!(stderr.contains(hint), "`{hint}` is not in: {stderr}"));
        assert!(stderr.ends_with(&format!("\nnext:  {next}\n")), "{stderr}");
    };
    check(b"", &["it is empty"], &again);
    check(b"\n \n", &["it is empty"], &again);
    check(b"[1, 2]\n", &["it is no trace", "stormglass trace"], &help);
    check(&[0xff, 0xfe, 0], &["it is no trace"], &help);
    check(b"{\n  \"format\": 1,\n", &["it is a saved history"], &format!("cargo sim replay {}", file.display()));
    check(lines[1..].concat().as_bytes(), &["without a version"], &again);
    let newer = whole.replacen("\"version\":1,", "\"version\":2,", 1);
    check(newer.as_bytes(), &["version 2 of the format (commit 3fa91c2)", "reads version 1"], &again);

    let cut_off = |kept: usize| format!("it is cut off: {kept} whole observations, and then no closing line");
    check(lines[0].as_bytes(), &[&cut_off(0)], &again);
    check(&lines[0].as_bytes()[..40], &[&cut_off(0)], &again);
    check(lines[..=count].concat().as_bytes(), &[&cut_off(count)], &again);
    check(&whole.as_bytes()[..whole.len() - 1], &[&cut_off(count)], &again);
    check(&whole.as_bytes()[..lines[..5].concat().len() + 9], &[&cut_off(4)], &again);
    let lost = format!("counts {count} observations, and {} are there: lines were lost from it", count - 1);
    check(without(5).as_bytes(), &[&lost], &again);
    let added = lines[..5].concat() + lines[4] + &lines[5..].concat();
    check(added.as_bytes(), &["lines were added to it"], &again);

    let changed = whole.replacen("\"seed\":7", "\"seed\":8", 1);
    check(changed.as_bytes(), &["it was changed after it was written: its closing line has the hash "], &again);
    let number = unreadable.lines().position(|line| line.contains("phaze")).unwrap() + 1;
    let hint = format!("it was changed after it was written, and line {number} cannot be read");
    check(unreadable.as_bytes(), &[&hint], &again);
    let hint = format!("line {number} cannot be read: unknown variant `phaze`");
    check(rehashed(&unreadable).as_bytes(), &[&hint, "it is of commit 3fa91c2"], &again);
    let headless = whole.replacen("\"profile\":\"calm\",", "", 1);
    check(rehashed(&headless).as_bytes(), &["line 1 cannot be read: missing field `profile`"], &again);
}

#[test]
fn what_cannot_be_judged_is_refused_before_anything_is_read_or_run() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], hint: &str, next: &str| {
        let output = sim(arguments);
        let stderr = text(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(64), 0), "{stderr}");
        assert!(stderr.contains(hint) && stderr.ends_with(&format!("next:  {next}\n")), "{stderr}");
    };
    let missing = folder.path().join("missing.jsonl");
    refused(&["judge", path(&missing)], "cannot judge `", "cargo sim judge --help");
    refused(&["judge", path(folder.path())], "cannot judge `", "cargo sim judge --help");
    refused(&["judge"], "<TRACE>", "cargo sim judge --help");
    let list = "cargo sim list properties";
    refused(&["judge", path(&missing), "--property", "no/such"], "`no/such` is no property", list);
    // A history is not lost to a slip of the fingers.
    let history = folder.path().join("history.json");
    fs::write(&history, "{}").unwrap();
    let help = "cargo sim replay --help";
    refused(&["replay", "7", "--trace", path(&history)], "is there already and is no trace", help);
    assert_eq!(fs::read_to_string(&history).unwrap(), "{}");
}

#[test]
fn the_files_of_a_failure_can_be_judged() {
    let options = Options { sync_lies: true, ..Options::default() };
    let found = (0..20).find_map(|seed| {
        let history = History::from_seed(seed, &Profile::harsh());
        let outcome = judge::judge_with(&history, options);
        let property = outcome.violated().next()?.id;
        Some((history, outcome, property))
    });
    let (history, outcome, property) = found.expect("a disk that lies breaks something");
    let folder = tempfile::tempdir().unwrap();
    let steps = history.steps.len();
    let mut failure = sim::failure::Failure::new(history, outcome, property, Origin::Seed, steps + 1).unwrap();
    failure.save(sim::failure::Files { output: folder.path(), history: "history.json" }).unwrap();
    assert!(failure.report.trace.ends_with("trace.jsonl"), "{}", failure.report.trace);

    let judged = sim(&["judge", &failure.report.trace, "--json"]);
    assert_eq!(judged.status.code(), Some(1), "{}", text(&judged.stderr));
    let document = json(&judged);
    let steps_told = [&document["drawn_steps"], &document["steps"]].map(Value::as_u64);
    assert_eq!(steps_told, [Some(steps as u64 + 1), Some(steps as u64)]);
    let verdict = document["verdicts"].as_array().unwrap().iter().find(|verdict| verdict["property"] == property);
    let observed = &failure.report.violation.observed;
    assert_eq!(verdict.map(|verdict| &verdict["observed"]), Some(&Value::from(observed.as_str())));
    let report = text(&fs::read(folder.path().join(failure.report.seed.to_string()).join("report.txt")).unwrap());
    assert!(report.contains(&format!("cargo sim judge {}\n", failure.report.trace)), "{report}");
    assert!(failure.outcome.judgements.iter().any(|judgement| matches!(judgement.verdict, Verdict::Violated(_))));
}
