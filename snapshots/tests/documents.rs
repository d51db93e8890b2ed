//! Documents that must agree with the code.

#[test]
fn every_dependency_has_its_line_of_justification() {
    let manifest = include_str!("../../Cargo.toml");
    let architecture = include_str!("../../ARCHITECTURE.md");
    let (_, section) = manifest.split_once("[workspace.dependencies]\n").expect("the workspace has dependencies");
    let section = section.split("\n[").next().unwrap_or_default();
    let mut declared: Vec<_> = section.lines().filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    declared.sort_unstable();

    let rows =
        architecture.lines().skip_while(|line| *line != "## Dependencies").take_while(|line| !line.starts_with("## W"));
    let justified: Vec<_> = rows.filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(justified, declared, "the table of ARCHITECTURE.md and the list of Cargo.toml differ");
}

#[test]
fn each_fault_and_moment_is_explained() {
    let page = include_str!("../../docs/faults.md");
    for kind in sim::faults::KINDS {
        assert!(page.contains(&format!("\n| `{}` |", kind.name)), "docs/faults.md has no row for {}", kind.name);
    }
    for kind in sim::faults::MOMENTS {
        assert!(page.contains(&format!("\n| `{{\"{}\": ", kind.name)), "docs/faults.md has no row for {}", kind.name);
    }
}

/// `docs/traces.md` has a row for each observation, which says of it what its type does.
#[test]
fn each_observation_is_explained() {
    let page = include_str!("../../docs/traces.md");
    let schema = sim::report::published::Kind::named("trace").expect("lines of traces have a schema").schema();
    let mut rows = vec!["| `what` | means | other fields |".to_owned(), "|---|---|---|".to_owned()];
    for variant in schema["$defs"]["Entry"]["oneOf"].as_array().expect("an entry is one of its kinds") {
        let fields = variant["properties"].as_object().expect("an observation has fields");
        let names: Vec<_> = fields.keys().filter(|name| *name != "what").map(|name| format!("`{name}`")).collect();
        let means = variant["description"].as_str().expect("an observation has a meaning").replace('\n', " ");
        rows.push(format!(
            "| `{}` | {means} | {} |",
            fields["what"]["const"].as_str().unwrap_or_default(),
            names.join(", ")
        ));
    }
    let table = rows.join("\n") + "\n";
    assert!(rows.len() > 30 && page.contains(&table), "docs/traces.md must have this table:\n\n{table}");
}

/// `docs/reports.md` has a row for each document that has a published schema, in the order of the list.
#[test]
fn each_document_of_the_command_is_in_the_list() {
    let page = include_str!("../../docs/reports.md");
    let row = |kind: &sim::report::published::Kind| {
        let commands: Vec<_> = kind.commands.iter().map(|command| format!("`{command}`")).collect();
        format!("| `{}` | {} | {} |\n", kind.name, kind.version, commands.join(", "))
    };
    let table: String = sim::report::published::KINDS.iter().map(row).collect();
    assert!(page.contains(&table), "docs/reports.md must have these rows:\n\n{table}");
}

/// `docs/properties.md` has a row for each property in the order of the list, and no other; each row names the requirements that
/// the property lists, a file that has known-bad traces of it, and planted bugs that exist or why there is none.
#[test]
fn each_property_is_in_the_catalogue() {
    let page = include_str!("../../docs/properties.md");
    let rows: Vec<Vec<&str>> = page.lines().filter(|line| line.matches(" | ").count() == 4).map(cells).collect();
    let rows = &rows[1..];
    let properties = sim::judge::properties();
    let listed: Vec<_> = properties.iter().map(|property| format!("`{}`", property.id)).collect();
    assert_eq!(rows.iter().map(|row| row[1]).collect::<Vec<_>>(), listed, "docs/properties.md and the list differ");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (row, property) in rows.iter().zip(properties) {
        let [promise, id, requirements, file, bugs] = row[..] else { panic!("five cells: {row:?}") };
        assert!(!promise.is_empty(), "{id} has no promise");
        assert_eq!(requirements, property.requirements.join(", "), "the requirements of {id}");
        let file = root.join("properties/src").join(file.trim_matches('`'));
        let code = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(code.contains(&format!("\"{}\"", property.id)), "{} is not in {}", property.id, file.display());
        assert!(code.contains("violated("), "{} has no known-bad trace of {}", file.display(), property.id);
        if bugs.strip_prefix("none: ").is_some_and(|why| !why.is_empty()) {
            continue;
        }
        for bug in bugs.split(", ") {
            let patch = root.join("sim/planted").join(format!("{}.patch", bug.trim_matches('`')));
            assert!(patch.is_file(), "{id} has no planted bug named {bug}");
        }
    }
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}
