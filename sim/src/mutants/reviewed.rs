//! Mutants that somebody has looked at and found to change nothing that is promised: `sim/mutants/equivalent.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::{Mutant, MutantsError};

/// A mutant that changes nothing, and why.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// Its file.
    pub file: String,
    /// What it changes: its name, without the place, which moves with every line that is added.
    pub change: String,
    /// The line of its file where it begins.
    pub line: String,
    /// Which of several on the same line, counted from 1; none if it is the only one.
    pub which: Option<usize>,
    /// Why no user can tell it from the server as it is.
    pub because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewed {
    #[serde(default)]
    equivalent: Vec<Equivalent>,
}

/// Reads the list.
///
/// # Errors
/// It cannot be read, or one of them says not why.
pub(super) fn read(file: &Path) -> Result<Vec<Equivalent>, MutantsError> {
    let failed = |reason: String| MutantsError::Reviewed { file: file.to_owned(), reason };
    let text = fs::read_to_string(file).map_err(MutantsError::place("read", file))?;
    let reviewed: Reviewed = toml::from_str(&text).map_err(|error| failed(error.message().to_owned()))?;
    if let Some(empty) = reviewed.equivalent.iter().find(|equivalent| equivalent.because.trim().is_empty()) {
        return Err(failed(format!("`{}` does not say why it changes nothing", empty.change)));
    }
    Ok(reviewed.equivalent)
}

/// Which mutants are listed: their numbers, with the reasons. Of files that are not in `texts` nothing is asked.
///
/// # Errors
/// One that is listed is not there any more, or the list does not say which it is.
pub(super) fn find<'a>(
    file: &Path,
    listed: &'a [Equivalent],
    mutants: &[Mutant],
    texts: &BTreeMap<String, String>,
) -> Result<BTreeMap<u32, &'a Equivalent>, MutantsError> {
    let mut found = BTreeMap::new();
    for equivalent in listed {
        let Some(text) = texts.get(&equivalent.file) else { continue };
        let is_it = |mutant: &&Mutant| {
            mutant.file == equivalent.file
                && mutant.change == equivalent.change
                && mutant.source_line(text) == equivalent.line
        };
        let same: Vec<_> = mutants.iter().filter(is_it).collect();
        let chosen = match equivalent.which {
            None if same.len() > 1 => {
                let reason = format!("`{}` is there {} times: say which = 1 or more", equivalent.change, same.len());
                return Err(MutantsError::Reviewed { file: file.to_owned(), reason });
            }
            which => same.get(which.unwrap_or(1).wrapping_sub(1)),
        };
        let Some(mutant) = chosen else {
            let Equivalent { file: of, change, line, .. } = equivalent;
            let reason = format!(
                "`{change}` in the line `{line}` of {of} is not there any more: take it out, or review it anew"
            );
            return Err(MutantsError::Reviewed { file: file.to_owned(), reason });
        };
        found.insert(mutant.number, equivalent);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::mutant::Genre;
    use super::super::mutant::tests::mutant;
    use super::*;
    use crate::workspace;

    /// Without cargo-mutants: the lines are there, and every reason is a sentence.
    #[test]
    fn what_is_listed_is_about_lines_that_are_there() {
        for equivalent in read(&workspace::equivalent_mutants()).unwrap() {
            let text = fs::read_to_string(workspace::output_folder(equivalent.file.as_ref())).unwrap();
            assert!(text.lines().any(|line| line.trim() == equivalent.line), "{equivalent:?}");
            assert!(equivalent.because.ends_with('.'), "{equivalent:?}");
        }
    }

    #[test]
    fn a_listed_mutant_is_found_by_its_line_wherever_that_is() {
        let text = "fn f() {\n\n    a == b\n}\n";
        let mutants = [mutant(7, text, "==", "!=", Genre::BinaryOperator)];
        let texts = BTreeMap::from([("system/src/file.rs".to_owned(), text.to_owned())]);
        let equivalent = |line: &str, which| Equivalent {
            file: "system/src/file.rs".into(),
            change: "replace == with !=".into(),
            line: line.into(),
            which,
            because: "No.".into(),
        };
        let found = |listed: &[Equivalent], mutants: &[Mutant]| {
            find(Path::new("list"), listed, mutants, &texts)
                .map(|found| found.into_keys().collect::<Vec<_>>())
                .map_err(|error| error.to_string())
        };
        assert_eq!(found(&[equivalent("a == b", None)], &mutants), Ok(vec![7]));
        assert!(found(&[equivalent("a == c", None)], &mutants).unwrap_err().contains("is not there any more"));
        let twice = [mutants[0].clone(), Mutant { number: 8, ..mutants[0].clone() }];
        assert!(found(&[equivalent("a == b", None)], &twice).unwrap_err().contains("is there 2 times"));
        assert_eq!(found(&[equivalent("a == b", Some(2))], &twice), Ok(vec![8]));
        assert!(found(&[equivalent("a == b", Some(0))], &twice).is_err());
        let elsewhere = Equivalent { file: "other.rs".into(), ..equivalent("x", None) };
        assert_eq!(found(&[elsewhere], &mutants), Ok(vec![]));
    }

    #[test]
    fn a_list_without_reasons_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = |text: &str| {
            fs::write(file.path(), text).unwrap();
            read(file.path()).unwrap_err().to_string()
        };
        let without = "[[equivalent]]\nfile = \"a\"\nchange = \"b\"\nline = \"c\"\nbecause = \" \"\n";
        assert!(refused(without).contains("does not say why"));
        assert!(refused("[[equal]]\n").contains("unknown field"));
    }
}
