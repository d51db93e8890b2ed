//! What users see of each other: who is there, with which status, and who types.

mod converges;
mod typing;

pub(crate) use converges::Converges;
pub(crate) use typing::Typing;
