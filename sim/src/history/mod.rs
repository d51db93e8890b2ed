//! Histories: what the users do and what goes wrong, as data.
//!
//! A history holds everything that a run depends on, the world's seed included. It is drawn by [`strategy`] from a
//! [`profile`], shrunk by [`HistoryTree`], saved as [`Saved`] and edited by hand. Nothing here runs it.

mod culprit;
mod describe;
pub(crate) mod draw;
mod edit;
mod file;
mod model;
mod pass;
mod problem;
pub mod profile;
mod spaced;
pub mod strategy;
mod tree;
mod validate;

pub use crate::operations::Action;
pub use file::Saved;
pub use model::{History, RoomPlan, Settings, Step, UserPlan};
pub use problem::{FORMAT, LoadError, Problem, SaveError};
pub use profile::{Profile, UnknownProfile};
pub use strategy::HistoryStrategy;
pub use tree::HistoryTree;
pub use validate::Flaw;
