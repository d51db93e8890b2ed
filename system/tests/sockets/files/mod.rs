//! Files: uploads by tus 1.0 with its extensions, downloads, quotas, progress, chunks in binary frames.

mod checksums;
mod chunks;
mod client;
mod creation;
mod downloads;
mod expiry;
mod interruptions;
mod names;
mod progress;
mod quotas;
mod refusals;
mod rights;
mod slowness;
pub mod tus;
mod uploads;
