//! A program with a mutant, in a process of its own that may do what it likes: loop, fill the memory, leave children.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::MutantsError;
use super::switched::{ASKED, VARIABLE};

/// How much memory a process may ask for, in KiB. A run takes a hundredth of it.
const MOST_MEMORY_KIB: u64 = 16 * 1024 * 1024;

/// How many cores a process may keep busy for all of its time. Nobody ends the process of a command that was killed: this
/// does.
const MOST_CORES: u64 = 4;

/// How often it is asked whether it has ended.
const PATIENCE: Duration = Duration::from_millis(20);

/// How a process ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// With which status; none if its time was up.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub output: String,
    /// What it wrote to standard error.
    pub errors: String,
    /// How long it took.
    pub took: Duration,
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// Where.
    pub folder: &'a Path,
    /// What it reads.
    pub input: &'a str,
    /// Its mutant; 0 for none.
    pub mutant: u32,
    /// Where it writes which mutants it reaches, if that is asked for.
    pub asked: Option<&'a Path>,
}

/// Runs a program until it ends or its time is up; then it is ended, with all that it has started.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(run: Run<'_>, time: Duration) -> Result<Ended, MutantsError> {
    let failed = |error| MutantsError::place("run", run.program)(error);
    #[expect(clippy::disallowed_methods, reason = "bounds how long a mutant may take; no run can see it")]
    let began = Instant::now();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v $0 && ulimit -t $1 && shift && exec \"$@\"", &MOST_MEMORY_KIB.to_string()])
        .arg((time.as_secs().saturating_add(1) * MOST_CORES).to_string())
        .arg(run.program)
        .args(run.arguments)
        .current_dir(run.folder)
        .env(VARIABLE, run.mutant.to_string())
        .envs(run.asked.map(|file| (ASKED, file)))
        .env("RUST_BACKTRACE", "0")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut input = child.stdin.take().expect("it is piped");
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let (status, output, errors) = thread::scope(|scope| {
        let output = scope.spawn(|| all_of(output));
        let errors = scope.spawn(|| all_of(errors));
        scope.spawn(move || input.write_all(run.input.as_bytes()).ok());
        let status = wait(&mut child, || began.elapsed() >= time);
        // Whatever it has started and left behind holds what is read here open.
        end_group(&child);
        (status, output.join().unwrap_or_default(), errors.join().unwrap_or_default())
    });
    Ok(Ended { status: status.map_err(failed)?, output, errors, took: began.elapsed() })
}

fn wait(child: &mut Child, is_over: impl Fn() -> bool) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if is_over() {
            end_group(child);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(PATIENCE);
    }
}

/// Ends a process and its children. What has ended by itself is no mistake.
fn end_group(child: &Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
}

fn all_of(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What was written until an error is all that there is to read.
        let _ = stream.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, time: Duration) -> Ended {
        let (program, folder) = (Path::new("sh"), Path::new("/"));
        run(Run { program, arguments: &["-c", script], folder, input: "said", mutant: 7, asked: Some(folder) }, time)
            .unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_process_gets_its_mutant_and_its_input() {
        let ended = shell("cat; echo \" $ACTIVE_MUTANT $ASKED_MUTANTS\"; echo no >&2; exit 3", LONG);
        assert_eq!((ended.output.as_str(), ended.errors.as_str()), ("said 7 /\n", "no\n"));
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
    }

    #[test]
    fn whose_time_is_up_is_ended_with_its_children() {
        let ended = shell("sleep 600 & echo begun; sleep 600", Duration::from_millis(300));
        assert!(ended.status.is_none() && ended.took < LONG);
        assert_eq!(ended.output, "begun\n");
    }

    #[test]
    fn what_a_process_leaves_behind_is_not_waited_for() {
        let ended = shell("sleep 600 & echo begun", LONG);
        assert!(ended.status.is_some_and(|status| status.success()) && ended.took < LONG);
    }

    #[test]
    fn a_process_cannot_take_all_memory_nor_go_on_for_ever() {
        let ended = shell("ulimit -v; ulimit -t", LONG);
        assert_eq!(ended.output, format!("{MOST_MEMORY_KIB}\n{}\n", 61 * MOST_CORES));
    }
}
