//! In which order events reach a device.

mod catch_up;
mod cause;
mod commit_order;
mod gapless;
mod same_for_all;
mod silent;

pub(crate) use catch_up::CatchUp;
pub(crate) use cause::Cause;
pub(crate) use commit_order::CommitOrder;
pub(crate) use gapless::Gapless;
pub(crate) use same_for_all::SameForAll;
pub(crate) use silent::Silent;
