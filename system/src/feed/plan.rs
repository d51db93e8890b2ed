//! What must be done for a conversation's messages to be its file's lines: a pure comparison.
//!
//! A line is known by its identifier, so that it may move. A known line that is nowhere in the file is either gone or
//! cannot be read any more. The latter is assumed if there is a new unreadable line where it was, between the same known
//! neighbours: its message then stays, until the line is mended (it has its identifier again) or removed (the unreadable
//! line is gone too).

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::Ledger;
use super::line::Line;
use super::reading::{BadLine, Reading};

/// One thing to do. To do it again changes nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The line says this: create its message, or change it.
    Say {
        /// The line.
        line: Line,
        /// Counts the file's lines from 1.
        number: u64,
    },
    /// The line cannot be read any more; its message stays.
    Obscure {
        /// The line's own identifier.
        id: String,
        /// Of the unreadable line.
        digest: String,
    },
    /// The line is gone: delete its message.
    Drop {
        /// The line's own identifier.
        id: String,
    },
    /// The file has this unreadable line, which never was anything else.
    MarkBad {
        /// Tells it from others.
        digest: String,
    },
    /// It no longer has it.
    UnmarkBad {
        /// Tells it from others.
        digest: String,
    },
}

/// All that is to be done, in this order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// The known lines that are gone, whose messages stay for now.
    pub withheld: BTreeSet<String>,
    /// The unreadable lines that were not there before, to be told.
    pub new_bad: Vec<BadLine>,
}

/// Compares a whole file with what is kept. Only lines in `due` are taken as gone: a file that is being rewritten looks as
/// if lines were gone, for a moment.
pub fn plan(ledger: &Ledger, reading: &Reading, due: &BTreeSet<String>) -> Plan {
    let mut plan = Plan { steps: upserts(ledger, reading), ..Plan::default() };
    let present: BTreeMap<&str, u64> = reading.lines.iter().map(|line| (line.line.id.as_str(), line.number)).collect();
    // Lines that were unreadable before and are as they were. Two may look alike: each is one of them.
    let mut bad: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &reading.bad {
        *bad.entry(&line.digest).or_default() += 1;
    }
    let mut unclaimed = bad.clone();
    let mut missing = Vec::new();
    for known in ledger.lines.values().filter(|known| !present.contains_key(known.id.as_str())) {
        match known.unreadable.as_deref().and_then(|digest| unclaimed.get_mut(digest)).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => missing.push(known),
        }
    }
    let mut is_new = |bad: &&BadLine| {
        let left = unclaimed.get_mut(bad.digest.as_str()).filter(|left| **left > 0);
        left.is_some_and(|left| {
            *left -= 1;
            !ledger.bad.contains(&bad.digest)
        })
    };
    let mut unexplained: Vec<&BadLine> = reading.bad.iter().filter(|bad| is_new(bad)).collect();
    plan.new_bad = unexplained.iter().copied().cloned().collect();

    // Lines that have become unreadable, and lines that are gone.
    missing.sort_by_key(|known| known.number);
    let neighbours = Neighbours::new(ledger, &present);
    for known in missing {
        let (after, before) = neighbours.of(known.number);
        match unexplained.iter().position(|bad| bad.garbled && after < bad.number && bad.number < before) {
            Some(place) => {
                let digest = unexplained.remove(place).digest.clone();
                plan.steps.push(Step::Obscure { id: known.id.clone(), digest });
            }
            None if due.contains(&known.id) => plan.steps.push(Step::Drop { id: known.id.clone() }),
            None => drop(plan.withheld.insert(known.id.clone())),
        }
    }
    let marks: BTreeSet<&str> = unexplained.iter().map(|bad| bad.digest.as_str()).collect();
    plan.steps.extend(marks.into_iter().map(|digest| Step::MarkBad { digest: digest.to_owned() }));
    let mended = ledger.bad.iter().filter(|digest| !bad.contains_key(digest.as_str()));
    plan.steps.extend(mended.map(|digest| Step::UnmarkBad { digest: digest.clone() }));
    plan
}

/// The steps for what was appended. `None` if a line of it is known: only the whole file tells which is the right one.
pub fn plan_appended(ledger: &Ledger, reading: &Reading) -> Option<Vec<Step>> {
    let known = reading.lines.iter().any(|line| ledger.lines.contains_key(&line.line.id));
    (!known).then(|| upserts(ledger, reading))
}

/// The lines that say something new.
fn upserts(ledger: &Ledger, reading: &Reading) -> Vec<Step> {
    let news = reading.lines.iter().filter(|read| match ledger.lines.get(&read.line.id) {
        Some(known) => known.unreadable.is_some() || known.digest != read.line.digest(),
        None => true,
    });
    news.map(|read| Step::Say { line: read.line.clone(), number: read.number }).collect()
}

/// Where known lines were, and where they are.
struct Neighbours {
    /// By where they were: where they are.
    moved: BTreeMap<u64, u64>,
}

impl Neighbours {
    fn new(ledger: &Ledger, present: &BTreeMap<&str, u64>) -> Self {
        let known = ledger.lines.values();
        let moved = known.filter_map(|known| Some((known.number, *present.get(known.id.as_str())?))).collect();
        Self { moved }
    }

    /// Between which lines of the file a line must be that was at `number`, if it is there still.
    fn of(&self, number: u64) -> (u64, u64) {
        let after = self.moved.range(..number).next_back().map_or(0, |(_, now)| *now);
        let before = self.moved.range(number + 1..).next().map_or(u64::MAX, |(_, now)| *now);
        (after, before)
    }
}
