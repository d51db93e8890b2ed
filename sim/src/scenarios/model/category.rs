//! What scenarios are about.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// What a scenario is about: one file each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say all")]
pub enum Category {
    Auth,
    Messaging,
    Rooms,
    Threads,
    Presence,
    Permissions,
    Uploads,
    Quota,
    Recovery,
    Ordering,
    Limits,
    Errors,
    Feed,
    Operation,
    Load,
}

impl Category {
    /// All of them, in the order in which the suite runs them.
    pub const ALL: [Self; 15] = [
        Self::Auth,
        Self::Messaging,
        Self::Rooms,
        Self::Threads,
        Self::Presence,
        Self::Permissions,
        Self::Uploads,
        Self::Quota,
        Self::Recovery,
        Self::Ordering,
        Self::Limits,
        Self::Errors,
        Self::Feed,
        Self::Operation,
        Self::Load,
    ];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Messaging => "messaging",
            Self::Rooms => "rooms",
            Self::Threads => "threads",
            Self::Presence => "presence",
            Self::Permissions => "permissions",
            Self::Uploads => "uploads",
            Self::Quota => "quota",
            Self::Recovery => "recovery",
            Self::Ordering => "ordering",
            Self::Limits => "limits",
            Self::Errors => "errors",
            Self::Feed => "feed",
            Self::Operation => "operation",
            Self::Load => "load",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_in_the_list_and_named_as_it_is_typed() {
        use clap::ValueEnum;
        let typed = Category::value_variants().to_vec();
        assert_eq!(typed, Category::ALL);
        for category in Category::ALL {
            let value = category.to_possible_value().map(|value| value.get_name().to_owned());
            assert_eq!(value.as_deref(), Some(category.name()));
        }
    }
}
