//! Every document of `--json` is what its published schema says, failures among them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use jsonschema::Validator;
use properties::{Verdict, Violation};
use serde_json::Value;
use sim::activity::Counts;
use sim::history::{History, Profile};
use sim::judge;
use sim::load::{Bound, BoundKind, Figure, LoadReport, PartReport, Percentiles};
use sim::report::failure::Sizes;
use sim::report::mutants::{AreaReport, EquivalentReport, MutantReport, MutantsReport, SampleReport};
use sim::report::planted::{BugReport, RangeReport, SearchReport, ShrunkReport};
use sim::report::published::{KINDS, Kind, Published};
use sim::report::{
    CampaignReport, Conclusion, DeterminismReport, Divergence, FailureReport, Moment, Origin, OwnError, PlantedReport,
    WorstReport, json,
};
use sim::trace_file::{self, About};
use sim::world::Options;

fn validator(name: &str) -> Validator {
    let kind = Kind::named(name).unwrap_or_else(|| panic!("`{name}` has no published schema"));
    jsonschema::validator_for(&kind.schema()).expect("a published schema is one")
}

/// Holds a document to the schema that it names, and says which that is.
#[track_caller]
fn valid(document: &str) -> (String, Value) {
    let value: Value = serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {document}"));
    let name = value["report"].as_str().unwrap_or_default().to_owned();
    let mistakes: Vec<String> =
        validator(&name).iter_errors(&value).map(|mistake| format!("{}: {mistake}", mistake.instance_path())).collect();
    assert!(mistakes.is_empty(), "{name}:\n{}\n{document}", mistakes.join("\n"));
    (name, value)
}

/// The document of a command that ends with one of these exit codes.
#[track_caller]
fn written(arguments: &str, codes: &[i32]) -> (String, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(arguments.split_whitespace()).arg("--json");
    for variable in ["SIM_SEED", "SIM_SEEDS", "SIM_PROFILE", "SIM_SHARD"] {
        command.env_remove(variable);
    }
    let output = command.output().expect("the command can be started");
    let code = output.status.code().expect("no signal ended it");
    assert!(codes.contains(&code), "{arguments}: {code}: {}", String::from_utf8_lossy(&output.stderr));
    valid(&String::from_utf8(output.stdout).expect("the command writes UTF-8"))
}

/// Of few histories, some property may have had nothing to check.
const NOTHING_BROKEN: &[i32] = &[0, 2];

#[test]
fn what_each_command_writes_is_valid() {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| place.path().join(name).display().to_string();
    let trace = folder("trace.jsonl");
    let mut seen = BTreeSet::new();
    let mut check = |arguments: &str, codes: &[i32], name: &str| {
        let (written, document) = written(arguments, codes);
        assert_eq!(written, name, "{arguments}");
        seen.insert(written);
        document
    };
    check("run --seed 7 --profile calm", NOTHING_BROKEN, "run");
    check("run --seeds 0..2", NOTHING_BROKEN, "run");
    let worst = format!("run --worst recovery --seeds 0..1 --runs 2 --output {}", folder("worst"));
    check(&worst, NOTHING_BROKEN, "worst");
    check(&format!("replay 7 --profile calm --trace {trace}"), NOTHING_BROKEN, "replay");
    check(&format!("judge {trace}"), NOTHING_BROKEN, "judge");
    check("check-determinism --seeds 0..1 --profile calm", &[0], "check-determinism");
    check("planted --check", &[0], "planted-check");
    check("mutants --check", &[0], "mutants-check");
    check("scenarios --category auth", &[0], "scenarios");
    check("list", &[0], "list");
    check("list faults", &[0], "list");
    check("schema", &[0], "schema");
    // A disk that lies breaks properties: what is found is made small, and both documents tell of it.
    let broken = folder("broken");
    let fuzz = format!(
        "fuzz --runs 60 --profile harsh --first-seed 0 --shrink-runs 3 --jobs 2 --trouble lying-sync --out {broken}"
    );
    let report = check(&fuzz, &[1], "fuzz");
    assert!(report["failures"].as_array().is_some_and(|failures| !failures.is_empty()), "{report}");
    check(&format!("merge --out {} {broken}", folder("merged")), &[1], "fuzz");
    // The same, in the files of a campaign's folder.
    let read = |file: &Path| valid(&std::fs::read_to_string(file).unwrap()).0;
    assert_eq!(read(&place.path().join("broken/report.json")), "fuzz");
    let mut failures = std::fs::read_dir(place.path().join("broken/failures")).unwrap();
    assert_eq!(read(&failures.next().unwrap().unwrap().path().join("report.json")), "failure");

    // What no command writes here is in the tests below.
    seen.extend(["failure", "planted", "mutants", "load", "trace"].map(str::to_owned));
    assert_eq!(seen, KINDS.iter().map(|kind| kind.name.to_owned()).collect());
}

