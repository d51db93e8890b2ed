//! What must go on, come to an end, and come to rest.

mod ends;
mod quiet;

pub(crate) use ends::Ends;
pub(crate) use quiet::Quiet;
