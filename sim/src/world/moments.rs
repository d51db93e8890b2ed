//! Who waits for which moment, and what is due when it comes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use properties::trace::Observation;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::faults::{Lookout, Moment};

/// How often a kind of moment was waited for, and came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MomentCount {
    /// Waited for.
    pub awaited: u64,
    /// Of these, how many came in time.
    pub came: u64,
}

/// What happens when a moment comes.
type Due = Box<dyn FnOnce() + Send>;

/// Everybody who waits. Clones are the same list.
#[derive(Clone, Default)]
pub(super) struct Moments(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    counts: BTreeMap<&'static str, MomentCount>,
}

struct Waiting {
    lookout: Lookout,
    until: Duration,
    due: Due,
}

impl Moments {
    /// Does `due` when `moment` comes, if within that time.
    pub(super) fn wait(&self, moment: Moment, within: Duration, due: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        state.counts.entry(moment.kind()).or_default().awaited += 1;
        let (lookout, until) = (Lookout::new(moment), clock::elapsed() + within);
        state.waiting.push(Waiting { lookout, until, due: Box::new(due) });
    }

    /// Whether anybody waits.
    pub(super) fn is_awaited(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// Takes notice of an observation, and does what is due. Whatever that leads to is observed after it.
    pub(super) fn notice(&self, what: &Observation) {
        let mut state = self.lock();
        let now = clock::elapsed();
        let State { waiting, counts } = &mut *state;
        let mut due = Vec::new();
        let mut still = Vec::with_capacity(waiting.len());
        for mut one in std::mem::take(waiting) {
            if one.until < now {
                continue;
            }
            if one.lookout.sees(what) {
                counts.entry(one.lookout.moment().kind()).or_default().came += 1;
                due.push(one.due);
            } else {
                still.push(one);
            }
        }
        *waiting = still;
        drop(state);
        for act in due {
            act();
        }
    }

    /// Nobody waits any more: what has not come by now does not come.
    pub(super) fn forget(&self) {
        let waiting = std::mem::take(&mut self.lock().waiting);
        drop(waiting);
    }

    /// The counts so far.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, MomentCount> {
        self.lock().counts.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use system::protocol::{RoomId, StreamId};

    use super::*;
    use crate::faults::Matter;
    use crate::interpose;

    fn commit() -> Observation {
        Observation::Committed {
            stream: StreamId::Room(RoomId(uuid::Uuid::nil())),
            seq: 1,
            kind: "message.created".into(),
        }
    }

    #[test]
    fn what_is_due_happens_once_and_in_time_or_not_at_all() {
        let _run = interpose::enter(1);
        let (moments, count) = (Moments::default(), Arc::new(AtomicU32::new(0)));
        let wait = |within_ms| {
            let count = count.clone();
            let due = move || {
                count.fetch_add(1, Ordering::Relaxed);
            };
            moments.wait(Moment::Commit(Matter::Message), Duration::from_millis(within_ms), due);
        };
        wait(500);
        moments.notice(&commit());
        moments.notice(&commit());
        assert_eq!(count.load(Ordering::Relaxed), 1);
        wait(500);
        interpose::set_elapsed(Duration::from_secs(1));
        moments.notice(&commit());
        wait(500);
        moments.forget();
        moments.notice(&commit());
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert_eq!(moments.counts()["commit"], MomentCount { awaited: 3, came: 1 });
    }
}
