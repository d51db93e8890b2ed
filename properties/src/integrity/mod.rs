//! Whether objects stay what they were made.

mod messages;
mod read_markers;
mod thread_notifications;

pub(crate) use messages::Messages;
pub(crate) use read_markers::ReadMarkers;
pub(crate) use thread_notifications::ThreadNotifications;
