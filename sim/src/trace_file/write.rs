//! Writing a trace file.

use std::path::Path;
use std::{fs, io};

use serde::Serialize;

use super::format::{About, Closing, End, FORMAT, HEAD, Header, VERSION, hash};
use crate::judge;
use crate::world::Run;

/// The trace of a run, as [`super::parse`] reads it.
pub fn to_text(about: &About, run: &Run) -> String {
    let mut text = String::new();
    let header = Header { format: FORMAT.to_owned(), version: VERSION, about: about.clone() };
    append(&mut text, &header);
    for entry in &run.trace.entries {
        append(&mut text, entry);
    }
    let (entries, fingerprint) = (run.trace.entries.len() as u64, judge::hex(run.fingerprint));
    let end = End { end: Closing { entries, fingerprint, hash: hash(text.as_bytes()) } };
    append(&mut text, &end);
    text
}

/// Writes the trace of a run to a file, and makes the folders that lead there.
///
/// # Errors
/// The operating system refuses.
pub fn save(path: &Path, about: &About, run: &Run) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, to_text(about, run))
}

/// Whether nothing is lost when a trace is written to a file that a person named: nothing is there yet, or another trace.
///
/// # Errors
/// What is there cannot be read.
pub fn may_write(path: &Path) -> io::Result<bool> {
    match fs::read(path) {
        Ok(there) => Ok(there.is_empty() || there.starts_with(HEAD.as_bytes())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

fn append(text: &mut String, line: &impl Serialize) {
    text.push_str(&serde_json::to_string(line).expect("a trace has only string keys and finite numbers"));
    text.push('\n');
}
