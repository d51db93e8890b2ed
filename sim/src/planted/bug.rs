//! The catalogue: the folder `sim/planted/` is the list, and each patch says what it is in the lines before its diff.

use std::fs;
use std::path::{Path, PathBuf};

use super::PlantedError;
use super::surroundings::git_apply;
use crate::{judge, workspace};

/// One planted bug.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bug {
    /// The name of its file, without the ending.
    pub name: String,
    /// What the mistake is.
    pub mistake: String,
    /// The property that must catch it.
    pub property: String,
    /// The profile that finds it soonest.
    pub profile: String,
    /// Its file.
    pub patch: PathBuf,
}

/// The ending of the files of planted bugs.
const ENDING: &str = "patch";

/// All planted bugs, by name; with `only`, those.
///
/// # Errors
/// One of `only` does not exist, a file cannot be read, or does not say what it is.
pub fn catalogue(only: &[String]) -> Result<Vec<Bug>, PlantedError> {
    let folder = workspace::planted_bugs();
    let entries = fs::read_dir(&folder).map_err(PlantedError::place("list", &folder))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(PlantedError::place("list", &folder))?.path();
        files.extend(Some(path).filter(|path| path.extension().is_some_and(|ending| ending == ENDING)));
    }
    files.sort();
    let bugs: Vec<Bug> = files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    if let Some(name) = only.iter().find(|name| bugs.iter().all(|bug| bug.name != **name)) {
        let known: Vec<_> = bugs.iter().map(|bug| bug.name.as_str()).collect();
        return Err(PlantedError::Unknown { name: name.clone(), known: known.join(", ") });
    }
    Ok(bugs.into_iter().filter(|bug| only.is_empty() || only.contains(&bug.name)).collect())
}

/// Whether a bug can still be planted in the workspace as it is. Nothing is changed.
///
/// # Errors
/// It cannot: `system` has changed under its patch.
pub fn check(bug: &Bug) -> Result<(), PlantedError> {
    git_apply(bug, &workspace::output_folder(Path::new("")), &["--check"])
}

fn read(file: &Path) -> Result<Bug, PlantedError> {
    let text = fs::read_to_string(file).map_err(PlantedError::place("read", file))?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (mistake, property, profile) =
        header(&text).map_err(|reason| PlantedError::Header { bug: name.clone(), reason })?;
    Ok(Bug { name, mistake, property, profile, patch: file.to_owned() })
}

/// The mistake, the property and the profile of a patch: its lines that begin with `#`, before the diff.
fn header(text: &str) -> Result<(String, String, String), String> {
    let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
    let value = |key: &str| {
        let found = lines.iter().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
        found.ok_or_else(|| format!("expected a line `# {key} ...` before its diff"))
    };
    let (property, profile) = (value("property:")?, value("profile:")?);
    if properties::find(&property).is_none() {
        return Err(format!("`{property}` is no property: see cargo sim list properties"));
    }
    judge::check_profile(&profile).map_err(|error| error.to_string())?;
    let said = lines.iter().filter(|line| !line.starts_with("property:") && !line.starts_with("profile:"));
    let mistake = said.filter(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ");
    if mistake.is_empty() {
        return Err("expected lines `# ...` before its diff that tell the mistake".to_owned());
    }
    Ok((mistake, property, profile))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_bug_says_what_it_is_and_applies() {
        let bugs = catalogue(&[]).unwrap();
        assert!(!bugs.is_empty());
        for bug in &bugs {
            check(bug).unwrap();
            assert!(bug.mistake.ends_with('.'), "{}: the mistake is told in sentences", bug.name);
        }
    }

    #[test]
    fn a_name_that_is_none_is_told_with_those_that_are() {
        let told = catalogue(&["no-such-bug".to_owned()]).unwrap_err().to_string();
        assert!(told.starts_with("`no-such-bug` is no planted bug: expected one of "), "{told}");
    }

    #[test]
    fn a_header_says_all_three() {
        let whole = "# One thing.\n# And another.\n#\n# property: once/idempotency\n# profile: swarm\n\ndiff --git\n";
        let (mistake, property, profile) = header(whole).unwrap();
        assert_eq!(mistake, "One thing. And another.");
        assert_eq!((property.as_str(), profile.as_str()), ("once/idempotency", "swarm"));
        let check = |text: &str, hint: &str| {
            let reason = header(text).unwrap_err();
            assert!(reason.contains(hint), "{reason}");
        };
        check("diff --git\n", "`# property: ...`");
        check("# A.\n# property: once/idempotency\n", "`# profile: ...`");
        check("# A.\n# property: once/upon\n# profile: calm\n", "`once/upon` is no property");
        check("# A.\n# property: once/idempotency\n# profile: mild\n", "no profile is named `mild`");
        check("# property: once/idempotency\n# profile: calm\n", "that tell the mistake");
    }
}
