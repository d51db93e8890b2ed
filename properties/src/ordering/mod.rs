//! In which order events reach a device.

mod commit_order;
mod gapless;
mod same_for_all;

pub(crate) use commit_order::CommitOrder;
pub(crate) use gapless::Gapless;
pub(crate) use same_for_all::SameForAll;
