//! Profiles: how large and how rough histories are, as data. Not how they are drawn: that is [`strategy`](super::strategy).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::operations;

/// How often each kind is drawn, by its name. A kind that is absent or 0 is never drawn.
pub type Weights = BTreeMap<&'static str, u32>;

/// How large and how rough histories are.
///
/// Kinds of steps are named as on disk, kinds of faults as in the list of faults, kinds of bursts as in
/// [`bursts`](super::strategy::burst_names).
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    /// Its name on the command line and in saved histories.
    pub name: &'static str,
    /// What it is for, in one line.
    pub summary: &'static str,
    /// How long the storm lasts.
    pub storm_ms: RangeInclusive<u64>,
    /// How many users there are, besides the auditor; at most 16.
    pub users: RangeInclusive<usize>,
    /// How many devices they have together; at least one each, at most four.
    pub devices: RangeInclusive<usize>,
    /// How many rooms exist at the beginning; at most 10.
    pub rooms: RangeInclusive<usize>,
    /// How long access tokens are good for: weighted ranges.
    pub access_token_ms: Vec<(u32, RangeInclusive<u64>)>,
    /// How many solitary scenes there are, of one user step or a few.
    pub solos: RangeInclusive<usize>,
    /// Which kinds of solitary scenes.
    pub solo_weights: Weights,
    /// How many bursts there are: scenes of at least [`BURST_STEPS`] user steps within moments of each other.
    pub bursts: RangeInclusive<usize>,
    /// Which kinds of bursts. Those that need a fault are left out where `fault_weights` has none for them.
    pub burst_weights: Weights,
    /// How many users are deactivated.
    pub deactivations: RangeInclusive<usize>,
    /// How many faults strike at any time, besides those in bursts.
    pub faults: RangeInclusive<usize>,
    /// How many bursts meet a crash of the server, besides those of `bursts`.
    pub crashes: RangeInclusive<usize>,
    /// Of a hundred faults that strike at any time, how many wait for a moment.
    pub moments_per_cent: u32,
    /// Which kinds of faults.
    pub fault_weights: Weights,
    /// How long connections are disturbed.
    pub outage_ms: RangeInclusive<u64>,
    /// How long the server is away.
    pub down_ms: RangeInclusive<u64>,
    /// Whether each history first draws which of the kinds exist in it at all (swarm testing): a kind that is never
    /// drawn lets others meet that would not.
    pub subset: bool,
}

/// The least number of user steps in a burst.
pub const BURST_STEPS: usize = 5;

/// No profile has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no profile is named `{name}`: expected calm, standard, harsh or swarm")]
pub struct UnknownProfile {
    /// The name that was asked for.
    pub name: String,
}

