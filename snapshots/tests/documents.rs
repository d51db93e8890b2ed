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
