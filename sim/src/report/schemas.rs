//! Which documents there are whose schemas are published.

use schemars::JsonSchema;
use serde::Serialize;

use super::published::{KINDS, Published};

/// The list of all that `cargo sim schema` knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SchemasReport {
    /// Each document.
    pub schemas: Vec<NamedSchema>,
}

/// One document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NamedSchema {
    /// Its name: `report` in the document.
    pub name: &'static str,
    /// The version of its form: `version` in the document.
    pub version: u64,
    /// What is typed to get it, with `--json` where it is a report.
    pub commands: &'static [&'static str],
}

impl SchemasReport {
    /// All of them.
    pub fn new() -> Self {
        let schemas = KINDS.iter();
        let named = schemas.map(|kind| NamedSchema { name: kind.name, version: kind.version, commands: kind.commands });
        Self { schemas: named.collect() }
    }
}

impl Default for SchemasReport {
    fn default() -> Self {
        Self::new()
    }
}

impl Published for SchemasReport {
    const NAME: &'static str = "schema";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim schema"];
}
