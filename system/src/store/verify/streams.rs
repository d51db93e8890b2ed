//! Heads of streams: each is where its log ends.

use super::look::{Checked, Look};
use crate::store::key::{StreamKey, stream_of};

/// The head is the position and the epoch of the newest event.
pub(super) fn head(look: &mut Look<'_>) -> Checked {
    let Some(head) = look.read::<StreamKey>() else { return Ok(()) };
    let Some(stream) = stream_of(&look.key[1..]) else {
        look.note("names no stream");
        return Ok(());
    };
    match look.streams.end_of(stream) {
        None => look.note(format!("is at {}, and its log is empty", head.seq)),
        Some(end) => {
            look.require(end.seq == head.seq, format!("is at {}, and its log ends at {}", head.seq, end.seq));
            look.require(end.epoch == head.epoch, "its log is of another epoch");
        }
    }
    Ok(())
}
