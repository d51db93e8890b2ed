//! From the process's arguments to its exit code.

use std::io::{self, Write};

use clap::Parser;
use clap::error::ErrorKind;

use super::arguments::{Arguments, Sub};
use super::output::Output;
use super::refusal::Refusal;
use super::{
    Exit, check_determinism, fingerprints, fuzz, judge, leaks, list, load, merge, mutants, planted, replay, run,
    scenarios, schema, shrink, worst,
};
use crate::report::text::plain;
use crate::report::text::style::{BAD, LABEL, paint};

/// Does what the process's arguments ask for.
pub fn run_from_arguments() -> Exit {
    match Arguments::try_parse() {
        Ok(arguments) => finish(dispatch(&arguments)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // A reader that went away has seen enough.
            let _ = error.print();
            Exit::Held
        }
        Err(error) => finish(Err(arguments_refusal(&error))),
    }
}

fn dispatch(arguments: &Arguments) -> Result<Exit, Refusal> {
    let output = Output::new(arguments.json);
    match &arguments.subcommand {
        Sub::Run(arguments) if arguments.worst.is_some() => worst::worst(arguments, &output),
        Sub::Run(arguments) => run::run(arguments, &output),
        Sub::Replay(arguments) => replay::replay(arguments, &output),
        Sub::Judge(arguments) => judge::judge(arguments, &output),
        Sub::Schema(arguments) => schema::schema(arguments, &output),
        Sub::Shrink(arguments) => shrink::shrink(arguments, &output),
        Sub::CheckDeterminism(arguments) => check_determinism::check_determinism(arguments, &output),
        Sub::Fuzz(arguments) => fuzz::fuzz(arguments, &output),
        Sub::Merge(arguments) => merge::merge(arguments, &output),
        Sub::FuzzWorker(arguments) => fuzz::work(arguments),
        Sub::Scenarios(arguments) => scenarios::scenarios(arguments, &output),
        Sub::Load(arguments) => load::load(arguments, &output),
        Sub::Planted(arguments) => planted::planted(arguments, &output),
        Sub::Mutants(arguments) => mutants::mutants(arguments, &output),
        Sub::Trial => mutants::trial(&output),
        Sub::List(arguments) => list::list(arguments, &output),
        Sub::Fingerprints(arguments) => fingerprints::fingerprints(arguments, &output),
        Sub::Leaks(arguments) => leaks::leaks(arguments, &output),
        Sub::Hunt => planted::hunt(&output),
        Sub::Trace(arguments) => fingerprints::trace(arguments, &output),
    }
}

/// A refusal is one line that says what is wrong and what would be right, and one with the next command.
fn finish(result: Result<Exit, Refusal>) -> Exit {
    result.unwrap_or_else(|refusal| {
        let text = format!("{} {refusal}\n{}  {}\n", paint(BAD, "error:"), paint(LABEL, "next:"), refusal.next());
        // Nobody is left to tell when standard error is gone.
        let _ = anstream::AutoStream::auto(io::stderr()).write_all(text.as_bytes());
        refusal.exit()
    })
}

/// clap's message in one line, without its own advice on what to type next.
fn arguments_refusal(error: &clap::Error) -> Refusal {
    let rendered = plain(&error.render().ansi().to_string());
    let lines = rendered.lines().map(str::trim);
    let mut said: Vec<_> = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    // Without any argument clap would print its whole help.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        said = vec![
            "a subcommand is missing: expected run, scenarios, replay, shrink, judge, fuzz, merge, check-determinism, list, \
             load, planted, mutants or schema",
        ];
    }
    let message = said.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let typed = std::env::args().nth(1);
    let known = super::cli();
    let subcommand = typed.filter(|typed| known.get_subcommands().any(|known| known.get_name() == typed));
    Refusal::Arguments { message, subcommand }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mistakes_that_clap_finds_are_told_in_one_line() {
        let check = |line: &str, hints: &[&str]| {
            let error = Arguments::try_parse_from(line.split(' ')).unwrap_err();
            let text = arguments_refusal(&error).to_string();
            assert_eq!(text.lines().count(), 1, "{text}");
            hints.iter().for_each(|hint| assert!(text.contains(hint), "{line}: {text}"));
        };
        check("sim", &["a subcommand is missing", "check-determinism"]);
        check("sim fly", &["unrecognized subcommand 'fly'"]);
        check("sim run --seed seven", &["--seed <N>", "`seven` is no seed", "such as 7"]);
        check("sim run --seeds 9..2", &["--seeds <A..B>", "`9..2` is no range", "such as 0..64"]);
        check("sim run --jobs 0", &["--jobs <N>", "0"]);
        check("sim run --sedes 1..2", &["--sedes", "similar argument exists: '--seeds'"]);
        check("sim run --seed 1 --seeds 1..2", &["--seed <N>", "cannot be used with", "--seeds <A..B>"]);
        check("sim replay", &["required", "<SEED|FILE>"]);
        check("sim list ghosts", &["ghosts", "properties, operations, faults, profiles, scenarios"]);
    }
}
