//! Every help text, as a person reads it.

/// The help of the command itself, or of one of its subcommands.
fn help(subcommand: Option<&str>) -> String {
    let mut command = sim::command::cli().term_width(100);
    // Without this a subcommand would not know the flags that all share.
    command.build();
    let command = match subcommand {
        None => &mut command,
        Some(name) => command.find_subcommand_mut(name).expect("the test names subcommands that exist"),
    };
    command.render_long_help().to_string()
}

#[test]
fn sim() {
    insta::assert_snapshot!(help(None));
}

#[test]
fn run() {
    insta::assert_snapshot!(help(Some("run")));
}

#[test]
fn scenarios() {
    insta::assert_snapshot!(help(Some("scenarios")));
}

#[test]
fn replay() {
    insta::assert_snapshot!(help(Some("replay")));
}

#[test]
fn judge() {
    insta::assert_snapshot!(help(Some("judge")));
}

#[test]
fn schema() {
    insta::assert_snapshot!(help(Some("schema")));
}

#[test]
fn shrink() {
    insta::assert_snapshot!(help(Some("shrink")));
}

#[test]
fn fuzz() {
    insta::assert_snapshot!(help(Some("fuzz")));
}

#[test]
fn merge() {
    insta::assert_snapshot!(help(Some("merge")));
}

#[test]
fn check_determinism() {
    insta::assert_snapshot!(help(Some("check-determinism")));
}

#[test]
fn list() {
    insta::assert_snapshot!(help(Some("list")));
}

#[test]
fn load() {
    insta::assert_snapshot!(help(Some("load")));
}

#[test]
fn planted() {
    insta::assert_snapshot!(help(Some("planted")));
}

#[test]
fn mutants() {
    insta::assert_snapshot!(help(Some("mutants")));
}

#[test]
fn every_subcommand_that_is_shown_has_its_snapshot() {
    let command = sim::command::cli();
    let shown: Vec<_> =
        command.get_subcommands().filter(|sub| !sub.is_hide_set()).map(|sub| sub.get_name().to_owned()).collect();
    let expected = [
        "run",
        "scenarios",
        "replay",
        "shrink",
        "judge",
        "fuzz",
        "merge",
        "check-determinism",
        "list",
        "load",
        "planted",
        "mutants",
        "schema",
    ];
    assert_eq!(shown, expected);
}

/// The help of the server program, or of one of its subcommands.
fn server_help(subcommand: Option<&str>) -> String {
    let mut command = system::program::command_line().term_width(100);
    command.build();
    let command = match subcommand {
        None => &mut command,
        Some(name) => command.find_subcommand_mut(name).expect("the test names subcommands that exist"),
    };
    command.render_long_help().to_string()
}

#[test]
fn stormglass() {
    insta::assert_snapshot!(server_help(None));
}

#[test]
fn every_subcommand_of_stormglass() {
    let command = system::program::command_line();
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    assert_eq!(names, ["backup", "restore", "verify", "health"]);
    for name in names {
        insta::assert_snapshot!(format!("stormglass_{name}"), server_help(Some(&name)));
    }
}