/// A failure, from a run on a disk that lies.
fn failure() -> FailureReport {
    let options = Options { sync_lies: true, ..Options::default() };
    let of_seed = |seed| {
        let history = History::from_seed(seed, &Profile::harsh());
        let outcome = judge::judge_with(&history, options);
        let judgement = outcome.violated().next()?;
        let sizes = Sizes { steps: history.steps.len() + 1, steps_left: history.steps.len() };
        let mut report = FailureReport::new(judgement, &outcome, &history, Origin::Seed, sizes)?;
        let window = sim::explain::Window { kind: "power_loss", from_ms: 1, to_ms: 20, is_bounded: true };
        report.explain(&[window], &outcome.run.trace);
        Some(report)
    };
    (0..20).find_map(of_seed).expect("a disk that lies breaks something")
}

#[test]
fn what_is_written_of_failures_is_valid() {
    let failure = failure();
    let check = |document: String, name: &str| {
        let (written, value) = valid(&document);
        assert_eq!(written, name);
        value
    };
    check(json::document(&failure), "failure");
    let summary = judge::counter("harsh", "0..2".parse().unwrap()).finish();
    let error = OwnError {
        origin: Origin::File,
        seed: 3,
        profile: "harsh".into(),
        panicked: "the world".into(),
        message: "no such luck".into(),
        file: "target/sim/3/panicked.json".into(),
    };
    let conclusion = Conclusion::Violated;
    let campaign = CampaignReport {
        conclusion,
        summary,
        failures: vec![failure.clone()],
        errors: vec![error],
        page: String::new(),
    };
    let document = check(json::document(&campaign), "run");
    let told = &document["failures"][0];
    assert_eq!((&told["origin"], &told["windows"][0]["is_bounded"]), (&"seed".into(), &true.into()));
    let worst = WorstReport {
        conclusion,
        profile: "harsh".into(),
        seeds: "0..2".parse().unwrap(),
        runs: 1,
        steps: vec![],
        worst: None,
        failures: vec![failure],
    };
    check(json::document(&worst), "worst");
}

#[test]
fn what_is_written_of_a_difference_is_valid() {
    let moment = |text: &str| Moment { at: 7, host: "devices".into(), task: "ana/phone".into(), text: text.into() };
    let first = Divergence::between(3, "it", &[moment("a"), moment("b")], &[moment("a"), moment("c")]);
    let report = DeterminismReport {
        deterministic: false,
        profile: "calm".into(),
        seeds: "0..4".parse().unwrap(),
        every: 1,
        count: 4,
        against: vec![DeterminismReport::THE_SAME_PROGRAM.into()],
        under_load: true,
        compared: Counts::default(),
        differing: vec![3],
        first,
        watched: Some(Default::default()),
        fingerprint: "ab".into(),
    };
    let (name, document) = valid(&json::document(&report));
    assert_eq!((name.as_str(), &document["first"]["index"]), (DeterminismReport::NAME, &1.into()));
}

