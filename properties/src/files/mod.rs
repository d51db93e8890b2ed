//! Files: what is uploaded is what is downloaded, how far an upload is, and what all of it takes.

mod bytes;
mod progress;
mod quota;
mod sums;

pub(crate) use bytes::FileBytes;
pub(crate) use progress::Progress;
pub(crate) use quota::Quota;
