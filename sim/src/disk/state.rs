//! All that there is to know about a disk, shared by the machine that owns it and the handles that were opened.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ailment::{Request, Suffered};
use super::image::{Image, PowerLoss};
use crate::keyed::Key;

/// The state of one disk. Clones are the same.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub(super) fn new(sync_works: bool) -> Self {
        let image = Image::default();
        let state = State {
            image,
            sync_works,
            era: 0,
            opened: false,
            armed: None,
            power_loss: None,
            ailments: BTreeMap::new(),
            alarms: Vec::new(),
            owed_ms: 0,
            operations: 0,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Locks also while another thread's panic unwinds: handles are dropped then.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything about the disk.
pub(super) struct State {
    pub(super) image: Image,
    pub(super) sync_works: bool,
    pub(super) era: u64,
    pub(super) opened: bool,
    pub(super) armed: Option<Armed>,
    pub(super) power_loss: Option<PowerLoss>,
    /// What it suffers from, by the step of the history that brought it about.
    pub(super) ailments: BTreeMap<u32, Suffered>,
    /// Raised in the moment in which an armed loss of power comes: whoever must fall silent then looks at these.
    pub(super) alarms: Vec<Arc<AtomicBool>>,
    /// How much longer its work took than it has been accounted for.
    pub(super) owed_ms: u64,
    /// How often it was asked for anything.
    pub(super) operations: u64,
}

/// A power loss that is to come.
pub(super) struct Armed {
    pub(super) operations_left: u32,
    pub(super) key: Key,
}

impl State {
    /// Counts one operation that changes the disk. True if the power is to fail at it.
    pub(super) fn is_last_operation(&mut self) -> bool {
        let Some(armed) = &mut self.armed else { return false };
        let last = armed.operations_left == 0;
        armed.operations_left = armed.operations_left.saturating_sub(1);
        last
    }

    /// Does what was armed.
    pub(super) fn lose_armed_power(&mut self) {
        if let Some(armed) = self.armed.take() {
            self.power_loss = Some(self.lose_power(armed.key));
            self.alarms.iter().for_each(|alarm| alarm.store(true, Ordering::Relaxed));
        }
    }

    /// Lets all ailments show at a request.
    pub(super) fn meet(&mut self, request: Request) -> io::Result<()> {
        for suffered in self.ailments.values_mut() {
            self.owed_ms += suffered.meet(request)?;
        }
        Ok(())
    }

    /// The file is to have bytes of its own there: beyond its end, and where it has a hole, the disk needs room for them.
    pub(super) fn make_room(&mut self, offset: usize, bytes: usize) -> io::Result<()> {
        if self.image.has_room(offset, bytes) { Ok(()) } else { self.meet(Request::Grow) }
    }

    pub(super) fn lose_power(&mut self, key: Key) -> PowerLoss {
        self.fence();
        self.image.lose_power(key)
    }

    pub(super) fn fence(&mut self) {
        self.era += 1;
        self.opened = false;
        self.armed = None;
    }
}
