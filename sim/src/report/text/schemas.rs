//! The list of published schemas.

use super::style::{LABEL, paint};
use super::table::{Align, table};
use crate::report::SchemasReport;

/// A line for each, and how to see one.
pub fn schemas(report: &SchemasReport) -> String {
    let mut rows = vec![["document", "version", "written by"].map(str::to_owned)];
    let row = |schema: &crate::report::schemas::NamedSchema| {
        [schema.name.to_owned(), schema.version.to_string(), schema.commands.join(", ")]
    };
    rows.extend(report.schemas.iter().map(row));
    let table = table([Align::Left, Align::Right, Align::Left], &rows);
    format!("{table}\n{}  cargo sim schema run\n", paint(LABEL, "next"))
}
