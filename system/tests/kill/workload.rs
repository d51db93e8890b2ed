//! What a workload is: work that never pauses, a memory of what was acknowledged, and a comparison with what is there.

use std::future::Future;
use std::pin::Pin;

use crate::stage::Stage;

/// What a workload's methods return.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Work that goes on whatever becomes of the server. Its checks panic with what is lost or doubled.
pub trait Workload {
    /// What the report calls it.
    fn name(&self) -> &'static str;

    /// How many things were acknowledged so far.
    fn acknowledged(&self) -> usize;

    /// Whether its devices are connected.
    fn is_connected(&self) -> bool {
        true
    }

    /// After a restart, while the work goes on: everything that had been acknowledged is there, nothing is there twice.
    fn check<'a>(&'a mut self, stage: &'a Stage) -> Doing<'a, ()>;

    /// Ends the work, waits for its last answers, and compares exactly. How many things it did.
    fn finish(self: Box<Self>, stage: &Stage) -> Doing<'_, usize>;
}
