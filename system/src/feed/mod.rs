//! The live conversation feed (REQUIREMENTS.md RF-1 to RF-4): files of another program become rooms and messages.
//!
//! # Layout
//! `<feed.directory>/<company>/<anything>.jsonl`, where `<company>` is the identifier of a company. What lies elsewhere,
//! is a link or a directory, or ends otherwise is passed over. Files are read and never written.
//!
//! # Format
//! JSON Lines in UTF-8, each line an object of `type` and `data`, ended by a line feed. The first describes the
//! conversation, all others are its messages:
//!
//! ```text
//! {"type":"conversation","data":{"id":"c-17","title":"Order 17","channel":"phone"}}
//! {"type":"message","data":{"id":"1","author":"Ana","body":"Is it on its way?","at":"2026-11-21T10:00:00Z"}}
//! ```
//!
//! | field | means |
//! |---|---|
//! | conversation `id` | optional, unique in the company, 1 to 128 characters: what the conversation is known by |
//! | conversation `title` | 1 to 100 characters: the room's name |
//! | any other field of the conversation | kept as metadata, at most 4 KiB together |
//! | message `id` | unique in the file, 1 to 128 characters: what the line is known by |
//! | message `author` | 1 to 100 characters, shown as it is |
//! | message `body` | 1 to 8,000 characters |
//! | message `at` | optional, RFC 3339 |
//!
//! # What becomes of it
//! | in the directory | in the company |
//! |---|---|
//! | a new file | a public room with the conversation on it; the first one brings the company's feed user, who is in it |
//! | a new line, anywhere | `message.created`, by the feed user, with the line's source in `feed` |
//! | another content under an `id` | `message.updated` |
//! | a line that is gone for `feed.settle_ms` | `message.deleted`; if it comes back, a new message |
//! | another first line | `room.updated` |
//! | a file renamed | nothing: a conversation is known by its `id`, and without one by its first line and its messages' |
//! | a file that is gone for `feed.settle_ms` | the room is archived; if it comes back, opened again with what changed |
//! | a line that cannot be read | nothing: it is logged, counted and passed over until it is mended |
//! | a known line that becomes unreadable | nothing: its message stays as it was, until the line is mended or removed |
//! | a last line without its line feed | nothing yet |
//! | a second file of one conversation | nothing: the first keeps it, the second is logged, and waits |
//!
//! An admin stops a conversation by archiving its room, by removing the feed user from it, or all of them by
//! deactivating the feed user; what changes meanwhile is made up for afterwards. A message that an admin deletes stays
//! deleted. A deleted room stays deleted, and its file is passed over.
//!
//! # Lossless and once
//! The store keeps, for each conversation, its file, and for each of its lines a digest and the message that it became;
//! both change in the transaction that changes the message. `reading` makes lines of bytes and `plan` compares them
//! with what is kept: both are pure. What they find is done by [`domain::feed`](crate::domain::feed), which decides by
//! what is kept, not by what was planned: to do a step twice, or again after a crash, is to do it once. So nothing needs
//! to be remembered but that, and whoever starts anew reads everything and finds the difference.
//!
//! `Feeder` is the task that does it: a few lines a transaction, so that users are served in between.

mod conversations;
mod feeder;
mod files;
mod ledger;
mod line;
mod plan;
#[cfg(test)]
mod plan_tests;
mod reading;

pub(crate) use feeder::Feeder;
pub use ledger::Ledger;
pub use line::{Heading, Line, digest_of};
pub use plan::{Plan, Step, plan};
pub use reading::{BadLine, Limits, ReadLine, Reading, Tail};
