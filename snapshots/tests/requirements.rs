//! `docs/requirements.md`: from each requirement to what proves it, and back. The table cannot rot: every proof that it
//! names exists, every proof names the requirement, and no requirement is left out: what nothing proves is admitted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The groups of REQUIREMENTS.md that the backend answers for, with how many rows each has.
const ROWS: [(&str, &[&str]); 4] = [
    (
        "IT-",
        &[
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "E1", "E2", "E3", "E4",
            "E5",
        ],
    ),
    (
        "WS-",
        &[
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
            "Q1", "P1", "P2", "P3", "P4", "D1",
        ],
    ),
    ("RF-", &["1", "2", "3", "4"]),
    ("CG-", &["1", "2", "3", "4", "5", "6", "7"]),
];

/// One thing that proves a requirement, as the table writes it: `` `name` (kind) ``.
struct Proof<'a> {
    name: &'a str,
    kind: &'a str,
}

#[test]
fn every_requirement_is_proved_and_no_other_is_claimed() {
    let expected: BTreeSet<String> =
        ROWS.iter().flat_map(|(group, rows)| rows.iter().map(move |row| format!("{group}{row}"))).collect();
    let proved: BTreeSet<String> = table().into_keys().collect();
    let open = not_proved_yet();
    assert!(proved.is_disjoint(&open), "proved and not proved: {:?}", proved.intersection(&open));
    let told: BTreeSet<String> = proved.union(&open).cloned().collect();
    assert_eq!(told, expected, "the rows of docs/requirements.md and the requirements differ");
    // Where the page that the IDs come from lies beside the project, it is asked too.
    if let Ok(page) = fs::read_to_string(root().join("../shared/REQUIREMENTS.md")) {
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
        let rows: BTreeSet<_> =
            rows.filter(|id| ROWS.iter().any(|(group, _)| id.starts_with(group))).map(str::to_owned).collect();
        assert_eq!(expected, rows, "the list of this test and REQUIREMENTS.md differ");
    }
}

#[test]
fn every_proof_exists_and_names_what_it_proves() {
    let properties: BTreeMap<_, _> =
        sim::judge::properties().into_iter().map(|property| (property.id, property.requirements)).collect();
    let mut wrong = Vec::new();
    for (id, cell) in table() {
        let proofs = proofs(&cell);
        if proofs.is_empty() {
            wrong.push(format!("{id}: nothing proves it"));
        }
        for Proof { name, kind } in proofs {
            let problem = match kind {
                "property" => match properties.get(name) {
                    None => Some("is no property: see `cargo sim list properties`"),
                    Some(requirements) if !requirements.contains(&id.as_str()) => Some("does not list it"),
                    Some(_) => None,
                },
                "test" => test_problem(&id, name),
                "benchmark" => benchmark_problem(&id, name),
                "ci" => script_problem(&id, name),
                _ => Some("is of no kind that this test knows: test, property, benchmark or ci"),
            };
            wrong.extend(problem.map(|problem| format!("{id}: `{name}` ({kind}) {problem}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `path/of/file.rs::name`: the file has such a test, and names the requirement.
fn test_problem(id: &str, name: &str) -> Option<&'static str> {
    let Some((file, function)) = name.split_once("::") else { return Some("is not written as file::test") };
    if !root().join(file).is_file() {
        return Some("is in no file that exists");
    }
    let text = read(Path::new(file));
    let declares = [format!("fn {function}()"), format!("fn {function}<")].iter().any(|line| text.contains(line));
    if !declares {
        return Some("is no function of its file");
    }
    (!names(&text, id)).then_some("is in a file that does not name it")
}

/// `cargo sim load PART`: the part measures a figure with this requirement's bound. `cargo bench …` likewise.
fn benchmark_problem(id: &str, name: &str) -> Option<&'static str> {
    let Some(part) = name.strip_prefix("cargo sim load ") else { return Some("is no part of `cargo sim load`") };
    let file = PathBuf::from(format!("sim/src/load/parts/{part}.rs"));
    if !root().join(&file).is_file() {
        return Some("is no part of `cargo sim load`");
    }
    (!names(&read(&file), id)).then_some("does not name it")
}

/// `.ci/name`: a script that names the requirement, and that a workflow runs.
fn script_problem(id: &str, name: &str) -> Option<&'static str> {
    if !name.starts_with(".ci/") || !root().join(name).is_file() {
        return Some("is no script in .ci");
    }
    let mut workflows = fs::read_dir(root().join(".github/workflows")).expect("there are workflows");
    let runs = workflows.any(|entry| read(&entry.expect("it can be listed").path()).contains(name));
    if !runs {
        return Some("is run by no workflow");
    }
    (!names(&read(Path::new(name)), id)).then_some("does not name it")
}

/// Whether a text names a requirement, and not only one whose ID begins alike (`WS-1` is in `WS-12`).
fn names(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| !text[at + id.len()..].starts_with(|next: char| next.is_ascii_alphanumeric()))
}

/// The cell of proofs of each row, by ID.
fn table() -> BTreeMap<String, String> {
    let page = read(Path::new("docs/requirements.md"));
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let (id, _, proofs) = (cells.next()?, cells.next()?, cells.next()?);
        ROWS.iter().any(|(group, _)| id.starts_with(group)).then(|| (id.to_owned(), proofs.to_owned()))
    });
    rows.collect()
}

/// What the page admits that nothing proves: `- ID: why`.
fn not_proved_yet() -> BTreeSet<String> {
    let page = read(Path::new("docs/requirements.md"));
    let lines = page.lines().skip_while(|line| *line != "## Not proved yet");
    lines.filter_map(|line| Some(line.strip_prefix("- ")?.split_once(':')?.0.to_owned())).collect()
}

fn proofs(cell: &str) -> Vec<Proof<'_>> {
    let parts = cell.split("<br>");
    parts
        .filter_map(|part| {
            let (name, kind) = part.trim().strip_prefix('`')?.split_once("` (")?;
            Some(Proof { name, kind: kind.strip_suffix(')')? })
        })
        .collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the workspace").to_owned()
}
