//! What can be asked of any action, whichever operation or fault it is.

use super::{Action, Name, Noun};
use crate::faults::{Fault, Population};

impl Action {
    /// All names in it; none for a fault, which has a target.
    pub fn names(&self) -> Vec<Name<'_>> {
        self.deed().map(|deed| deed.names()).unwrap_or_default()
    }

    /// The device that does it, a new one included; none for the feed and for a fault.
    pub fn device(&self) -> Option<&str> {
        self.names().into_iter().find(|name| name.noun == Noun::Device).map(|name| name.text)
    }

    /// The room that it is about, the new one of a creation included.
    pub fn room(&self) -> Option<&str> {
        self.names().into_iter().find(|name| name.noun == Noun::Room).map(|name| name.text)
    }

    /// The user that it is done to.
    pub fn user(&self) -> Option<&str> {
        self.uses(Noun::User)
    }

    /// The text of the message that it makes.
    pub fn body(&self) -> Option<&str> {
        self.makes(Noun::Message)
    }

    /// What it refers to, of that kind.
    pub fn uses(&self, noun: Noun) -> Option<&str> {
        self.names().into_iter().find(|name| name.noun == noun && !name.makes).map(|name| name.text)
    }

    /// What it makes, of that kind.
    pub fn makes(&self, noun: Noun) -> Option<&str> {
        self.names().into_iter().find(|name| name.noun == noun && name.makes).map(|name| name.text)
    }

    /// The fault, if it is one.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            _ => None,
        }
    }

    /// Who does it: `ana/phone`, `feed` or `fault`.
    pub fn who(&self) -> &str {
        match self {
            Self::Feed(_) => "feed",
            _ => self.device().unwrap_or("fault"),
        }
    }

    /// What they do: `message.send "m17" to general`.
    pub fn what(&self) -> String {
        match self {
            Self::Fault(fault) => fault.describe(),
            operation => operation.deed().map(|deed| deed.what()).unwrap_or_default(),
        }
    }

    /// The same made simpler in one respect, the simplest first.
    pub fn simpler(&self, population: &Population) -> Vec<Self> {
        match self {
            Self::Fault(fault) => fault.simpler(population).into_iter().map(Self::Fault).collect(),
            operation => operation.deed().map(|deed| deed.simpler()).unwrap_or_default(),
        }
    }
}

/// Whether `device` is one of `user`'s.
pub(super) fn is_own(device: &str, user: &str) -> bool {
    device.split_once('/').is_some_and(|(owner, _)| owner == user)
}