#[test]
fn what_is_written_of_measurements_is_valid() {
    let range = RangeReport { first_seed: 0, histories: 3, took_ms: 70, broken: Some(vec!["a/b".into()]) };
    let search = SearchReport { profile: "swarm".into(), guided: true, ranges: vec![range] };
    let shrunk = ShrunkReport {
        profile: "swarm".into(),
        guided: true,
        seed: None,
        property: "a/b".into(),
        steps: 90,
        steps_left: 2,
        runs: 40,
        finished: true,
    };
    let bug = BugReport {
        name: "late-goodbye".into(),
        mistake: "a goodbye comes late".into(),
        expected: "a/b".into(),
        searches: vec![search],
        shrunk: Some(shrunk),
    };
    let planted = PlantedReport {
        commit: "3fa91c2".into(),
        ranges: 1,
        most: 10,
        bugs: vec![bug],
        unmeasured: vec!["another".into()],
    };
    assert_eq!(valid(&json::document(&planted)).0, "planted");
    let difference = vec!["-    a < b".to_owned(), "+    a <= b".to_owned()];
    let equivalent = EquivalentReport { name: "another".into(), because: "nobody asks".into() };
    let mutants = MutantsReport {
        commit: "3fa91c2".into(),
        sample: Some(SampleReport { size: 150, seed: 1 }),
        only: None,
        areas: vec![AreaReport::new("store")],
        noticed_by: [("ordering/gapless".to_owned(), 3)].into(),
        survivors: vec![MutantReport { name: "store/key.rs:7".into(), difference, reached: true }],
        equivalents: vec![equivalent.clone()],
        refuted: vec![equivalent],
        unmeasured: 2,
        took_ms: 70_000,
    };
    assert_eq!(valid(&json::document(&mutants)).0, "mutants");
    let percentiles = Percentiles { count: 2, p50_us: 3, p95_us: 4, p99_us: 5, max_us: 6 };
    let bound = Bound { kind: BoundKind::AtMost, value: 100.0, requirement: "WS-P1" };
    let figure = |bound, percentiles| Figure { name: "delivery", value: 1.9, unit: "ms", bound, percentiles };
    let figures = vec![figure(Some(bound), Some(percentiles)), figure(None, None)];
    let part = PartReport { part: "mixed", what: "100 users".into(), figures };
    assert_eq!(valid(&json::document(&LoadReport { commit: "3fa91c2".into(), parts: vec![part] })).0, "load");
}

#[test]
fn each_verdict_of_a_judged_trace_is_valid() {
    let validator = validator("judge");
    let place = tempfile::tempdir().unwrap();
    let trace = place.path().join("trace.jsonl");
    let history = History::from_seed(7, &Profile::calm());
    let about = About::new(&history, Origin::Seed, history.steps.len(), "3fa91c2".into());
    trace_file::save(&trace, &about, &judge::judge(&history).run).unwrap();
    let violation = Violation { expected: "a".into(), observed: "b".into(), evidence: vec![] };
    for verdict in [
        Verdict::Held { checked: 1 },
        Verdict::Violated(violation),
        Verdict::Vacuous { reason: "nothing" },
        Verdict::Broken { panic: "our own bug".into() },
    ] {
        let kept = trace_file::load(&trace).unwrap();
        let judgement = judge::Judgement { id: "a/b", requirements: &["CG-2"], verdict };
        let report = sim::report::JudgeReport::new(kept, &[judgement], String::new(), None);
        valid(&json::document(&report));
    }
    let wrong = serde_json::json!({"report": "judge", "version": 2});
    assert!(!validator.is_valid(&wrong), "a schema refuses what is something else");
}

#[test]
fn each_line_of_a_trace_is_valid() {
    let validator = validator("trace");
    for (profile, seed) in [(Profile::harsh(), 1), (Profile::swarm(), 2)] {
        let history = History::from_seed(seed, &profile);
        let about = About::new(&history, Origin::Seed, history.steps.len(), "3fa91c2".into()).beside("history.json");
        for line in trace_file::to_text(&about, &judge::judge(&history).run).lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            let mistakes: Vec<String> = validator.iter_errors(&value).map(|mistake| mistake.to_string()).collect();
            assert!(mistakes.is_empty(), "{}\n{line}", mistakes.join("\n"));
        }
    }
    assert!(!validator.is_valid(&serde_json::json!({"at": 1, "what": "phase", "phase": "tea"})));
}
