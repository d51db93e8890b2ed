//! Campaigns: many pieces of work on worker threads, their results handed over in order.
//!
//! Whoever looks at the results cannot tell how many workers there were: this is what makes a report equal for any
//! number of jobs. Work that panics is an error of that piece of work, and of nothing else. What the work is, nobody
//! here knows; each simulation in it runs on a fresh thread of its own (see [`crate::world::run`]).

use std::any::Any;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

/// How far the workers may run ahead of the oldest result that is still missing, for each worker. It bounds the
/// memory that results take which cannot be handed over yet.
const AHEAD: u64 = 16;

/// A piece of work that panicked: our own bug, never the server's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("our own code panicked: {message}")]
pub struct Panicked {
    /// What the panic said.
    pub message: String,
}

impl Panicked {
    /// A panic, by its payload.
    pub fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Self { message: text.unwrap_or_else(|| "without a message".to_owned()) }
    }
}

/// Does `work` for each number below `count` on `jobs` threads, and hands each result to `each`, by number.
///
/// It ends early when `each` breaks; pieces of work that are under way then are finished and thrown away.
pub fn in_order<T: Send>(
    count: u64,
    jobs: NonZeroUsize,
    work: impl Fn(u64) -> T + Sync,
    mut each: impl FnMut(u64, Result<T, Panicked>) -> ControlFlow<()>,
) {
    let shared = Shared::default();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let workers = u64::try_from(jobs.get()).unwrap_or(u64::MAX).min(count);
        for _ in 0..workers {
            let (sender, shared, work) = (sender.clone(), &shared, &work);
            scope.spawn(move || {
                while let Some(number) = shared.take(count, workers * AHEAD) {
                    let result = catch_unwind(AssertUnwindSafe(|| work(number)))
                        .map_err(|payload| Panicked::new(payload.as_ref()));
                    if sender.send((number, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        hand_over(&receiver, &shared, &mut each);
        shared.stop.store(true, Ordering::Relaxed);
    });
}

/// The results of `work` on `jobs` threads, in order; the first error ends it, and a panic is one by `panicked`.
///
/// # Errors
/// Some piece of work failed or panicked.
pub fn collect<T: Send, E: Send>(
    count: u64,
    jobs: NonZeroUsize,
    panicked: impl Fn(u64, Panicked) -> E,
    work: impl Fn(u64) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let mut collected = Ok(Vec::new());
    in_order(count, jobs, work, |index, result| {
        let result = result.map_err(|source| panicked(index, source)).and_then(|result| result);
        match (result, &mut collected) {
            (Ok(one), Ok(all)) => {
                all.push(one);
                ControlFlow::Continue(())
            }
            (Err(error), _) => {
                collected = Err(error);
                ControlFlow::Break(())
            }
            (Ok(_), Err(_)) => ControlFlow::Break(()),
        }
    });
    collected
}

/// What the workers agree on.
#[derive(Default)]
struct Shared {
    next: AtomicU64,
    handed_over: AtomicU64,
    stop: AtomicBool,
}

impl Shared {
    /// The next number to work on; waits while the workers are too far ahead.
    fn take(&self, count: u64, ahead: u64) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        loop {
            if number >= count || self.stop.load(Ordering::Relaxed) {
                return None;
            }
            if number < self.handed_over.load(Ordering::Relaxed).saturating_add(ahead) {
                return Some(number);
            }
            thread::park_timeout(std::time::Duration::from_millis(5));
        }
    }
}

fn hand_over<T>(
    results: &mpsc::Receiver<(u64, Result<T, Panicked>)>,
    shared: &Shared,
    each: &mut impl FnMut(u64, Result<T, Panicked>) -> ControlFlow<()>,
) {
    let mut early = BTreeMap::new();
    let mut due = 0;
    for (number, result) in results {
        early.insert(number, result);
        while let Some(result) = early.remove(&due) {
            if each(due, result).is_break() {
                return;
            }
            due += 1;
            shared.handed_over.store(due, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    #[test]
    fn results_come_in_order_for_any_number_of_jobs() {
        for count_of_jobs in [1, 2, 7, 500] {
            let mut seen = Vec::new();
            in_order(
                200,
                jobs(count_of_jobs),
                |number| {
                    // The earlier, the slower: the order of completion is not the order of the numbers.
                    thread::sleep(std::time::Duration::from_micros((200 - number) * 5));
                    number * number
                },
                |number, result| {
                    seen.push((number, result.unwrap()));
                    ControlFlow::Continue(())
                },
            );
            assert_eq!(seen, (0..200).map(|number| (number, number * number)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn it_ends_when_told_to() {
        let mut seen = Vec::new();
        in_order(
            u64::MAX,
            jobs(3),
            |number| number,
            |number, _| {
                seen.push(number);
                if number == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(seen, (0..=10).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_is_an_error_of_its_own_piece_of_work() {
        let mut seen = Vec::new();
        in_order(
            3,
            jobs(2),
            |number| assert_ne!(number, 1, "one is bad"),
            |_, result| {
                seen.push(result.map_err(|panicked| panicked.message.lines().next().unwrap_or_default().to_owned()));
                ControlFlow::Continue(())
            },
        );
        assert_eq!(seen[0], Ok(()));
        assert!(seen[1].as_ref().unwrap_err().contains("one is bad"));
        assert_eq!(seen[2], Ok(()));
    }
}
