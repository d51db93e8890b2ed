//! What exists, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::published::Published;
use crate::judge::{Named, NamedProperty};

/// What exists, of the kinds that were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ListReport {
    /// What must always hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Vec<NamedProperty>>,
    /// What users do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<Named>>,
    /// What can go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Vec<Named>>,
    /// What a fault can wait for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moments: Option<Vec<Named>>,
    /// What histories can be drawn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<Named>>,
    /// Named histories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<Vec<Named>>,
}

impl Published for ListReport {
    const NAME: &'static str = "list";
    const VERSION: u64 = 1;
    const COMMANDS: &'static [&'static str] = &["cargo sim list"];
}
