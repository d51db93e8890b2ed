//! What is built of the copy, and what the compiler complains of.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::MutantsError;

/// What is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// The `sim` program.
    Simulation,
    /// The server's own tests.
    Tests,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The programs, by their names.
    pub programs: Vec<(String, PathBuf)>,
    /// Every error, if there were any.
    pub complaints: Vec<Complaint>,
    /// Whether cargo was content.
    pub succeeded: bool,
}

/// An error of the compiler.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Complaint {
    /// Its code, such as `E0308`.
    pub code: String,
    /// What it says.
    pub message: String,
    /// The files that it points to, from the copy's root, and the bytes in them: what it is about first.
    pub places: Vec<(String, Range<usize>)>,
}

/// The tests of the server that a mutant meets, those that are soonest done first. `kill` and `memory` measure, and
/// `peers` needs programs of others.
pub(super) const TESTS: [&str; 4] = ["system", "client", "fuzz", "sockets"];

/// The server's code differs in a few lines from build to build, in many small units most are as they were; nobody reads
/// its line numbers.
const SETTINGS: [&str; 4] = [
    "profile.sim.debug=false",
    "profile.sim.package.system.codegen-units=256",
    "profile.sim.package.properties.codegen-units=64",
    "profile.sim.package.sim.codegen-units=64",
];

/// Builds a target of the copy in `tree`.
///
/// # Errors
/// There is no cargo. What the compiler complains of is no error here.
pub(super) fn build(target: Target, tree: &Path, folder: &Path) -> Result<Built, MutantsError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsStr::new("cargo").to_owned());
    let mut command = Command::new(&cargo);
    match target {
        Target::Simulation => command.args(["build", "--package", "sim", "--bin", "sim"]),
        Target::Tests => command
            .args(["test", "--no-run", "--package", "system", "--lib"])
            .args(TESTS.iter().filter(|name| **name != "system").flat_map(|name| ["--test", name])),
    };
    let mut child = command
        .args(["--quiet", "--locked", "--profile", "sim", "--message-format", "json", "--target-dir"])
        .arg(folder)
        .args(SETTINGS.iter().flat_map(|setting| ["--config", setting]))
        .current_dir(tree)
        .env("CARGO_INCREMENTAL", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(MutantsError::place("run", &cargo))?;
    let output = child.stdout.take().expect("it is piped");
    let mut built = Built::default();
    for line in BufReader::new(output).lines() {
        built.read(&line.map_err(MutantsError::place("read what is said by", &cargo))?);
    }
    built.succeeded = child.wait().map_err(MutantsError::place("wait for", &cargo))?.success();
    Ok(built)
}

impl Built {
    /// Reads a line of cargo's; what it says besides errors and programs is nothing that matters.
    fn read(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Line::CompilerMessage { message }) if message.level == "error" => {
                self.complaints.extend(message.complaint());
            }
            Ok(Line::CompilerArtifact { target, executable: Some(executable) }) => {
                self.programs.push((target.name, executable));
            }
            _ => {}
        }
    }

    /// The program of this name.
    pub(super) fn program(&self, name: &str) -> Option<&Path> {
        self.programs.iter().find(|(known, _)| known == name).map(|(_, path)| path.as_path())
    }
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Line {
    CompilerMessage {
        message: Message,
    },
    CompilerArtifact {
        target: ArtifactTarget,
        executable: Option<PathBuf>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct ArtifactTarget {
    name: String,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    code: Option<Code>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Message {
    /// None of the last words, which say only that there were errors.
    fn complaint(self) -> Option<Complaint> {
        let Self { message, code, mut spans, .. } = self;
        if spans.is_empty() && message.starts_with("aborting due to") {
            return None;
        }
        spans.sort_by_key(|span| !span.is_primary);
        let places = spans.into_iter().flat_map(Span::places).collect();
        Some(Complaint { code: code.map(|code| code.code).unwrap_or_default(), message, places })
    }
}

impl Span {
    /// Where it is, and where the macro is called that it is in.
    fn places(self) -> Vec<(String, Range<usize>)> {
        let mut places = vec![(self.file_name, self.byte_start..self.byte_end)];
        places.extend(self.expansion.into_iter().flat_map(|expansion| expansion.span.places()));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_programs_are_read_and_all_else_is_not() {
        let mut built = Built::default();
        built.read(
            r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused","code":null,"spans":[]}}"#,
        );
        built.read(
            r#"{"reason":"compiler-message","message":{"level":"error","message":"mismatched types","code":{"code":"E0308"},
            "spans":[{"file_name":"b.rs","byte_start":1,"byte_end":2,"is_primary":false,"expansion":null},
            {"file_name":"a.rs","byte_start":7,"byte_end":9,"is_primary":true,"expansion":null}]}}"#,
        );
        built.read(r#"{"reason":"compiler-message","message":{"level":"error","message":"aborting due to 1 previous error","code":null,"spans":[]}}"#);
        built.read(r#"{"reason":"compiler-artifact","target":{"name":"sim"},"executable":"/x/sim"}"#);
        built.read(r#"{"reason":"compiler-artifact","target":{"name":"syn"},"executable":null}"#);
        built.read(r#"{"reason":"build-finished","success":true}"#);
        built.read("no JSON");
        let places = vec![("a.rs".to_owned(), 7..9), ("b.rs".to_owned(), 1..2)];
        let message = "mismatched types".to_owned();
        assert_eq!(built.complaints, [Complaint { code: "E0308".into(), message, places }]);
        assert_eq!(built.program("sim"), Some(Path::new("/x/sim")));
        assert_eq!(built.program("syn"), None);
    }
}
