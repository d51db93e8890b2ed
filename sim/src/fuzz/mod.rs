//! Campaigns by coverage: fresh seeds and changed histories, for hours, in a folder that outlives whoever writes it.
//!
//! - [`coverage`] says which behaviour a run reached; [`mutation`](crate::mutation) changes a history that reached
//!   something new; [`guide`] says when to do so, and with which;
//! - [`corpus`] and [`failures`] are what is kept, in a [`folder`] that one campaign holds at a time;
//! - [`campaign`] says what is run next and what becomes of it, [`runner`] lets a process run it, [`worker`] is that process,
//!   and [`wire`] what they say to each other; [`minimise`] makes small what failed;
//! - [`shard`] is which part of the seeds this machine runs, and [`merge`](mod@merge) puts the folders of all together.
//!
//! `docs/campaigns.md` tells the same to who uses it.

pub mod campaign;
pub mod corpus;
pub mod coverage;
pub mod failures;
pub mod folder;
pub mod guide;
pub mod merge;
pub mod minimise;
pub mod progress;
pub mod runner;
pub mod shard;
pub mod wire;
mod words;
pub mod worker;
