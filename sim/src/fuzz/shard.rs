//! Shards: many machines that share the seeds of a campaign, without a word between them.
//!
//! Shard K of N runs every N-th seed, beginning with the K-th, and K counts from 1 to N. Which one this is comes from
//! `--shard`, else from what the place where it runs says of itself.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A part of the seeds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    /// Which, counted from 1.
    number: u64,
    /// Of how many.
    count: u64,
}

/// Where the number of a shard was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// `--shard`.
    Flag,
    /// `SIM_SHARD`, set by a person or from a matrix of GitHub Actions.
    Variable,
    /// `CI_NODE_INDEX` and `CI_NODE_TOTAL`, as GitLab sets them in parallel jobs.
    GitLab,
    /// `JOB_COMPLETION_INDEX`, as Kubernetes sets it in indexed jobs, and `SIM_SHARDS`.
    Kubernetes,
    /// Nobody said anything: all seeds.
    Nowhere,
}

/// What is said of shards makes no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ShardError {
    /// Not a shard.
    #[error("`{0}` is no shard: expected K/N with K from 1 to N, such as 3/16")]
    Malformed(String),
    /// A variable that is no number, or one that its neighbour needs is missing.
    #[error("{name} is {found}: expected {expected}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What it holds.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// Two places say different things.
    #[error("{first} says shard {one}, {second} says shard {other}: unset one of them, or give --shard")]
    Contradiction {
        /// The one place.
        first: Source,
        /// What it says.
        one: Shard,
        /// The other place.
        second: Source,
        /// What that says.
        other: Shard,
    },
}

impl JsonSchema for Shard {
    fn schema_name() -> Cow<'static, str> {
        "Shard".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^\d+/\d+$",
            "description": "A part of the seeds: which, counted from 1, of how many.",
        })
    }
}

impl Shard {
    /// All seeds.
    pub const WHOLE: Self = Self { number: 1, count: 1 };

    /// Shard `number` of `count`; none if there is no such.
    pub fn new(number: u64, count: u64) -> Option<Self> {
        (1..=count).contains(&number).then_some(Self { number, count })
    }

    /// The `ordinal`-th seed of this shard, from `first` on; none beyond the greatest seed.
    pub fn seed(self, first: u64, ordinal: u64) -> Option<u64> {
        ordinal.checked_mul(self.count)?.checked_add(self.number - 1)?.checked_add(first)
    }

    /// Whether it is not all seeds.
    pub fn is_part(self) -> bool {
        self.count > 1
    }
}

