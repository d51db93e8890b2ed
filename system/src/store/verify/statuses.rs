//! The statuses that users chose.

use super::look::{Checked, Look};
use crate::store::key::{StatusKey, UserKey};

/// A status is of a user who is there.
pub(super) fn status(look: &mut Look<'_>) -> Checked {
    let Some(status) = look.read::<StatusKey>() else { return Ok(()) };
    look.lies_at(&StatusKey(status.user));
    look.needs(&UserKey(status.user), "is of a user who is not there")
}
