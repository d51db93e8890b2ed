//! `cargo sim list`: what exists.

use super::Exit;
use super::arguments::{self, Listed};
use super::output::Output;
use super::refusal::Refusal;
use crate::judge::{self, Named, NamedProperty};
use crate::report::ListReport;
use crate::report::text::style::{LABEL, STRONG, paint};
use crate::report::text::{Align, table};
use crate::scenarios::model::Scenario;
use crate::scenarios::{Catalogue, CatalogueError};

/// Runs `cargo sim list`.
///
/// # Errors
/// The scenarios do not go together, or standard output cannot be written to.
pub fn list(arguments: &arguments::List, output: &Output) -> Result<Exit, Refusal> {
    let asked = |listed| arguments.what.is_none_or(|what| what == listed);
    let report = ListReport {
        properties: asked(Listed::Properties).then(judge::properties),
        operations: asked(Listed::Operations).then(judge::operations),
        faults: asked(Listed::Faults).then(judge::faults),
        moments: asked(Listed::Faults).then(judge::moments),
        profiles: asked(Listed::Profiles).then(judge::profiles),
        scenarios: asked(Listed::Scenarios).then(scenarios).transpose()?,
    };
    output.report(&report, text)?;
    Ok(Exit::Held)
}

/// All scenarios, in the order in which they run.
fn scenarios() -> Result<Vec<Named>, CatalogueError> {
    let catalogue = Catalogue::load()?;
    let named = |scenario: &&Scenario| Named { name: scenario.id(), summary: scenario.name() };
    Ok(catalogue.scenarios().iter().map(named).collect())
}

fn text(report: &ListReport) -> String {
    let mut text = String::new();
    if let Some(properties) = &report.properties {
        text.push_str(&format!("{}\n", paint(STRONG, "properties")));
        for property in properties {
            let proves = paint(LABEL, format!("[{}]", property.requirements.join(", ")));
            let NamedProperty { id, statement, does_not_verify, .. } = property;
            text.push_str(&format!("  {id}  {proves}\n    {statement}\n    does not verify: {does_not_verify}\n"));
        }
    }
    text.push_str(&section("operations", report.operations.as_deref()));
    text.push_str(&section("faults", report.faults.as_deref()));
    text.push_str(&section("moments that a fault can wait for", report.moments.as_deref()));
    text.push_str(&section("profiles", report.profiles.as_deref()));
    text.push_str(&section("scenarios", report.scenarios.as_deref()));
    text + &format!("{}  cargo sim run --profile standard\n", paint(LABEL, "next"))
}

fn section(title: &str, named: Option<&[Named]>) -> String {
    let Some(named) = named else { return String::new() };
    let rows: Vec<_> = named.iter().map(|named| [named.name, named.summary].map(str::to_owned)).collect();
    let body = if rows.is_empty() { "  none yet\n".to_owned() } else { table([Align::Left; 2], &rows) };
    format!("{}\n{body}", paint(STRONG, title))
}
