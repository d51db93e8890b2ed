//! The parts of the strategy: who there is, what they do alone and together, and how it becomes one history.

mod alone;
mod assemble;
mod away;
mod bait;
mod burst;
mod cast;
mod choose;
mod crash;
mod kind;
mod narrow;
mod owners;
mod rights;
mod scene;
mod stage;

pub(super) use alone::alone;
pub(crate) use alone::{in_some_room, joining};
pub(super) use assemble::{Placed, assemble};
pub(super) use burst::KINDS as BURSTS;
pub(super) use cast::{cast, settings};
pub(super) use crash::crash_if_any;
pub(super) use kind::{lone_fault, one_of};
pub(super) use narrow::narrow;
pub(super) use rights::deactivation;
pub(crate) use scene::{Choice, NEW_GUEST, NEW_ROOM, Scene};
pub(crate) use stage::{Stage, speak};
