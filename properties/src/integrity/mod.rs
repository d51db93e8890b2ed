//! Whether objects stay what they were made.

mod messages;

pub(crate) use messages::Messages;