impl Profile {
    /// The names of all profiles.
    pub const NAMES: [&'static str; 4] = ["calm", "standard", "harsh", "swarm"];

    /// The profile of this name.
    ///
    /// # Errors
    /// There is none; the error lists those that there are.
    pub fn named(name: &str) -> Result<Self, UnknownProfile> {
        match name {
            "calm" => Ok(Self::calm()),
            "standard" => Ok(Self::standard()),
            "harsh" => Ok(Self::harsh()),
            "swarm" => Ok(Self::swarm()),
            _ => Err(UnknownProfile { name: name.to_owned() }),
        }
    }

    /// All profiles, in the order of their names' list.
    pub fn all() -> [Self; 4] {
        [Self::calm(), Self::standard(), Self::harsh(), Self::swarm()]
    }

    /// The users of the standard profile, and nothing goes wrong.
    pub fn calm() -> Self {
        Self {
            name: "calm",
            summary: "the users of `standard`; nothing goes wrong",
            faults: 0..=0,
            crashes: 0..=0,
            moments_per_cent: 0,
            fault_weights: Weights::new(),
            ..Self::standard()
        }
    }

    /// What every change is tested with.
    pub fn standard() -> Self {
        Self {
            name: "standard",
            summary: "8 users with 12 devices in 4 rooms, at least 150 steps and 4 faults, one a crash, in 35 s",
            storm_ms: 35_000..=35_000,
            users: 8..=8,
            devices: 12..=12,
            rooms: 4..=4,
            // Some expire several times in a storm, some once at most, some never.
            access_token_ms: vec![(3, 8_000..=25_000), (1, 25_000..=60_000), (2, 900_000..=900_000)],
            solos: 106..=120,
            solo_weights: operations::KINDS
                .iter()
                .map(|kind| (kind.name, kind.weight))
                .filter(|kind| kind.1 > 0)
                .collect(),
            bursts: 8..=10,
            burst_weights: Weights::from([
                ("crowd", 3),
                ("removal", 4),
                ("removal_while_away", 5),
                ("resume", 4),
                ("refresh", 2),
                ("demotion", 2),
                ("tug_of_war", 2),
                ("last_owners", 2),
                ("breakage", 4),
                ("crash", 3),
            ]),
            deactivations: 0..=1,
            faults: 3..=5,
            crashes: 1..=1,
            moments_per_cent: 35,
            fault_weights: Weights::from([
                ("cut", 8),
                ("stall", 4),
                ("slow_link", 2),
                ("loss", 2),
                ("bandwidth", 2),
                ("fragmentation", 2),
                ("slow_reader", 3),
                ("reset", 5),
                ("half_open", 3),
                ("idle_drop", 2),
                ("refusal", 2),
                ("hang", 2),
                ("kill", 3),
                ("power_loss", 4),
                ("restart", 2),
                ("slow_start", 2),
                ("recovery_crash", 2),
                ("full_disk", 3),
                ("failing_sync", 2),
                ("slow_sync", 2),
                ("failing_read", 3),
                ("overload", 1),
                ("clock_jump", 1),
                ("clock_drift", 1),
                ("device_clock", 1),
                ("flipped_bit", 1),
                ("rolling_restart", 1),
                ("stampede", 2),
                ("token_expiry", 2),
                ("key_rotation", 2),
                ("session_revocation", 2),
                ("duplicate_tab", 3),
            ]),
            outage_ms: 50..=20_000,
            down_ms: 200..=4_000,
            subset: false,
        }
    }

    /// More faults, shorter tokens, more changes of rights.
    pub fn harsh() -> Self {
        let standard = Self::standard();
        let mut solo_weights = standard.solo_weights.clone();
        solo_weights.extend([
            ("add_member", 12),
            ("remove_member", 10),
            ("change_role", 10),
            ("refresh_token", 8),
            ("close", 8),
        ]);
        let mut burst_weights = standard.burst_weights.clone();
        burst_weights.extend([("removal_while_away", 7), ("demotion", 5), ("tug_of_war", 4), ("crash", 6)]);
        Self {
            name: "harsh",
            summary: "`standard` with more faults and crashes, shorter tokens and more changes of rights",
            access_token_ms: vec![(4, 8_000..=20_000), (1, 20_000..=60_000)],
            solo_weights,
            bursts: 9..=12,
            burst_weights,
            deactivations: 0..=2,
            faults: 8..=14,
            crashes: 2..=3,
            down_ms: 100..=6_000,
            ..standard
        }
    }

    /// Each history draws which kinds of steps and faults exist in it, and how large it is.
    pub fn swarm() -> Self {
        Self {
            name: "swarm",
            summary: "each seed draws which kinds of steps and faults exist at all, and every size",
            storm_ms: 20_000..=60_000,
            users: 2..=14,
            devices: 3..=24,
            rooms: 1..=8,
            solos: 5..=160,
            bursts: 1..=16,
            deactivations: 0..=2,
            faults: 0..=14,
            crashes: 0..=3,
            outage_ms: 20..=8_000,
            down_ms: 50..=4_000,
            subset: true,
            ..Self::standard()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults;
    use crate::history::strategy::{burst_names, solo_names};

    #[test]
    fn each_name_has_its_profile_and_no_other_name_has() {
        for (name, profile) in Profile::NAMES.into_iter().zip(Profile::all()) {
            assert_eq!(profile.name, name);
            assert_eq!(Profile::named(name), Ok(profile));
        }
        assert_eq!(
            Profile::named("wild").unwrap_err().to_string(),
            "no profile is named `wild`: expected calm, standard, harsh or swarm"
        );
    }

    #[test]
    fn weights_name_kinds_that_exist() {
        let fault_names: Vec<_> = faults::KINDS.iter().map(|kind| kind.name).collect();
        for profile in Profile::all() {
            let check = |weights: &Weights, known: &[&str]| {
                for name in weights.keys() {
                    assert!(known.contains(name), "{}: `{name}` is none of {known:?}", profile.name);
                }
            };
            check(&profile.solo_weights, &solo_names());
            check(&profile.burst_weights, &burst_names());
            check(&profile.fault_weights, &fault_names);
        }
    }

    #[test]
    fn the_standard_profile_draws_each_kind_that_exists() {
        let standard = Profile::standard();
        for name in solo_names() {
            assert!(standard.solo_weights.contains_key(name), "`{name}` is never drawn");
        }
        for name in burst_names() {
            assert!(standard.burst_weights.contains_key(name), "`{name}` is never drawn");
        }
        for kind in faults::KINDS {
            assert!(standard.fault_weights.contains_key(kind.name), "`{}` is never drawn", kind.name);
        }
    }
}
