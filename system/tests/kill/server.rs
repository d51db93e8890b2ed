//! The real program, which is killed.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The configuration file in the directory.
const SETTINGS: &str = "stormglass.toml";

/// A running program. It is killed when this is dropped.
pub struct Server {
    child: Child,
    printed: PathBuf,
}

impl Server {
    /// Writes the settings of every server in `directory`.
    pub fn prepare(directory: &Path, settings: &str) {
        fs::write(directory.join(SETTINGS), settings).unwrap();
    }

    /// Starts it. It serves only later: see [`Server::address`].
    pub fn start(directory: &Path) -> Self {
        let printed = directory.join("printed");
        let file = |path: &Path| Stdio::from(File::create(path).unwrap());
        let child = program(directory)
            .stdin(Stdio::null())
            .stdout(file(&printed))
            .stderr(file(&directory.join("logged")))
            .spawn()
            .expect("the program starts");
        Self { child, printed }
    }

    /// Waits until it serves; where.
    pub async fn address(&mut self) -> SocketAddr {
        let serves = async {
            loop {
                let printed = fs::read_to_string(&self.printed).unwrap();
                if let Some((_, rest)) = printed.split_once("stormglass serves http://")
                    && let Some((address, _)) = rest.split_once(' ')
                {
                    return address.parse().expect("it says where");
                }
                if let Some(status) = self.child.try_wait().unwrap() {
                    let logged = fs::read_to_string(self.printed.with_file_name("logged")).unwrap();
                    panic!("it ended with {status} instead of serving: {logged}");
                }
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(PATIENCE, serves).await.expect("it serves")
    }

    /// `kill -9`: it does nothing more, at whatever it was.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // On Unix this is SIGKILL. It may have ended already, which `address` would have told.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `stormglass verify` on what the dead server left: the events that it counted.
pub fn verify(directory: &Path) -> u64 {
    let output = program(directory).arg("verify").output().expect("the program starts");
    let (found, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && found.contains(": whole"), "the database is not whole: {found}{said}");
    let events = found.lines().find(|line| line.ends_with("  events")).expect("the table has a line of events");
    events.split_whitespace().next().unwrap().parse().unwrap()
}

fn program(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stormglass"));
    // Nothing of the machine's own environment may set anything.
    command.env_clear().current_dir(directory).args(["--config", SETTINGS]);
    command
}
