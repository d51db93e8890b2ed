//! What every document of `--json` begins with, and the schema that is published of each (JSON Schema 2020-12).
//!
//! A document says in `report` which it is and in `version` of which form. The version of a report grows when a reader of
//! the form before could misread it: a field that goes, or means something else. A field that comes is no reason; readers
//! pass over what they do not know. The schemas are under snapshot, so no change of a form goes unseen.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::mutants::ReviewedReport;
use super::{
    AppliedReport, CampaignReport, DeterminismReport, FailureReport, FuzzReport, JudgeReport, ListReport,
    MutantsReport, PlantedReport, ReplayReport, SchemasReport, WorstReport,
};
use crate::load::LoadReport;
use crate::scenarios::SuiteReport;
use crate::trace_file;

/// A report that `--json` writes.
pub trait Published: Serialize + JsonSchema {
    /// Its name, for ever.
    const NAME: &'static str;
    /// The version of its form.
    const VERSION: u64;
    /// What is typed to get it.
    const COMMANDS: &'static [&'static str];
}

/// A document whose schema is published.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The version of its form.
    pub version: u64,
    /// What is typed to get it.
    pub commands: &'static [&'static str],
    schema: fn() -> Value,
}

/// Every document whose schema is published.
pub const KINDS: &[Kind] = &[
    Kind::of::<CampaignReport>(),
    Kind::of::<WorstReport>(),
    Kind::of::<ReplayReport>(),
    Kind::of::<FailureReport>(),
    Kind::of::<JudgeReport>(),
    Kind::of::<FuzzReport>(),
    Kind::of::<DeterminismReport>(),
    Kind::of::<PlantedReport>(),
    Kind::of::<AppliedReport>(),
    Kind::of::<MutantsReport>(),
    Kind::of::<ReviewedReport>(),
    Kind::of::<SuiteReport>(),
    Kind::of::<LoadReport>(),
    Kind::of::<ListReport>(),
    Kind::of::<SchemasReport>(),
    TRACE,
];

/// Each line of a trace file: no report, but read by programs all the same.
const TRACE: Kind = Kind {
    name: "trace",
    version: trace_file::VERSION,
    commands: &["cargo sim replay --trace"],
    schema: schema_of_trace,
};

impl Kind {
    const fn of<R: Published>() -> Self {
        Self { name: R::NAME, version: R::VERSION, commands: R::COMMANDS, schema: schema_of::<R> }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Its schema.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// A report as its document has it.
#[derive(Serialize)]
pub(super) struct Document<'a, R> {
    report: &'static str,
    version: u64,
    #[serde(flatten)]
    body: &'a R,
}

impl<'a, R: Published> Document<'a, R> {
    pub(super) fn of(body: &'a R) -> Self {
        Self { report: R::NAME, version: R::VERSION, body }
    }
}

fn schema_of<R: Published>() -> Value {
    let mut schema = root::<R>(R::NAME, R::VERSION);
    let mark = |description: &str, value: Value| json!({"description": description, "const": value});
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert("report".into(), mark("Which report this is.", R::NAME.into()));
        properties.insert("version".into(), mark("The version of its form.", R::VERSION.into()));
    }
    if let Some(required) = schema["required"].as_array_mut() {
        required.splice(0..0, ["report".into(), "version".into()]);
    } else {
        schema["required"] = json!(["report", "version"]);
    }
    schema
}

fn schema_of_trace() -> Value {
    root::<trace_file::Line>(TRACE.name, TRACE.version)
}

fn root<T: JsonSchema>(name: &str, version: u64) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    schema["$id"] = format!("urn:stormglass:{name}:{version}").into();
    schema
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_schema_is_one_and_has_a_name_of_its_own() {
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            let schema = kind.schema();
            jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{}: {error}", kind.name));
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            assert!(Kind::named(kind.name).is_some_and(|found| found.version == kind.version));
            assert!(kind.commands.iter().all(|command| command.starts_with("cargo sim ")), "{:?}", kind.commands);
        }
        assert!(Kind::named("none").is_none());
    }

    #[test]
    fn a_document_begins_with_what_it_is() {
        let text = super::super::json::document(&SchemasReport::new());
        assert!(text.starts_with("{\n  \"report\": \"schema\",\n  \"version\": 1,\n"), "{text}");
    }
}
