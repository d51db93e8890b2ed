//! A worker process from outside: given a task, watched while it runs, killed when it hangs, replaced when it has died.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::wire::{Reply, Task};

/// How much is kept of what a worker says on standard error.
const WORDS_BYTES: usize = 8_192;

/// How a worker is started.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The arguments after the program's name.
    pub arguments: Vec<String>,
    /// After how long without a reply a run counts as hung.
    pub patience: Duration,
}

/// How a task ended.
#[derive(Debug)]
pub enum End {
    /// The worker replied.
    Replied(Reply),
    /// It did not, for too long. It was killed.
    Hung,
    /// It died: how, and its last words.
    Died(String),
}

/// There is no worker.
#[derive(Debug, thiserror::Error)]
#[error("a worker process cannot be started: {0}")]
pub struct NoWorker(#[from] io::Error);

/// A worker process, or the place for one.
#[derive(Debug)]
pub struct Runner<'a> {
    plan: &'a Plan,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    process: Child,
    input: ChildStdin,
    replies: Receiver<String>,
    words: Arc<Mutex<Vec<u8>>>,
    listener: Option<thread::JoinHandle<()>>,
}

impl<'a> Runner<'a> {
    /// A place for a worker, which is started with the first task.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, worker: None }
    }

    /// Runs a task.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn run(&mut self, task: &Task) -> Result<End, NoWorker> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start(self.plan)?,
        };
        let mut line = serde_json::to_vec(task).expect("a task has string keys");
        line.push(b'\n');
        if worker.input.write_all(&line).and_then(|()| worker.input.flush()).is_err() {
            return Ok(End::Died(worker.last_words()));
        }
        match worker.replies.recv_timeout(self.plan.patience) {
            Err(RecvTimeoutError::Timeout) => {
                drop(worker);
                Ok(End::Hung)
            }
            Err(RecvTimeoutError::Disconnected) => Ok(End::Died(worker.last_words())),
            Ok(line) => match serde_json::from_str(&line) {
                Ok(reply) => {
                    self.worker = Some(worker);
                    Ok(End::Replied(reply))
                }
                // Half a line: it died while it wrote.
                Err(_) => Ok(End::Died(worker.last_words())),
            },
        }
    }
}

impl Worker {
    #[expect(clippy::disallowed_methods, reason = "drains pipes of another process; no run can see it")]
    fn start(plan: &Plan) -> Result<Self, NoWorker> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(&plan.arguments).env("RUST_BACKTRACE", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for the campaign, which lets its workers finish.
        command.process_group(0);
        let mut process = command.spawn()?;
        let (input, output, errors) = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (input, output, mut errors) =
            (input.expect("it is piped"), output.expect("it is piped"), errors.expect("it is piped"));
        let (sender, replies) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let words = Arc::new(Mutex::new(Vec::new()));
        let heard = words.clone();
        let listener = thread::spawn(move || {
            let mut buffer = [0; 1_024];
            while let Ok(count @ 1..) = errors.read(&mut buffer) {
                let mut words = heard.lock().unwrap_or_else(PoisonError::into_inner);
                words.extend_from_slice(&buffer[..count]);
                let surplus = words.len().saturating_sub(WORDS_BYTES);
                words.drain(..surplus);
            }
        });
        Ok(Self { process, input, replies, words, listener: Some(listener) })
    }

    /// How it died, and what it said.
    fn last_words(mut self) -> String {
        // It has closed its output, so it is dying or about to.
        let _ = self.process.kill();
        let status = self.process.wait();
        if let Some(listener) = self.listener.take() {
            // A listener that panicked has told what there was to tell.
            let _ = listener.join();
        }
        let how = match status {
            Ok(status) => match status.signal() {
                Some(signal) => format!("the process was ended by signal {signal}"),
                None => format!("the process ended with {}", status.code().unwrap_or_default()),
            },
            Err(error) => format!("nobody knows how the process ended: {error}"),
        };
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let words = String::from_utf8_lossy(&words).trim().to_owned();
        if words.is_empty() { how } else { format!("{how}\n{words}") }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
