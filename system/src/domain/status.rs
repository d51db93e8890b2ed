//! The status that a user chose: durable, and an event of their own stream.

use super::bounds::Bounds;
use super::rights::acting;
use crate::protocol::{EventBody, Status, StatusSet, StreamId, UserId, UserStatus};
use crate::refusal::Answer;
use crate::store::key::StatusKey;
use crate::store::{Actor, Draft, View};

/// A status that was chosen, and how far the user's own stream is with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// The status.
    pub status: UserStatus,
    /// The position of its event; where nothing had to change: how far the stream was when that was found.
    pub seq: u64,
}

/// Chooses the caller's status. Choosing what is chosen already changes nothing.
///
/// # Errors
/// A text out of bounds; [`SessionRevoked`](crate::protocol::ErrorCode::SessionRevoked).
pub fn choose(draft: &mut Draft<'_>, actor: Actor, wanted: StatusSet) -> Answer<Chosen> {
    let caller = acting(draft.view(), actor)?;
    let mut bounds = Bounds::default();
    if let Some(text) = &wanted.text {
        bounds = bounds.status_text("text", text);
    }
    bounds.check()?;
    let StatusSet { status, text } = wanted;
    let status = UserStatus { user: caller.id, status, text };
    let stream = StreamId::User(caller.id);
    if chosen(draft.view(), caller.id)? == status {
        let seq = draft.view().head(stream)?.map_or(0, |head| head.seq);
        return Ok(Chosen { status, seq });
    }
    draft.put(&StatusKey(caller.id), &status);
    let mut seq = 0;
    draft.append(stream, caller.id, |position| {
        seq = position;
        EventBody::StatusUpdated(status.clone())
    })?;
    Ok(Chosen { status, seq })
}

/// What the caller chose.
///
/// # Errors
/// [`SessionRevoked`](crate::protocol::ErrorCode::SessionRevoked).
pub fn get(view: &View<'_>, actor: Actor) -> Answer<UserStatus> {
    let caller = acting(view, actor)?;
    chosen(view, caller.id)
}

/// What a user chose: online, until they choose.
///
/// # Errors
/// The store fails.
pub fn chosen(view: &View<'_>, user: UserId) -> Answer<UserStatus> {
    let found = view.get(&StatusKey(user))?;
    Ok(found.unwrap_or(UserStatus { user, status: Status::Online, text: None }))
}
