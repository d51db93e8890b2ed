//! The server under load: its release build, in a process of its own, on a directory of its own.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use system::Config;
use tempfile::TempDir;

use crate::workspace;

/// Why there is no server to measure.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// cargo could not build it.
    #[error("the server could not be built: run `cargo build --release --package system`")]
    Build,
    /// Its program could not be started or watched.
    #[error("the server's program cannot be run: {0}")]
    Process(#[from] io::Error),
    /// It ended before it served.
    #[error("the server ended before it served: {0}")]
    Ended(String),
}

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    /// Its data, which goes with it.
    _directory: TempDir,
    /// Where it serves.
    pub(crate) address: SocketAddr,
}

/// Where the release build is.
#[derive(Clone, Debug)]
pub(crate) struct Program(PathBuf);

impl Program {
    /// Builds it.
    pub(crate) fn build() -> Result<Self, ServerError> {
        let root = workspace::output_folder("".as_ref());
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let target = workspace::output_folder("target".as_ref());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", "system", "--bin", "stormglass", "--target-dir"])
            .arg(&target)
            .current_dir(root)
            .status()?;
        if !built.success() {
            return Err(ServerError::Build);
        }
        Ok(Self(target.join("release/stormglass")))
    }

    /// Starts it on an empty directory, with these settings on top of the defaults.
    pub(super) fn start(&self, settings: &[(&str, &str)]) -> Result<ServerProcess, ServerError> {
        self.launch(settings, tempfile::tempdir()?, &[])
    }

    /// Starts it on an empty directory, with exactly these settings, but where it listens and keeps its data.
    pub(crate) fn start_with(&self, config: &Config) -> Result<ServerProcess, ServerError> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("stormglass.toml");
        let settings = toml::to_string(config).map_err(io::Error::other)?;
        fs::write(&file, settings)?;
        // Secrets are never written to files.
        let token = [("STORMGLASS_OPERATOR__TOKEN", config.operator.token.reveal())];
        self.launch(&token, directory, &["--config".as_ref(), file.as_os_str()])
    }

    #[expect(clippy::disallowed_methods, reason = "drains a pipe of another process; no run can see it")]
    fn launch(
        &self,
        settings: &[(&str, &str)],
        directory: TempDir,
        flags: &[&OsStr],
    ) -> Result<ServerProcess, ServerError> {
        let mut command = Command::new(&self.0);
        command.env_clear().envs(settings.iter().copied()).env("RUST_LOG", "warn");
        command.args(["--listen", "127.0.0.1:0", "--data-directory"]).arg(directory.path().join("data"));
        command.args(flags);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let address = first.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
        let Some(address) = address else {
            // It is being given up anyway; what it said is the reason.
            let _ = child.kill();
            return Err(ServerError::Ended(first));
        };
        // The rest is for people; a pipe that nobody reads would stop the server.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(ServerProcess { child, _directory: directory, address })
    }
}

impl ServerProcess {
    /// The memory that it holds now, in bytes.
    pub(crate) fn memory_bytes(&self) -> Result<u64, ServerError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.map(|kib| kib * 1_024).ok_or_else(|| ServerError::Ended("its memory cannot be read".to_owned()))
    }

    /// The processor time that it has used so far.
    pub(crate) fn processor_time(&self) -> Result<Duration, ServerError> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in parentheses, may hold anything; the fields after it are numbers (proc(5): 14 and 15).
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
        match (ticks(11), ticks(12)) {
            // Linux counts in hundredths of a second (USER_HZ).
            (Some(user), Some(system)) => Ok(Duration::from_millis((user + system) * 10)),
            _ => Err(ServerError::Ended("its processor time cannot be read".to_owned())),
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
