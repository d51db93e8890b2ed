//! Which seeds and which profile: from flags, else from `SIM_SEED`, `SIM_SEEDS` and `SIM_PROFILE`, else a default.
//!
//! The command and `cargo test` both ask here, so that a variable means the same to both. Nothing here knows which
//! profiles exist: that is the generator's to say.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The seeds that are run when nobody says otherwise.
pub const DEFAULT_SEEDS: SeedRange = SeedRange { first: 0, last: 63 };

/// The profile that is run when nobody says otherwise.
pub const DEFAULT_PROFILE: &str = "standard";

/// What to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// The seeds.
    pub seeds: SeedRange,
    /// Somebody asked for these very seeds: otherwise they are the default ones, and others would do as well.
    pub named: bool,
    /// Somebody asked for exactly one seed: then nothing else is run with it.
    pub single: bool,
    /// The name of the profile.
    pub profile: String,
}

/// What was asked for; each part may be left open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// One seed.
    pub seed: Option<u64>,
    /// Many seeds.
    pub seeds: Option<SeedRange>,
    /// The name of a profile.
    pub profile: Option<String>,
}

/// A range of seeds that holds at least one. Written as `A..B`, without B.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeedRange {
    first: u64,
    last: u64,
}

/// A variable or a flag does not say what it should.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SelectionError {
    /// Not a seed.
    #[error("`{0}` is no seed: expected a whole number from 0 to 18446744073709551615, such as 7")]
    Seed(String),
    /// Not a range.
    #[error("`{0}` is no range of seeds: expected A..B with A less than B, such as 0..64")]
    Range(String),
    /// A variable that is wrong.
    #[error("{name}: {source}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        source: Box<SelectionError>,
    },
    /// Two variables that contradict each other.
    #[error("SIM_SEED and SIM_SEEDS are both set: expected at most one of them")]
    BothVariables,
}

impl Selection {
    /// What the environment alone asks for: this is what tests use.
    ///
    /// # Errors
    /// A variable is set to something that is no seed or no range, or two contradict each other.
    pub fn from_environment() -> Result<Self, SelectionError> {
        Asked::default().resolve(&environment)
    }
}

impl Asked {
    /// Completes what was asked for from `variables`, and these from the defaults. A seed asked for here overrides
    /// both variables of seeds.
    ///
    /// # Errors
    /// A variable that is needed is wrong, or two contradict each other.
    pub fn resolve(self, variables: &dyn Fn(&str) -> Option<String>) -> Result<Selection, SelectionError> {
        let Self { mut seed, mut seeds, profile } = self;
        if seed.is_none() && seeds.is_none() {
            seed = variable("SIM_SEED", variables, parse_seed)?;
            seeds = variable("SIM_SEEDS", variables, str::parse)?;
            if seed.is_some() && seeds.is_some() {
                return Err(SelectionError::BothVariables);
            }
        }
        let named = seed.map(SeedRange::one).or(seeds);
        let profile = profile
            .or_else(|| variables("SIM_PROFILE").filter(|name| !name.is_empty()))
            .unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        Ok(Selection { seeds: named.unwrap_or(DEFAULT_SEEDS), named: named.is_some(), single: seed.is_some(), profile })
    }
}

impl SeedRange {
    /// The range that holds this seed alone.
    pub fn one(seed: u64) -> Self {
        Self { first: seed, last: seed }
    }

    /// The range from one seed to another, both in it; if they are in the wrong order, the first alone.
    pub fn between(first: u64, last: u64) -> Self {
        Self { first, last: last.max(first) }
    }

    /// The range that holds both, and what is between them.
    pub fn joined(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    /// How many seeds it holds.
    pub fn count(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// The seed at `index`, counted from 0.
    pub fn at(self, index: u64) -> u64 {
        self.first + index
    }

    /// All seeds, in order.
    pub fn iter(self) -> RangeInclusive<u64> {
        self.first..=self.last
    }

    /// What is left of it after a seed of it; nothing after its last.
    pub fn after(self, seed: u64) -> Option<Self> {
        (seed < self.last).then(|| Self { first: seed + 1, last: self.last })
    }

    /// As many seeds again, right after these: what a person would run next.
    pub fn next(self) -> Self {
        let first = self.last.saturating_add(1);
        Self { first, last: first.saturating_add(self.last - self.first) }
    }
}

impl FromStr for SeedRange {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || SelectionError::Range(text.to_owned());
        let (from, until) = text.split_once("..").ok_or_else(refused)?;
        let first = from.trim().parse().map_err(|_| refused())?;
        // The end may be one beyond the greatest seed.
        let until: u128 = until.trim().parse().map_err(|_| refused())?;
        let last = until.checked_sub(1).and_then(|last| u64::try_from(last).ok()).ok_or_else(refused)?;
        if first <= last { Ok(Self { first, last }) } else { Err(refused()) }
    }
}

impl fmt::Display for SeedRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.first, u128::from(self.last) + 1)
    }
}

