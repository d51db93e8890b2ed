//! The parts of the strategy: who there is, what they do alone and together, and how it becomes one history.

mod assemble;
mod away;
mod burst;
mod cast;
mod choose;
mod crash;
mod kind;
mod narrow;
mod rights;
mod scene;
mod solo;
mod stage;

pub(super) use assemble::{Placed, assemble};
pub(super) use burst::KINDS as BURSTS;
pub(super) use cast::{cast, settings};
pub(super) use crash::crash_if_any;
pub(super) use kind::{lone_fault, one_of};
pub(super) use narrow::narrow;
pub(super) use rights::deactivation;
pub(super) use scene::Scene;
pub(super) use solo::KINDS as SOLOS;
pub(super) use stage::Stage;
