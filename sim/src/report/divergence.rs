//! What a check of determinism has to say: it held, or where two runs of one seed first differ and why (SIM-3).

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::moment::{Moment, PROPERTIES};
use super::published::Published;
use crate::activity::Counts;
use crate::interpose::Watched;
use crate::seeds::SeedRange;

/// All that a check of determinism has to say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DeterminismReport {
    /// No two runs differed.
    pub deterministic: bool,
    /// The profile.
    pub profile: String,
    /// The seeds that were compared.
    pub seeds: SeedRange,
    /// Only every so many of them was.
    pub every: u64,
    /// How many that are.
    pub count: u64,
    /// What else ran them, each in a process of its own: this program again, or other builds of it.
    pub against: Vec<String>,
    /// The machine was kept busy meanwhile.
    pub under_load: bool,
    /// What the runs here did, all together: what was compared.
    #[schemars(with = "BTreeMap<String, u64>")]
    pub compared: Counts,
    /// The seeds that differed.
    pub differing: Vec<u64>,
    /// The first of these, examined.
    pub first: Option<Divergence>,
    /// Who asked past the platform: in the first seed that differed, or in all, if that was asked for.
    pub watched: Option<Watched>,
    /// A hash over the fingerprints of all runs here, in order.
    pub fingerprint: String,
}

impl Published for DeterminismReport {
    const NAME: &'static str = "check-determinism";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim check-determinism"];
}

/// Where two runs of one seed first differ.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Divergence {
    /// The seed.
    pub seed: u64,
    /// Which of the other processes differed.
    pub against: String,
    /// The number of the first moment that differs, counted from 0; absent if no second look showed a difference.
    pub index: Option<usize>,
    /// That moment in this process; absent if the run ends before it.
    pub here: Option<Moment>,
    /// That moment in the other process; absent if the run ends before it.
    pub there: Option<Moment>,
    /// The last moments before it, equal in both.
    pub before: Vec<Moment>,
    /// What it most likely comes from.
    #[schemars(with = "String")]
    pub cause: Cause,
}

/// What a difference most likely comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The two processes drew different histories from one seed.
    Generator,
    /// The same things happened in another order.
    Order,
    /// The same thing happened at another time.
    Time,
    /// The same thing happened with other values in it.
    Value,
    /// Something else happened.
    Content,
    /// The same things happened, with more work or less.
    Work,
    /// The same run was judged in another way.
    Verdict,
    /// One trace is the beginning of the other.
    Length,
    /// Looking again, no two runs differed.
    Unrepeatable,
}

/// How many moments before the first difference are told.
const BEFORE: usize = 5;

/// How far ahead a moment is looked for that seems to have changed its place.
const AHEAD: usize = 4_000;

impl DeterminismReport {
    /// What a second process of this program is called.
    pub const THE_SAME_PROGRAM: &str = "this program again";
}

impl Divergence {
    /// Compares two runs of one seed, moment by moment; nothing if they are equal.
    pub fn between(seed: u64, against: &str, here: &[Moment], there: &[Moment]) -> Option<Self> {
        let index = (0..here.len().max(there.len())).find(|&index| here.get(index) != there.get(index))?;
        Some(Self {
            seed,
            against: against.to_owned(),
            index: Some(index),
            here: here.get(index).cloned(),
            there: there.get(index).cloned(),
            before: here[index.saturating_sub(BEFORE)..index].to_vec(),
            cause: Cause::guess(&here[index..], &there[index..]),
        })
    }

    /// The fingerprints differed, but no second look showed where.
    pub fn unrepeatable(seed: u64, against: &str) -> Self {
        Self::without_place(seed, against, Cause::Unrepeatable)
    }

    /// The histories differed already.
    pub fn of_generator(seed: u64, against: &str) -> Self {
        Self::without_place(seed, against, Cause::Generator)
    }

    fn without_place(seed: u64, against: &str, cause: Cause) -> Self {
        Self { seed, against: against.to_owned(), index: None, here: None, there: None, before: Vec::new(), cause }
    }
}

