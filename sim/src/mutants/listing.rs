//! The mutants that there are: cargo-mutants lists them, here their places become bytes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::area::area;
use super::mutant::{Genre, Mutant};
use super::{Area, MutantsError};

/// What cargo-mutants says of one.
#[derive(Deserialize)]
struct Listed {
    name: String,
    file: String,
    function: Option<Function>,
    span: Span,
    replacement: String,
    genre: Genre,
}

#[derive(Deserialize)]
struct Function {
    return_type: String,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both are counted from 1; columns are characters.
#[derive(Clone, Copy, Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// All mutants of the given areas, and the files that they are in.
pub type Listing = (Vec<Mutant>, BTreeMap<String, String>);

/// Lists the mutants of some areas of the workspace at `root`, in the order of their files.
///
/// # Errors
/// There is no cargo-mutants, it fails, or it says something else than what is known of it.
pub fn list(root: &Path, areas: &[&Area]) -> Result<Listing, MutantsError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsStr::new("cargo").to_owned());
    let output = Command::new(&cargo)
        .args(["mutants", "--list", "--json", "--no-config", "--package", "system"])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(MutantsError::place("run", &cargo))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.lines().next().unwrap_or("without a word").trim_start_matches("error: ").to_owned();
        return Err(MutantsError::List { reason });
    }
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)
        .map_err(|error| MutantsError::List { reason: format!("it says what is not understood: {error}") })?;
    let wanted = |file: &str| area(file).is_some_and(|found| areas.iter().any(|area| area.name == found.name));
    let mut texts = BTreeMap::new();
    let mut mutants = Vec::new();
    for listed in listed.into_iter().filter(|listed| wanted(&listed.file)) {
        if !texts.contains_key(&listed.file) {
            let file = root.join(&listed.file);
            let text = fs::read_to_string(&file).map_err(MutantsError::place("read", &file))?;
            texts.insert(listed.file.clone(), text);
        }
        mutants.push(listed.into_mutant(&texts)?);
    }
    mutants.sort_by(|one, other| (&one.file, one.range.start).cmp(&(&other.file, other.range.start)));
    (1..).zip(&mut mutants).for_each(|(number, mutant)| mutant.number = number);
    Ok((mutants, texts))
}

impl Listed {
    /// Its number is given later, when all are in order.
    fn into_mutant(self, texts: &BTreeMap<String, String>) -> Result<Mutant, MutantsError> {
        let Place { line, column } = self.span.start;
        let text = &texts[&self.file];
        let range = offset(text, self.span.start).zip(offset(text, self.span.end));
        let (start, end) = range.filter(|(start, end)| start <= end).ok_or_else(|| MutantsError::List {
            reason: format!("`{}` is at a place that its file does not have", self.name),
        })?;
        let place = format!("{}:{line}:{column}: ", self.file);
        let change = self.name.strip_prefix(&place).unwrap_or(&self.name).to_owned();
        let returns_impl = self.function.as_ref().is_some_and(|function| function.return_type.contains("impl "));
        let (number, range, Self { file, replacement, genre, .. }) = (0, start..end, self);
        Ok(Mutant { number, file, line, column, change, range, replacement, genre, returns_impl })
    }
}

/// Where a place is in a text, in bytes.
fn offset(text: &str, place: Place) -> Option<usize> {
    let newlines_before = place.line.checked_sub(1)?;
    let before = match newlines_before.checked_sub(1) {
        None => 0,
        Some(last) => text.match_indices('\n').nth(last)?.0 + 1,
    };
    let line = text.get(before..)?.split('\n').next()?;
    let column = place.column.checked_sub(1)?;
    let places = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    Some(before + places.into_iter().nth(column)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let text = "aé = b\nc\n";
        let at = |line, column| offset(text, Place { line, column });
        assert_eq!(at(1, 1), Some(0));
        assert_eq!(at(1, 4), Some(4));
        assert_eq!(at(1, 7), Some(7));
        assert_eq!(at(1, 8), None);
        assert_eq!(at(2, 1), Some(8));
        assert_eq!(at(9, 1), None);
        assert_eq!(at(0, 1), None);
    }

    #[test]
    fn what_is_listed_becomes_a_mutant() {
        let json = r#"{"name":"a.rs:1:4: replace == with !=","package":"system","file":"a.rs","function":null,
            "span":{"start":{"line":1,"column":4},"end":{"line":1,"column":6}},"replacement":"!=","genre":"BinaryOperator"}"#;
        let listed: Listed = serde_json::from_str(json).unwrap();
        let texts = BTreeMap::from([("a.rs".to_owned(), "aé == b".to_owned())]);
        let mutant = listed.into_mutant(&texts).unwrap();
        assert_eq!((&texts["a.rs"][mutant.range.clone()], mutant.change.as_str()), ("==", "replace == with !="));
    }
}
