//! The disk as the machine and the world see it: opened, killed under, cut from power, armed.

use std::fmt;
use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, MutexGuard};

use system::platform::Backend;

use super::ailment::{Ailment, Suffered};
use super::handle::Handle;
use super::image::PowerLoss;
use super::state::{Armed, Shared};
use crate::keyed::Key;

/// A machine's disk. Clones are the same disk; it survives whoever opened it.
#[derive(Clone)]
pub struct Disk {
    state: Shared,
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::with_sync(true)
    }

    /// A broken disk whose sync says that it synced and did nothing.
    ///
    /// No honest fault: it is there to show that the properties of durability can fail (SIM-7).
    pub fn with_sync_that_lies() -> Self {
        Self::with_sync(false)
    }

    fn with_sync(sync_works: bool) -> Self {
        Self { state: Shared::new(sync_works) }
    }

    /// Opens the disk for redb, exclusively.
    ///
    /// # Errors
    /// It is open already and its holder was neither closed nor fenced.
    pub fn open(&self) -> io::Result<Backend> {
        Ok(Box::new(self.open_handle()?))
    }

    /// [`Disk::open`] by type.
    pub(super) fn open_handle(&self) -> io::Result<Handle> {
        let mut state = self.lock();
        if state.opened {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "the disk is open already"));
        }
        state.opened = true;
        state.power_loss = None;
        Ok(Handle::new(self.state.clone(), state.era))
    }

    /// The power fails now. Synced writes stay, of the others an arbitrary part by `key`. All handles are fenced.
    pub fn power_loss(&self, key: Key) -> PowerLoss {
        self.lock().lose_power(key)
    }

    /// The server's process is killed: all its writes stay, for the page cache is the machine's. All handles are
    /// fenced, lest dropping them close the database in good order. A power loss that was armed does not come.
    pub fn kill(&self) {
        self.lock().fence();
    }

    /// Lets the power fail in the midst of things: `after_operations` more writes, changes of length and syncs
    /// succeed, and the next one is the last.
    pub fn arm_power_loss(&self, after_operations: u32, key: Key) {
        self.lock().armed = Some(Armed { operations_left: after_operations, key });
    }

    /// From now on `alarm` is raised in the moment in which an armed loss of power comes.
    pub fn alarm(&self, alarm: Arc<AtomicBool>) {
        self.lock().alarms.push(alarm);
    }

    /// Takes back what [`Disk::arm_power_loss`] threatened, if it has not happened yet.
    pub fn disarm(&self) {
        self.lock().armed = None;
    }

    /// The power fails now, as an armed loss would: [`Disk::take_power_loss`] tells what it did.
    pub fn lose_power_now(&self, key: Key) {
        let mut state = self.lock();
        let loss = state.lose_power(key);
        state.power_loss = Some(loss);
    }

    /// On behalf of the history's step `step`, one bit of what has lain still flips: by `key`, among what at least two
    /// syncs have left alone. Nothing flips where there is nothing like that.
    pub fn flip(&self, step: u32, key: Key) {
        self.lock().image.flip(step, key);
    }

    /// Puts right what [`Disk::flip`] did, if nobody has written over it. What it did, in a person's words; nothing if
    /// nobody has read it.
    pub fn put_right(&self, step: u32) -> Option<String> {
        self.lock().image.put_right(step)
    }

    /// Puts right whatever flipped: what each step's did.
    pub fn put_all_right(&self) -> Vec<(u32, String)> {
        let mut state = self.lock();
        let steps = state.image.flipped_by();
        steps.into_iter().filter_map(|step| Some((step, state.image.put_right(step)?))).collect()
    }

    /// Whether the armed power loss has happened and the disk was not opened since.
    pub fn power_failed(&self) -> bool {
        self.lock().power_loss.is_some()
    }

    /// What the armed power loss did, once.
    pub fn take_power_loss(&self) -> Option<PowerLoss> {
        self.lock().power_loss.take()
    }

    /// From now on it suffers, on behalf of the history's step `step`.
    pub fn suffer(&self, step: u32, ailment: Ailment) {
        self.lock().ailments.insert(step, Suffered::new(ailment));
    }

    /// What began with `step` is over. What it did, in a person's words; nothing if it never showed, or ended before.
    pub fn recover(&self, step: u32) -> Option<String> {
        self.lock().ailments.remove(&step).and_then(Suffered::tell)
    }

    /// All that it suffers from is over: what each step's did.
    pub fn recover_from_all(&self) -> Vec<(u32, String)> {
        let ailments = std::mem::take(&mut self.lock().ailments);
        ailments.into_iter().filter_map(|(step, suffered)| Some((step, suffered.tell()?))).collect()
    }

    /// How much longer its work took since this was last asked.
    pub fn take_owed_ms(&self) -> u64 {
        std::mem::take(&mut self.lock().owed_ms)
    }

    /// Counts how often handles were fenced. A machine that began in another era is dead.
    pub fn era(&self) -> u64 {
        self.lock().era
    }

    /// How often whoever opened it has asked it for anything, since the beginning.
    pub fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// How many bytes lie on it.
    pub fn len_bytes(&self) -> usize {
        self.lock().image.live().len()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, super::state::State> {
        self.state.lock()
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        formatter
            .debug_struct("Disk")
            .field("bytes", &state.image.live().len())
            .field("era", &state.era)
            .field("opened", &state.opened)
            .finish_non_exhaustive()
    }
}
