//! What a worker process does: runs and judges one task after another, and says what came of each.
//!
//! A worker is a process so that nothing that a run does ends the campaign: neither a stack that overflows, nor an abort,
//! nor a loop without end. It ends when its input does, in the middle of a run too: then nobody is left to tell.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use clap::ValueEnum;
use properties::Verdict;

use super::coverage;
use super::wire::{Broken, Ran, Reply, Task};
use super::words::blurred;
use crate::campaign::Panicked;
use crate::history::{History, Profile};
use crate::judge::{self, Outcome};
use crate::seeds::SeedRange;
use crate::world::Options;

/// What a worker is told to do wrong, so that tests see what becomes of it. It is this process that does it, never the
/// server.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Trouble {
    /// One history of seven is never finished.
    Hang,
    /// One history of seven aborts the process.
    Abort,
    /// One history of seven panics.
    Panic,
    /// The server's disk says that it has synced, and has not.
    LyingSync,
}

/// Runs what comes in on standard input, until it ends.
///
/// # Errors
/// Standard output cannot be written to.
pub fn serve(profile: &Profile, trouble: Option<Trouble>) -> io::Result<()> {
    keep_backtraces();
    let (sender, tasks) = mpsc::channel();
    #[expect(clippy::disallowed_methods, reason = "reads a pipe beside the runs; no run can see it")]
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let task = line.ok().and_then(|line| serde_json::from_str::<Task>(&line).ok());
            let Some(task) = task else { break };
            if sender.send(task).is_err() {
                break;
            }
        }
        // The campaign is gone, and what is being run is nobody's any more.
        std::process::exit(0);
    });
    let mut output = io::stdout().lock();
    for task in tasks {
        let history = match task {
            Task::Seed(seed) => History::from_seed(seed, profile),
            Task::History(history) => *history,
        };
        let mut line = serde_json::to_vec(&reply(&history, trouble)).expect("a reply has string keys");
        line.push(b'\n');
        output.write_all(&line)?;
        output.flush()?;
    }
    Ok(())
}

fn reply(history: &History, trouble: Option<Trouble>) -> Reply {
    let run = || {
        let options = Options { sync_lies: trouble == Some(Trouble::LyingSync), ..Options::default() };
        if history.seed % 7 == 3 {
            get_into(trouble);
        }
        judge::judge_with(history, options)
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Err(payload) => Reply::Panicked(backtrace(&Panicked::new(payload.as_ref()).message)),
        Ok(outcome) => match outcome.panicked() {
            Some((property, panic)) => {
                Reply::Panicked(backtrace(&format!("the property {property} panicked: {panic}")))
            }
            None => Reply::Ran(Box::new(ran(history, outcome))),
        },
    }
}

fn get_into(trouble: Option<Trouble>) {
    match trouble {
        Some(Trouble::Hang) => loop {
            thread::park();
        },
        Some(Trouble::Abort) => std::process::abort(),
        Some(Trouble::Panic) => panic!("provoked"),
        Some(Trouble::LyingSync) | None => {}
    }
}

fn ran(history: &History, outcome: Outcome) -> Ran {
    let keys = coverage::keys(history, &outcome);
    let names = names(history);
    let broken = outcome.violated().filter_map(|judgement| match &judgement.verdict {
        Verdict::Violated(violation) => {
            let text = format!("{} | {}", violation.expected, violation.observed);
            Some(Broken { property: judgement.id.to_owned(), signature: signature(&text, &names) })
        }
        _ => None,
    });
    let broken = broken.collect();
    let mut counter = judge::counter(&history.profile, SeedRange::one(history.seed));
    counter.count(&outcome.digest(), false);
    Ran { keys, broken, counter }
}

/// A violation's words, without those that only this history has.
fn signature(text: &str, names: &BTreeSet<String>) -> String {
    let word = |word: &str| match names.contains(word.trim_matches(|letter: char| !letter.is_alphanumeric())) {
        true => "#".to_owned(),
        false => word.to_owned(),
    };
    blurred(&text.split_whitespace().map(word).collect::<Vec<_>>().join(" "))
}

fn names(history: &History) -> BTreeSet<String> {
    let users = history.users.iter().map(|user| user.name.clone());
    let rooms = history.rooms.iter().map(|room| room.name.clone());
    users.chain(rooms).collect()
}

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on a panic's backtrace is kept for [`backtrace`], and nothing is printed: the campaign tells of it.
fn keep_backtraces() {
    panic::set_hook(Box::new(|info| {
        let text = format!("{info}\n{}", std::backtrace::Backtrace::force_capture());
        // A panic while the thread is being torn down is told by the process's end.
        let _ = LAST.try_with(|last| last.replace(Some(text)));
    }));
}

/// What is known of the last panic of this thread; at least its words.
fn backtrace(words: &str) -> String {
    match LAST.with(RefCell::take) {
        Some(text) => format!("{words}\n{text}"),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bug_has_one_signature_whoever_it_happens_to() {
        let names = BTreeSet::from(["ana".to_owned(), "ben".to_owned(), "general".to_owned(), "support".to_owned()]);
        let one = signature("ana's phone reads seq 17 of room general after 16 | 16, then 18", &names);
        let other = signature("ben's laptop reads seq 5 of room support after 4 | 4, then 6", &names);
        assert_eq!(one.replace("phone", ""), other.replace("laptop", ""));
        assert_ne!(one, signature("ana reads nothing", &names));
    }
}
