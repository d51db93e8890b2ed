//! One run under a watch: what a test must never take for a pass is told apart here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use sim::campaign::Panicked;
use sim::history::History;
use sim::judge::{self, Outcome};

use crate::trouble::Trouble;

/// The longest that a run may take. It takes a fraction of a second, or a few on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// Runs and judges a history. What is no trouble may still be vacuous for some property.
pub fn trial(history: &History) -> Result<Outcome, Trouble> {
    let history = history.clone();
    verdict(within(DEADLINE, move || judge::judge(&history))?)
}

/// The first property that panicked is worse than any that was broken: it says nothing about the server.
fn verdict(outcome: Outcome) -> Result<Outcome, Trouble> {
    if let Some((property, message)) = outcome.panicked() {
        return Err(Trouble::Panicked(format!("the property {property} panicked: {message}")));
    }
    let violated = outcome.violated().next().map(|judgement| judgement.id);
    match violated {
        Some(property) => Err(Trouble::Violated { property, outcome: Box::new(outcome) }),
        None => Ok(outcome),
    }
}

/// Does `work`, unless it panics or takes too long. What takes too long is left behind: it ends with the process.
fn within<T: Send + 'static>(deadline: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    let (sender, receiver) = mpsc::channel();
    let watched = move || {
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    };
    #[expect(clippy::disallowed_methods, reason = "outside of any simulation: watches one from another thread")]
    std::thread::spawn(watched);
    match receiver.recv_timeout(deadline) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(payload)) => Err(Trouble::Panicked(Panicked::new(payload.as_ref()).to_string())),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(Trouble::Hung),
    }
}

#[test]
fn work_that_ends_is_no_trouble() {
    assert_eq!(within(DEADLINE, || 7).ok(), Some(7));
}

#[test]
fn a_panic_of_our_own_is_told() {
    let trouble = within(DEADLINE, || panic!("no such {}", "luck")).map(|()| "passed").unwrap_err();
    assert!(
        matches!(&trouble, Trouble::Panicked(message) if message.ends_with("panicked: no such luck")),
        "{trouble:?}"
    );
}

#[test]
fn a_hang_is_told() {
    let never = || std::thread::park_timeout(DEADLINE);
    let trouble = within(Duration::from_millis(1), never).map(|()| "passed").unwrap_err();
    assert!(matches!(trouble, Trouble::Hung), "{trouble:?}");
}