impl Cause {
    /// Guesses from what follows in both traces, the first difference included.
    ///
    /// What ticks count says nothing of a cause: that a tick comes first is told of no matter what was late or early.
    fn guess(here: &[Moment], there: &[Moment]) -> Self {
        let (here, there) = (deeds(here), deeds(there));
        let alike = here.iter().zip(&there).take_while(|(here, there)| here == there).count();
        let (here, there) = (&here[alike..], &there[alike..]);
        let (first_here, first_there) = match (here.first(), there.first()) {
            (Some(here), Some(there)) => (*here, *there),
            (None, None) => return Self::Work,
            _ => return Self::Length,
        };
        if first_here.host == PROPERTIES && first_there.host == PROPERTIES {
            return Self::Verdict;
        }
        if first_here.deed() == first_there.deed() {
            return Self::Time;
        }
        let later = |moments: &[&Moment], wanted: &Moment| {
            moments.iter().take(AHEAD).find(|moment| moment.deed() == wanted.deed()).map(|found| found.at == wanted.at)
        };
        let moved = later(there, first_here).or_else(|| later(here, first_there));
        if let Some(at_the_same_time) = moved {
            // What only changed its place is a matter of order; what came at another time met others because of that.
            if at_the_same_time { Self::Order } else { Self::Time }
        } else if first_here.task == first_there.task && shape(&first_here.text) == shape(&first_there.text) {
            Self::Value
        } else {
            Self::Content
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Generator => "the generator: one seed gave two histories; look for a draw that is not proptest's own",
            Self::Order => {
                "an order that nothing decides: a sort or a map by address, a map with keys of its own, or a race \
                 with a thread that the simulation does not drive"
            }
            Self::Time => {
                "a clock or a thread of its own: the same thing happened at another simulated time; look for work \
                 outside of the platform's run_blocking, and for timers that are not tokio's"
            }
            Self::Value => {
                "a value from outside: entropy by a raw system call (getrandom 0.2), the processor's counter (quanta, \
                 fastant), an address, the environment, or a counter that is shared by the whole process"
            }
            Self::Content => {
                "a decision that rests on something outside: a clock, entropy, an address, the environment, or a race \
                 with a thread"
            }
            Self::Work => {
                "a task that woke more often: the same happened, with another count of polls or of calls to libc; look \
                 for a race with a thread, and for a wait on something that the simulation does not drive"
            }
            Self::Verdict => {
                "a property: the same run was judged in another way; look for an order, an address or a counter that \
                 the property rests on"
            }
            Self::Length => "one run went on where the other ended: a thread that outlives the run, or a race with one",
            Self::Unrepeatable => {
                "a race: the fingerprints differed, but no second look did; look for a thread that the simulation does \
                 not drive"
            }
        })
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What was done, without what ticks of a clock only count.
fn deeds(moments: &[Moment]) -> Vec<&Moment> {
    moments.iter().filter(|moment| !moment.is_a_count()).collect()
}

/// A text without what an identifier, a number or a hash in it says.
fn shape(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    // The letters of one word stay together, and a UUID is one word.
    let splits = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
    for word in text.split_inclusive(splits) {
        let body = word.trim_end_matches(splits);
        // A word with a digit in it is a value; so is a long one, such as a token.
        if body.bytes().any(|byte| byte.is_ascii_digit()) || body.len() > 20 {
            shape.push('#');
            shape.push_str(&word[body.len()..]);
        } else {
            shape.push_str(word);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::ALL_TASKS;

    fn moments(texts: &[&str]) -> Vec<Moment> {
        let moment =
            |text: &str| Moment { at: 7, host: "devices".into(), task: "ana/phone".into(), text: text.to_owned() };
        texts.iter().map(|text| moment(text)).collect()
    }

    #[test]
    fn the_first_difference_is_named_with_a_likely_cause() {
        let check = |here: &[&str], there: &[&str], index: usize, cause: Cause| {
            let divergence = Divergence::between(9, "it", &moments(here), &moments(there)).unwrap();
            assert_eq!((divergence.index, divergence.cause), (Some(index), cause));
            assert_eq!(divergence.before.len(), index.min(BEFORE));
        };
        check(&["a", "b", "c"], &["a", "c", "b"], 1, Cause::Order);
        check(&["a", "session 5f-1"], &["a", "session 77-2"], 1, Cause::Value);
        check(&["a", "ana joined"], &["a", "ben left"], 1, Cause::Content);
        check(&["1", "2", "3", "4", "5", "6", "7"], &["1", "2", "3", "4", "5", "6"], 6, Cause::Length);
    }

    #[test]
    fn the_same_at_another_time_is_a_clock() {
        let mut there = moments(&["a", "b"]);
        there[1].at += 10;
        let here = moments(&["a", "b"]);
        assert_eq!(Divergence::between(1, "it", &here, &there).unwrap().cause, Cause::Time);
        assert_eq!(Divergence::between(1, "it", &there, &there), None);
        // Somebody else was first there, because it came so late.
        let mut there = moments(&["a", "c", "b"]);
        there[2].at += 50;
        assert_eq!(Divergence::between(1, "it", &here, &there).unwrap().cause, Cause::Time);
    }

    #[test]
    fn a_tick_that_comes_first_hides_no_cause() {
        let tick = |text: &str| Moment { task: ALL_TASKS.into(), host: "server".into(), ..moments(&[text])[0].clone() };
        let [a, b] = [moments(&["a"]), moments(&["b"])].map(|mut moments| moments.remove(0));
        let late = Moment { at: b.at + 10, ..b.clone() };
        let cause = |here: &[Moment], there: &[Moment]| Divergence::between(1, "it", here, there).unwrap().cause;
        let (here, there) = ([a.clone(), b.clone(), tick("2 polls")], [a.clone(), tick("1 poll"), late]);
        assert_eq!(cause(&here, &there), Cause::Time);
        assert_eq!(cause(&[a.clone(), tick("2 polls"), b.clone()], &[a, tick("3 polls"), b]), Cause::Work);
    }

    #[test]
    fn another_verdict_on_the_same_run_is_a_property() {
        let judged = |text: &str| Moment { host: PROPERTIES.into(), ..moments(&[text])[0].clone() };
        let divergence = Divergence::between(1, "it", &[judged("held 5 times")], &[judged("held 6 times")]);
        assert_eq!(divergence.unwrap().cause, Cause::Verdict);
    }

    #[test]
    fn identifiers_do_not_change_a_shape() {
        assert_eq!(shape("room:0189-aa sent 3 words"), shape("room:0777-bb sent 4 words"));
        assert_ne!(shape("ana sent 3 words"), shape("ben sent 3 words"));
    }
}
