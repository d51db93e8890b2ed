//! Cursors of lists that are ordered by position and read from the newest back.

use crate::refusal::{Answer, Refusal};

/// Before which position a page ends. Without a cursor it is the newest page.
///
/// # Errors
/// A cursor that no page gave.
pub(super) fn before(cursor: Option<&str>) -> Answer<u64> {
    match cursor {
        None => Ok(u64::MAX),
        Some(text) => text.parse().map_err(|_| Refusal::field("cursor", "must be the `next` of an earlier page")),
    }
}
