//! Files: uploads that are created, continued, completed, ended and swept away; their content; the quotas that they
//! take (REQUIREMENTS.md IT-5, IT-11, IT-15).

mod append;
mod create;
mod delete;
mod quota;
mod read;
mod rights;
mod sweep;

pub use append::append;
pub use create::create;
pub use delete::{delete, discard_room};
pub use quota::{FileLimits, quotas};
pub use read::{content, content_chunk, get, list_own, list_room, upload};
pub use sweep::{needs_sweep, sweep};
