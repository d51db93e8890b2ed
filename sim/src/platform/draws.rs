//! Keys by simulated time, for draws that have no better name.

use std::sync::{Mutex, PoisonError};

use crate::activity::{self, Kind};
use crate::clock;
use crate::keyed::Key;

/// How long a slot of simulated time is. Draws within one are told apart by their order only: the shorter a slot, the
/// fewer draws change when one of them is not made; the longer, the fewer when they are made a little sooner or later.
#[derive(Clone, Copy)]
pub(super) enum Slots {
    /// For a server, which draws for everybody: what one step asked for must not change the draws of another's.
    Short,
    /// For a device, which draws for itself: what others make it wait must not change when it tries again.
    Long,
}

impl Slots {
    fn ms(self) -> u64 {
        match self {
            Self::Short => 10,
            Self::Long => 250,
        }
    }
}

/// Keys by simulated time: no two are equal, and removing a step shifts only those that were drawn close by.
pub(super) struct Draws {
    key: Key,
    owner: Owner,
    slots: Slots,
    last: Mutex<LastDraw>,
}

/// Who draws, and what for, in words: the host, the machine on it, the purpose.
pub(super) type Owner = (&'static str, String, &'static str);

#[derive(Clone, Copy, Default)]
struct LastDraw {
    slot: u64,
    ordinal: u64,
}

impl Draws {
    /// A sequence of keys below `key`.
    pub(super) fn new(key: Key, owner: Owner, slots: Slots) -> Self {
        Self { key, owner, slots, last: Mutex::default() }
    }

    /// A key that was not drawn before.
    pub(super) fn next(&self) -> Key {
        let slot = u64::try_from(clock::elapsed().as_millis()).unwrap_or(u64::MAX) / self.slots.ms();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Time may seem to stand still or step back by a tick while a host is torn down; a key never comes twice.
        *last = if slot > last.slot {
            LastDraw { slot, ordinal: 0 }
        } else {
            LastDraw { slot: last.slot, ordinal: last.ordinal + 1 }
        };
        let (LastDraw { slot, ordinal }, (host, machine, purpose)) = (*last, &self.owner);
        let key = self.key.with(slot).with(ordinal);
        activity::note(Kind::Drew, key.id(), || {
            (host, machine.clone(), format!("{purpose} {slot}/{ordinal}"), format!("{:016x}", key.u64()))
        });
        key
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::interpose;

    /// Draws once at each of these times.
    fn draw(times_ms: &[u64]) -> Vec<u64> {
        let draws = Draws::new(Key::new(1), ("server", "a machine".into(), "a test"), Slots::Short);
        times_ms
            .iter()
            .map(|at_ms| {
                interpose::set_elapsed(Duration::from_millis(*at_ms));
                draws.next().u64()
            })
            .collect()
    }

    #[test]
    fn a_removed_draw_changes_none_of_another_slot() {
        let all = draw(&[0, 3, 12, 14, 40]);
        let without_the_second = draw(&[0, 12, 14, 40]);
        assert_eq!([all[0], all[2], all[3], all[4]], without_the_second[..]);
    }

    #[test]
    fn no_key_comes_twice_even_if_time_steps_back() {
        let mut drawn = draw(&[20, 20, 30, 20, 30, 40, 20]);
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 7);
    }
}
