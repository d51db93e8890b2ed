//! The wall clocks of all devices: right, until a fault says otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use system::protocol::Timestamp;

use crate::clock::WallClock;

/// The wall clocks of all devices. Clones are the same clocks.
#[derive(Clone, Default)]
pub(super) struct DeviceClocks(Arc<Mutex<BTreeMap<String, DeviceClock>>>);

#[derive(Clone, Default)]
struct DeviceClock {
    clock: WallClock,
    /// The step that made it wrong.
    wrong_by: Option<u32>,
}

impl DeviceClocks {
    /// The clock of a device.
    pub(super) fn of(&self, device: &str) -> WallClock {
        self.lock().entry(device.to_owned()).or_default().clock.clone()
    }

    /// The clock of a device jumps, by the history's step `step`.
    pub(super) fn jump(&self, device: &str, step: u32, by_ms: i64) {
        let mut clocks = self.lock();
        let clock = clocks.entry(device.to_owned()).or_default();
        clock.clock.jump_ms(by_ms);
        clock.wrong_by = Some(step);
    }

    /// What a device's clock shows if it is wrong, and the step that made it so.
    pub(super) fn wrong(&self, device: &str) -> Option<(u32, Timestamp)> {
        let clocks = self.lock();
        let clock = clocks.get(device)?;
        let step = clock.wrong_by?;
        (clock.clock.offset_ms() != 0).then(|| (step, clock.clock.now()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, DeviceClock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpose;

    #[test]
    fn a_clock_is_wrong_until_it_has_jumped_back() {
        let _run = interpose::enter(1);
        let clocks = DeviceClocks::default();
        let clock = clocks.of("ana/phone");
        assert_eq!(clocks.wrong("ana/phone"), None);
        clocks.jump("ana/phone", 7, 3_600_000);
        assert_eq!(clocks.wrong("ana/phone"), Some((7, clock.now())));
        assert_eq!(clocks.wrong("ben/phone"), None);
        clocks.jump("ana/phone", 9, -3_600_000);
        assert_eq!(clocks.wrong("ana/phone"), None);
    }
}
