//! `stormglass verify`: reads everything, prints a table, and says whether it is whole.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use super::data_directory;
use super::failure::Failure;
use crate::Config;
use crate::store::backup::{Contents, check};
use crate::store::verify::{Counted, Findings, verify};
use crate::store::{Newest, OpenError};

/// Verifies the data directory.
pub(super) fn directory(config: &Config) -> Result<(), Failure> {
    let findings = verified(config).map_err(|failure| match failure {
        // That is what was asked: the data is not whole.
        Failure::Open { directory, source: source @ OpenError::Corrupted { .. } } => {
            say(&format!("wrong: {source}"));
            Failure::NotWhole { directory, problems: 1 }
        }
        other => other,
    })?;
    tell(&findings);
    tell_problems(&findings);
    let directory = config.data_directory.clone();
    match findings.problem_count() {
        0 => {
            say(&format!("{directory}: whole"));
            Ok(())
        }
        problems => Err(Failure::NotWhole { directory, problems }),
    }
}

/// Checks a backup: that each block is there, in its place and as it was written.
pub(super) fn backup(path: &Path) -> Result<(), Failure> {
    let file = File::open(path).map_err(|source| Failure::File { path: path.to_owned(), source })?;
    let contents = check(BufReader::new(file)).map_err(|source| Failure::Backup { path: path.to_owned(), source })?;
    let Contents { header, rows, bytes } = contents;
    say(&format!("{}: whole: {rows} rows in {bytes} bytes, up to event {}", path.display(), header.last_commit));
    Ok(())
}

/// What is in the data directory, and what is wrong with it.
pub(super) fn verified(config: &Config) -> Result<Findings, Failure> {
    let database = data_directory::open(config)?;
    let store = |source| Failure::Store { directory: config.data_directory.clone(), source };
    let newest = Newest::open(&database).map_err(store)?;
    verify(&newest.view()).map_err(store)
}

/// Prints each problem with its place.
pub(super) fn tell_problems(findings: &Findings) {
    for problem in findings.problems() {
        say(&format!("wrong: {problem}"));
    }
    let told = findings.problems().len() as u64;
    if findings.problem_count() > told {
        say(&format!("and {} more", findings.problem_count() - told));
    }
}

fn tell(findings: &Findings) {
    say(&format!("{:>12}  {:>14}  {:>7}  what", "records", "bytes", "wrong"));
    for (what, Counted { records, bytes, problems }) in findings.counted() {
        say(&format!("{records:>12}  {bytes:>14}  {problems:>7}  {what}"));
    }
}

/// A line on standard output. Nobody may be reading; the exit code says it too.
fn say(line: &str) {
    let _ = writeln!(anstream::stdout(), "{line}");
}
