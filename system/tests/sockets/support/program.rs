//! The real program: started, watched, stopped and killed like any other process.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Longer than anything that a healthy program does here, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program. It is killed when this is dropped.
pub struct Program {
    child: Child,
    output: TempDir,
    /// Where it says that it serves.
    pub address: SocketAddr,
}

/// A program that ended before it served.
#[derive(Debug)]
pub struct Refused {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// Starts it in `directory` with these arguments and waits until it serves.
    pub async fn start(directory: &Path, arguments: &[&str]) -> Self {
        match Self::try_start(directory, arguments, &[]).await {
            Ok(program) => program,
            Err(refused) => panic!("it did not start: {refused:?}"),
        }
    }

    /// Starts it, and waits until it serves or ends.
    pub async fn try_start(
        directory: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self, Refused> {
        let output = tempfile::tempdir().unwrap();
        let file = |name: &str| Stdio::from(File::create(output.path().join(name)).unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_stormglass"));
        // Nothing of the machine's own environment may set anything.
        command.env_clear().envs(environment.iter().copied());
        // But where coverage is measured (`.ci/coverage`), or what tests notice (docs/mutants.md), the program has to hear of it.
        for measured in ["LLVM_PROFILE_FILE", "ACTIVE_MUTANT", "ASKED_MUTANTS"] {
            command.envs(std::env::var_os(measured).map(|value| (measured, value)));
        }
        command.current_dir(directory).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).spawn().unwrap();
        let served = timeout(PATIENCE, async {
            loop {
                let ended = child.try_wait().unwrap();
                let stdout = fs::read_to_string(output.path().join("out")).unwrap();
                if let Some(status) = ended {
                    let stderr = fs::read_to_string(output.path().join("err")).unwrap();
                    return Err(Refused { code: status.code(), stdout, stderr });
                }
                // The last printed line is complete: so is everything before it.
                if stdout.contains("\"follow\":\"all\"}}\n") {
                    return Ok(address_in(&stdout));
                }
                sleep(Duration::from_millis(5)).await;
            }
        });
        let address = served.await.expect("it serves or ends")?;
        Ok(Self { child, output, address })
    }

    /// What it printed so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.output.path().join("out")).unwrap()
    }

    /// What it logged so far.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.output.path().join("err")).unwrap()
    }

    /// Tells it to end.
    pub fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, ended).await.expect("it ends")
    }

    /// `kill -9`: it does nothing more, at whatever it was.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a program that must not serve: how it ended.
pub async fn refused(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Refused {
    match Program::try_start(directory, arguments, environment).await {
        Ok(_) => panic!("it serves with {arguments:?} {environment:?}"),
        Err(refused) => refused,
    }
}

fn address_in(stdout: &str) -> SocketAddr {
    let (_, rest) = stdout.split_once("stormglass serves http://").expect("it says where");
    rest.split_whitespace().next().unwrap().parse().unwrap()
}
