//! Other builds of this program: what another profile of cargo makes of the same code.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::refusal::Refusal;
use crate::workspace;

/// A program that runs what this one runs.
#[derive(Clone, Debug)]
pub struct Build {
    /// What reports call it.
    pub name: String,
    /// Where it is.
    pub program: PathBuf,
}

/// One line of what cargo says of itself, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

impl Build {
    /// This program.
    ///
    /// # Errors
    /// Its file cannot be found.
    pub fn this(name: &str) -> Result<Self, Refusal> {
        let found = env::current_exe().map_err(|error| Refusal::SecondProcess(format!("could not be found: {error}")));
        Ok(Self { name: name.to_owned(), program: found? })
    }

    /// The same code as that profile of cargo builds it, built now.
    ///
    /// # Errors
    /// cargo cannot be run, knows no such profile or cannot build it.
    pub fn of_profile(profile: &str) -> Result<Self, Refusal> {
        let failed = |why: String| Refusal::Build { profile: profile.to_owned(), why };
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "build",
                "--quiet",
                "--package",
                "sim",
                "--bin",
                "sim",
                "--message-format",
                "json-render-diagnostics",
            ])
            .args(["--profile", profile])
            .current_dir(workspace::output_folder("".as_ref()))
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(format!("cargo failed ({})", output.status)));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let mut programs = said.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable);
        let program = programs.next_back().ok_or_else(|| failed("cargo names no program".to_owned()))?;
        Ok(Self { name: format!("build {profile}"), program })
    }
}
