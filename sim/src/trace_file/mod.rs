//! Trace files: what was observed in one run, kept so that it can be judged later, by this program or one like it.
//!
//! A file is text, a JSON value on each line: a [`header`](About) that says what the lines are and of which run, each
//! observation, and a closing line that counts and hashes everything before it. So a file that was cut off, changed, or
//! written in another version is refused with the reason, and never judged as something else. `docs/traces.md` has the
//! format. What an observation looks like on its line is [`properties::trace`]'s matter.

mod format;
mod problem;
mod read;
mod write;

pub use format::{About, Line, VERSION};
pub use problem::{Problem, TraceError};
pub use read::{Kept, load, parse};
pub use write::{may_write, save, to_text};
