//! `cargo sim schema`: the published schema of a document for machines.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::to_string_pretty;

use super::Exit;
use super::output::Output;
use super::refusal::Refusal;
use crate::report::published::{KINDS, Kind};
use crate::report::{SchemasReport, text};

const SCHEMAS: &str = "\
Each document of --json says in `report` which it is and in `version` of which form. The version
grows when a field goes or means something else; fields may come at any time. docs/reports.md has
the rest.
For example: cargo sim schema run";

/// `cargo sim schema`
#[derive(Args, Debug)]
#[command(after_help = SCHEMAS)]
pub struct Arguments {
    /// The document; without it, all of them are named
    #[arg(value_name = "REPORT", value_parser = PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)))]
    pub report: Option<String>,
}

/// Runs `cargo sim schema`.
///
/// # Errors
/// Standard output cannot be written to.
pub fn schema(arguments: &Arguments, output: &Output) -> Result<Exit, Refusal> {
    match arguments.report.as_deref().and_then(Kind::named) {
        Some(kind) => {
            let schema = to_string_pretty(&kind.schema()).expect("a schema has only string keys and finite numbers");
            output.text(&(schema + "\n"))?;
        }
        None => output.report(&SchemasReport::new(), text::schemas)?,
    }
    Ok(Exit::Held)
}
