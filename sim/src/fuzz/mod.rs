//! Campaigns by coverage: fresh seeds and changed histories, for hours, in a folder that outlives whoever writes it.
//!
//! - [`coverage`] says which behaviour a run reached; [`mutate`](mod@mutate) changes a history that reached something new;
//! - [`shard`] is which part of the seeds this machine runs.
//!
//! `docs/campaigns.md` tells the same to who uses it.

pub mod coverage;
mod graft;
mod mutate;
mod repair;
pub mod shard;
mod words;

pub use mutate::mutate;
