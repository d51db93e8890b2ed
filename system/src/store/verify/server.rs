//! What the server keeps for itself.

use super::look::{Checked, Look};
use crate::store::FORMAT;
use crate::store::key::{FormatKey, KeyringKey, LastCommitKey};

/// The number of the newest event is the greatest of the log.
pub(super) fn last_commit(look: &mut Look<'_>) -> Checked {
    let Some(number) = look.read::<LastCommitKey>() else { return Ok(()) };
    let last = look.streams.last_number();
    // The newest event may have gone with its stream: a number is never given out twice, so it may be ahead.
    look.require(number >= last, format!("says that {number} events were committed, and the log has number {last}"));
    Ok(())
}

/// The format is one that this program reads.
pub(super) fn format(look: &mut Look<'_>) -> Checked {
    let Some(format) = look.read::<FormatKey>() else { return Ok(()) };
    look.require(format == FORMAT, format!("is of format {format}"));
    look.needs(&KeyringKey(), "is there, and the signing keys are not")
}

/// The keys that sign tokens: whole, each once, and the newest of them signs.
pub(super) fn keyring(look: &mut Look<'_>) -> Checked {
    let Some(ring) = look.read::<KeyringKey>() else { return Ok(()) };
    if let Some(flaw) = ring.flaw() {
        look.note(flaw);
    }
    Ok(())
}
