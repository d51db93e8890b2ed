//! Histories: what the users do and what goes wrong, as data.
//!
//! A history holds everything that a run depends on, the world's seed included. It is drawn by [`strategy`] from a
//! [`profile`], shrunk by [`tree`], saved by [`file`] and edited by hand. Nothing here runs it.

mod culprit;
mod describe;
mod draw;
mod edit;
pub mod file;
mod model;
mod pass;
pub mod profile;
mod spaced;
pub mod strategy;
pub mod tree;
pub mod validate;

pub use file::Saved;
pub use model::{Action, History, RoomPlan, Settings, Step, UserPlan};
pub use profile::Profile;
pub use strategy::HistoryStrategy;
pub use tree::HistoryTree;
