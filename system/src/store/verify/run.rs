//! One pass over the log, one over the chunks of files, then one over the records.

use std::ops::ControlFlow;

use super::chunks::Chunks;
use super::findings::Findings;
use super::kinds::check_of;
use super::log::Streams;
use super::look::Look;
use crate::store::key::Kind;
use crate::store::view::TableName;
use crate::store::{StoreError, View};

/// Reads everything in `view` and notes what is wrong with it.
///
/// # Errors
/// The database fails: then nothing is known of the rest.
pub fn verify(view: &View<'_>) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    let streams = Streams::read(view, &mut findings)?;
    let chunks = Chunks::read(view, &mut findings)?;
    view.walk(TableName::State, None, &mut |key, value| {
        let Some(kind) = Kind::of(key) else {
            findings.count("unknown records", key.len() + value.len());
            findings.problem("unknown records", &key.escape_ascii().to_string(), "this program knows no such kind");
            return Ok(ControlFlow::Continue(()));
        };
        let (what, check) = check_of(kind);
        findings.count(what, key.len() + value.len());
        check(&mut Look { view, streams: &streams, chunks: &chunks, what, key, value, findings: &mut findings })?;
        Ok(ControlFlow::Continue(()))
    })?;
    streams.require_heads(view, &mut findings)?;
    chunks.require_files(view, &mut findings)?;
    Ok(findings)
}
