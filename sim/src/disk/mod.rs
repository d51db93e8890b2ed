//! The disk of a simulated machine: it survives the server, forgets what was not synced when the power fails, and
//! fences off whoever wrote before (DESIGN §5).
//!
//! It is a seam for redb and no file system: one file, no names, no directories.

mod ailment;
mod blocks;
mod change;
mod flip;
mod handle;
mod image;
mod machine;
mod state;
mod tear;
#[cfg(test)]
mod tests;

pub use ailment::Ailment;
pub use image::PowerLoss;
pub use machine::Disk;
