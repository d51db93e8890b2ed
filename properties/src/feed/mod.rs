//! Conversation files and the rooms that they become.

mod lossless_once;

pub(crate) use lossless_once::LosslessOnce;