impl JsonSchema for SeedRange {
    fn schema_name() -> Cow<'static, str> {
        "SeedRange".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^\d+\.\.\d+$",
            "description": "Seeds from the first number to the second, which is not among them.",
        })
    }
}

impl Serialize for SeedRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SeedRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Reads one seed.
///
/// # Errors
/// The text is no whole number of 64 bits.
pub fn parse_seed(text: &str) -> Result<u64, SelectionError> {
    text.trim().parse().map_err(|_| SelectionError::Seed(text.to_owned()))
}

/// The variables of this process.
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn variable<T>(
    name: &'static str,
    variables: &dyn Fn(&str) -> Option<String>,
    parse: impl Fn(&str) -> Result<T, SelectionError>,
) -> Result<Option<T>, SelectionError> {
    match variables(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => {
            parse(&text).map(Some).map_err(|source| SelectionError::Variable { name, source: Box::new(source) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn flags_win_over_variables_and_variables_over_defaults() {
        let check = |asked: Asked, variables: &'static [(&str, &str)], seeds: &str, single: bool, profile: &str| {
            let selection = asked.resolve(&with(variables)).unwrap();
            assert_eq!((selection.seeds.to_string().as_str(), selection.single), (seeds, single));
            assert_eq!(selection.named, seeds != "0..64");
            assert_eq!(selection.profile, profile);
        };
        let seed = |seed| Asked { seed: Some(seed), ..Asked::default() };
        check(Asked::default(), &[], "0..64", false, "standard");
        check(Asked::default(), &[("SIM_SEED", "7"), ("SIM_PROFILE", "calm")], "7..8", true, "calm");
        check(Asked::default(), &[("SIM_SEEDS", "2..9")], "2..9", false, "standard");
        check(seed(3), &[("SIM_SEED", "nonsense"), ("SIM_SEEDS", "2..9")], "3..4", true, "standard");
        check(Asked { profile: Some("harsh".into()), ..seed(3) }, &[("SIM_PROFILE", "calm")], "3..4", true, "harsh");
        check(Asked::default(), &[("SIM_SEED", ""), ("SIM_PROFILE", "")], "0..64", false, "standard");
    }

    #[test]
    fn mistakes_are_named() {
        let check = |variables: &'static [(&str, &str)], hint: &str| {
            let text = Asked::default().resolve(&with(variables)).unwrap_err().to_string();
            assert!(text.contains(hint), "{text}");
        };
        check(&[("SIM_SEED", "seven")], "SIM_SEED: `seven` is no seed");
        check(&[("SIM_SEEDS", "9..2")], "SIM_SEEDS: `9..2` is no range");
        check(&[("SIM_SEED", "1"), ("SIM_SEEDS", "1..2")], "at most one");
    }

    #[test]
    fn a_range_holds_at_least_one_seed() {
        for text in ["", "5", "5..5", "6..5", "-1..5", "0..=5", "a..b", "0..18446744073709551617"] {
            assert_eq!(text.parse::<SeedRange>(), Err(SelectionError::Range(text.to_owned())));
        }
        let range: SeedRange = "5..8".parse().unwrap();
        assert_eq!((range.count(), range.at(2), range.iter().collect::<Vec<_>>()), (3, 7, vec![5, 6, 7]));
        assert_eq!(range.next().to_string(), "8..11");
        assert_eq!(range.after(5).map(|rest| rest.to_string()).as_deref(), Some("6..8"));
        assert_eq!(range.after(7), None);
        let greatest = SeedRange::one(u64::MAX);
        assert_eq!((greatest.count(), greatest.to_string().parse()), (1, Ok(greatest)));
        assert_eq!(SeedRange::one(u64::MAX).next().count(), 1);
    }
}
