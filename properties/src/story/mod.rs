//! The evidence of a violation: the [`chain`] of what proves it, with what [`befell`] those in it.

mod befell;
mod chain;

pub(crate) use chain::Story;
