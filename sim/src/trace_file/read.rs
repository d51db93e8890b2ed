//! Reading a trace file: all of it is what its closing line says, or it is refused.

use std::fs;
use std::path::Path;

use properties::trace::{Entry, Trace};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::format::{About, End, FORMAT, HEAD, Header, VERSION, hash};
use super::problem::{Problem, TraceError};

/// A trace that was kept in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Of which run it is.
    pub about: About,
    /// What was observed.
    pub trace: Trace,
    /// The head of the run's hash chain, as it was when the trace was written.
    pub fingerprint: String,
}

/// Reads a trace from a file.
///
/// # Errors
/// The file cannot be read, or is not what [`parse`] reads.
pub fn load(path: &Path) -> Result<Kept, TraceError> {
    let bytes = fs::read(path).map_err(Problem::Unreadable);
    bytes.and_then(|bytes| parse(&bytes)).map_err(|problem| TraceError { path: path.to_owned(), problem })
}

/// Reads what [`super::to_text`] wrote.
///
/// # Errors
/// It is no trace, of another version, cut off, changed, or has a line that cannot be read.
pub fn parse(bytes: &[u8]) -> Result<Kept, Problem> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::Empty);
    }
    if is_the_beginning_of_a_header(bytes) {
        return Err(Problem::CutOff { entries: 0 });
    }
    let mark = mark(first)?;
    // Whole lines only: what comes behind the last line feed was cut off within a line.
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    lines.retain(|line| line.ends_with(b"\n"));
    let closing = lines.pop_if(|_| bytes.ends_with(b"\n"));
    let Some(End { end }) = closing.and_then(|last| serde_json::from_slice(last).ok()) else {
        let entries = lines.len() as u64 + u64::from(closing.is_some());
        return Err(Problem::CutOff { entries: entries.saturating_sub(1) });
    };
    let found = (lines.len() as u64).saturating_sub(1);
    if end.entries != found {
        return Err(Problem::Miscounted { counted: end.entries, found });
    }
    let read = header_and_entries(&lines);
    let hash = hash(&bytes[..bytes.len() - closing.map_or(0, <[u8]>::len)]);
    if end.hash != hash {
        return Err(Problem::Changed {
            written: end.hash,
            found: hash,
            unreadable: read.err().map(|(number, _)| number),
        });
    }
    let (about, entries) =
        read.map_err(|(number, error)| Problem::Line { number, reason: error.to_string(), commit: mark.commit })?;
    Ok(Kept { about, trace: Trace { entries }, fingerprint: end.fingerprint })
}

/// What the lines say that come before the closing one; else the number of the first that cannot be read, and why.
fn header_and_entries(lines: &[&[u8]]) -> Result<(About, Vec<Entry>), (u64, serde_json::Error)> {
    let (first, entries) = lines.split_first().map_or((&b""[..], &[][..]), |(first, entries)| (*first, entries));
    let Header { about, .. } = serde_json::from_slice(first).map_err(|error| (1, error))?;
    let read = |(number, line): (u64, &&[u8])| serde_json::from_slice(line).map_err(|error| (number, error));
    Ok((about, (2..).zip(entries).map(read).collect::<Result<_, _>>()?))
}

/// What must be known of a file before anything else is looked at.
struct Mark {
    commit: String,
}

fn mark(first: &[u8]) -> Result<Mark, Problem> {
    #[derive(Deserialize)]
    struct Marked {
        format: String,
        version: u64,
        #[serde(default)]
        commit: String,
    }
    match serde_json::from_slice::<Marked>(first) {
        Ok(Marked { format, version, commit }) if format == FORMAT => match version {
            VERSION => Ok(Mark { commit }),
            found => Err(Problem::Version { found, commit }),
        },
        _ => Err(other(first)),
    }
}

/// Whether a file ends within a first line such as ours.
fn is_the_beginning_of_a_header(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD.as_bytes()) && !bytes.contains(&b'\n')
}

/// What a file is that is no trace, by its first line.
fn other(first: &[u8]) -> Problem {
    let fields = serde_json::from_slice::<Map<String, Value>>(first).unwrap_or_default();
    if fields.contains_key("at") && fields.contains_key("what") {
        Problem::Unversioned
    } else if first.trim_ascii() == b"{" {
        Problem::History
    } else {
        Problem::NotATrace
    }
}