/// Which shard this is: what was asked for, else what `variables` say, else all seeds.
///
/// # Errors
/// A variable makes no sense, or two contradict each other.
pub fn resolve(
    asked: Option<Shard>,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<(Shard, Source), ShardError> {
    if let Some(shard) = asked {
        return Ok((shard, Source::Flag));
    }
    let set = |name: &str| variables(name).filter(|text| !text.is_empty());
    let ours = set("SIM_SHARD").map(|text| text.parse()).transpose()?.map(|shard| (shard, Source::Variable));
    let found = [ours, gitlab(&set)?, kubernetes(&set)?];
    let mut found = found.into_iter().flatten();
    let Some((shard, source)) = found.next() else { return Ok((Shard::WHOLE, Source::Nowhere)) };
    match found.find(|(other, _)| *other != shard) {
        None => Ok((shard, source)),
        Some((other, second)) => Err(ShardError::Contradiction { first: source, one: shard, second, other }),
    }
}

/// GitLab counts from 1, and sets the total in every job.
fn gitlab(set: &dyn Fn(&str) -> Option<String>) -> Result<Option<(Shard, Source)>, ShardError> {
    const EXPECTED: &str = "a whole number from 1 to CI_NODE_TOTAL, as GitLab sets it with `parallel`";
    let Some(index) = set("CI_NODE_INDEX") else { return Ok(None) };
    let total = set("CI_NODE_TOTAL").unwrap_or_default();
    let shard = index.parse().ok().zip(total.parse().ok()).and_then(|(number, count)| Shard::new(number, count));
    let found = || format!("`{index}` and CI_NODE_TOTAL `{total}`");
    let error = || ShardError::Variable { name: "CI_NODE_INDEX", found: found(), expected: EXPECTED };
    shard.map(|shard| Some((shard, Source::GitLab))).ok_or_else(error)
}

/// Kubernetes counts from 0, and tells nobody how many there are.
fn kubernetes(set: &dyn Fn(&str) -> Option<String>) -> Result<Option<(Shard, Source)>, ShardError> {
    let Some(index) = set("JOB_COMPLETION_INDEX") else { return Ok(None) };
    let Some(total) = set("SIM_SHARDS") else {
        // The job's own variable for shards says it all.
        return match set("SIM_SHARD") {
            Some(_) => Ok(None),
            None => Err(ShardError::Variable {
                name: "SIM_SHARDS",
                found: "not set".to_owned(),
                expected: "the number of completions of this indexed job, beside JOB_COMPLETION_INDEX",
            }),
        };
    };
    let number = index.parse::<u64>().ok().and_then(|index| index.checked_add(1));
    let shard = number.zip(total.parse().ok()).and_then(|(number, count)| Shard::new(number, count));
    let found = || format!("`{index}` and SIM_SHARDS `{total}`");
    let expected = "a whole number from 0, less than SIM_SHARDS";
    let error = || ShardError::Variable { name: "JOB_COMPLETION_INDEX", found: found(), expected };
    shard.map(|shard| Some((shard, Source::Kubernetes))).ok_or_else(error)
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.trim().split_once('/');
        let numbers = parts.and_then(|(number, count)| Some((number.parse().ok()?, count.parse().ok()?)));
        let shard = numbers.and_then(|(number, count)| Self::new(number, count));
        shard.ok_or_else(|| ShardError::Malformed(text.to_owned()))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.count)
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = ShardError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Flag => "--shard",
            Self::Variable => "SIM_SHARD",
            Self::GitLab => "CI_NODE_INDEX of GitLab",
            Self::Kubernetes => "JOB_COMPLETION_INDEX of Kubernetes",
            Self::Nowhere => "nobody",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn shards_share_the_seeds_and_no_two_run_the_same() {
        let seeds = |shard: Shard| (0..50).filter_map(move |ordinal| shard.seed(100, ordinal));
        let all: Vec<u64> = (1..=4).flat_map(|number| seeds(Shard::new(number, 4).unwrap())).collect();
        assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), (100..300).collect());
        assert_eq!(all.len(), 200);
        assert_eq!(Shard::WHOLE.seed(u64::MAX, 1), None);
    }

    #[test]
    fn a_shard_counts_from_one() {
        for text in ["0/16", "17/16", "3", "3/", "/16", "a/b", "1/0", "-1/4", "3/16/2", ""] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError::Malformed(text.to_owned())));
        }
        assert_eq!("16/16".parse::<Shard>().unwrap().to_string(), "16/16");
    }

    #[test]
    fn places_that_say_which_shard_this_is_are_heard() {
        let check = |variables: &'static [(&str, &str)], expected: Result<(&str, Source), &str>| {
            let set = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            match (resolve(None, &set), expected) {
                (Ok((shard, source)), Ok(expected)) => assert_eq!((shard.to_string().as_str(), source), expected),
                (Err(error), Err(hint)) => assert!(error.to_string().contains(hint), "{error}"),
                (found, expected) => panic!("{found:?} rather than {expected:?}"),
            }
            let flag = "2/3".parse().unwrap();
            assert_eq!(resolve(Some(flag), &set), Ok((flag, Source::Flag)), "a flag wins");
        };
        check(&[], Ok(("1/1", Source::Nowhere)));
        check(&[("SIM_SHARD", "")], Ok(("1/1", Source::Nowhere)));
        check(&[("SIM_SHARD", "3/16")], Ok(("3/16", Source::Variable)));
        check(&[("SIM_SHARD", "0/16")], Err("`0/16` is no shard"));
        check(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")], Ok(("1/4", Source::GitLab)));
        check(&[("CI_NODE_TOTAL", "1")], Ok(("1/1", Source::Nowhere)));
        check(&[("CI_NODE_INDEX", "5"), ("CI_NODE_TOTAL", "4")], Err("from 1 to CI_NODE_TOTAL"));
        check(&[("JOB_COMPLETION_INDEX", "0"), ("SIM_SHARDS", "4")], Ok(("1/4", Source::Kubernetes)));
        check(&[("JOB_COMPLETION_INDEX", "4"), ("SIM_SHARDS", "4")], Err("less than SIM_SHARDS"));
        check(&[("JOB_COMPLETION_INDEX", "0")], Err("SIM_SHARDS is not set"));
        check(&[("JOB_COMPLETION_INDEX", "0"), ("SIM_SHARD", "1/4")], Ok(("1/4", Source::Variable)));
        let both = &[("SIM_SHARD", "2/4"), ("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")];
        check(both, Err("SIM_SHARD says shard 2/4, CI_NODE_INDEX of GitLab says shard 1/4"));
    }
}
