//! Whose connections a fault is about.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Union};
use serde::{Deserialize, Serialize};

use super::Population;

/// Whose connections a fault is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One device: `user/device`.
    Device(String),
    /// All devices of one user.
    User(String),
    /// All devices.
    Everyone,
}

impl Target {
    /// Whether `device` (`user/device`) is meant.
    pub fn covers(&self, device: &str) -> bool {
        match self {
            Self::Device(name) => name == device,
            Self::User(user) => device.split_once('/').is_some_and(|(owner, _)| owner == user),
            Self::Everyone => true,
        }
    }

    /// Mostly one device, sometimes a user, at times everyone.
    pub(super) fn strategy(population: &Population) -> BoxedStrategy<Self> {
        let mut choices = vec![(2, Just(Self::Everyone).boxed())];
        if !population.devices.is_empty() {
            choices.push((6, select(population.devices.clone()).prop_map(Self::Device).boxed()));
        }
        if !population.users.is_empty() {
            choices.push((2, select(population.users.clone()).prop_map(Self::User).boxed()));
        }
        Union::new_weighted(choices).boxed()
    }

    /// One device; everyone where there is none.
    pub(super) fn one_device(population: &Population) -> BoxedStrategy<Self> {
        match &population.devices[..] {
            [] => Just(Self::Everyone).boxed(),
            devices => select(devices.to_vec()).prop_map(Self::Device).boxed(),
        }
    }

    /// The next narrower targets: everyone, then each user, then each of the user's devices.
    pub(super) fn narrower(&self, population: &Population) -> Vec<Self> {
        match self {
            Self::Everyone => population.users.iter().cloned().map(Self::User).collect(),
            Self::User(_) => {
                population.devices.iter().filter(|device| self.covers(device)).cloned().map(Self::Device).collect()
            }
            Self::Device(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(device) => formatter.write_str(device),
            Self::User(user) => write!(formatter, "all devices of {user}"),
            Self::Everyone => formatter.write_str("everyone"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scope;
    use super::*;

    #[test]
    fn targets_narrow_down_to_a_device() {
        let population = Scope::sample().population;
        let users = Target::Everyone.narrower(&population);
        assert_eq!(users, [Target::User("ana".into()), Target::User("ben".into())]);
        let devices = users[0].narrower(&population);
        assert_eq!(devices, [Target::Device("ana/laptop".into()), Target::Device("ana/phone".into())]);
        assert_eq!(devices[0].narrower(&population), []);
    }

    #[test]
    fn a_user_does_not_cover_one_whose_name_begins_alike() {
        assert!(Target::User("ana".into()).covers("ana/phone"));
        assert!(!Target::User("an".into()).covers("ana/phone"));
        assert!(!Target::Device("ana/phone".into()).covers("ana/laptop"));
        assert!(Target::Everyone.covers("ana/phone"));
    }
}
