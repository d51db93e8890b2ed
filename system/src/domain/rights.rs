//! Who may do what. Every rule of rights is here, and nowhere else.

use crate::protocol::{ErrorCode, Member, Message, Role, Room, RoomId, StreamId, Timestamp, User, UserId, Visibility};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{MemberKey, RoomKey, SessionKey, UserKey};
use crate::store::{Actor, View};

/// The acting user, if their session and they themselves are still good.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`].
pub fn acting(view: &View<'_>, actor: Actor) -> Answer<User> {
    let ended = || Refusal::new(ErrorCode::SessionRevoked, "this session has ended: log in again");
    let session = view.get(&SessionKey(actor.session))?.ok_or_else(ended)?;
    let record = view.get(&UserKey(actor.user))?.ok_or_else(ended)?;
    if session.revoked_at.is_some() || session.user != actor.user || !record.user.active {
        return Err(ended());
    }
    Ok(record.user)
}

/// Whether the user is in the room.
///
/// # Errors
/// The store fails.
pub fn is_member(view: &View<'_>, room: RoomId, user: UserId) -> Answer<bool> {
    Ok(view.get(&MemberKey(room, user))?.is_some())
}

/// A room that the user may know of: they are in it, or it is public and they are no guest, or they manage all rooms.
///
/// # Errors
/// [`ErrorCode::NotFound`]: whether it exists is not told.
pub fn visible_room(view: &View<'_>, user: &User, room: RoomId) -> Answer<Room> {
    let hidden = || Refusal::not_found("room");
    let found = view.get(&RoomKey(room))?.filter(|found| found.company == user.company).ok_or_else(hidden)?;
    let visible = user.role >= Role::Admin
        || (found.visibility == Visibility::Public && user.role >= Role::Member)
        || is_member(view, room, user.id)?;
    if visible { Ok(found) } else { Err(hidden()) }
}

/// A room whose messages the user may read: they are in it, or they own the company (for an audit, over REST only).
///
/// # Errors
/// [`ErrorCode::NotFound`] if they may not know of it, [`ErrorCode::Forbidden`] if they may but not read it.
pub fn readable_room(view: &View<'_>, user: &User, room: RoomId) -> Answer<Room> {
    let found = visible_room(view, user, room)?;
    if user.role == Role::Owner || is_member(view, room, user.id)? {
        return Ok(found);
    }
    Err(Refusal::forbidden("only members of the room read its messages"))
}

/// A room that the user may write to: they are in it, and it is in use.
///
/// # Errors
/// [`ErrorCode::NotFound`] if they may not know of it, [`ErrorCode::Forbidden`] if they may but not write to it,
/// [`ErrorCode::RoomArchived`].
pub fn writable_room(view: &View<'_>, user: &User, room: RoomId) -> Answer<Room> {
    let found = visible_room(view, user, room)?;
    if !is_member(view, room, user.id)? {
        return Err(Refusal::forbidden("only members of the room write messages"));
    }
    require_in_use(&found)?;
    Ok(found)
}

/// Nothing is written to an archived room.
///
/// # Errors
/// [`ErrorCode::RoomArchived`].
pub fn require_in_use(room: &Room) -> Answer<()> {
    match room.archived_at {
        None => Ok(()),
        Some(at) => Err(Refusal::new(
            ErrorCode::RoomArchived,
            format!("the room is archived since {at}: take it out of the archive first"),
        )),
    }
}

/// Whether the user manages the room's members and its name: they are in it and no guest, or they manage all rooms.
///
/// # Errors
/// The store fails.
pub fn manages(view: &View<'_>, user: &User, room: &Room) -> Answer<bool> {
    Ok(user.role >= Role::Admin || (user.role >= Role::Member && is_member(view, room.id, user.id)?))
}

/// Only who [`manages`] the room.
///
/// # Errors
/// [`ErrorCode::Forbidden`].
pub fn require_managing(view: &View<'_>, user: &User, room: &Room) -> Answer<()> {
    if manages(view, user, room)? {
        return Ok(());
    }
    Err(Refusal::forbidden("only members of the room that are no guests, and admins, change it"))
}

/// Who governs a room decides who can see it, whether it is in use, and its end: admins, and whoever created it, as
/// long as they are in it and no guest.
///
/// # Errors
/// [`ErrorCode::Forbidden`].
pub fn require_governing(view: &View<'_>, user: &User, room: &Room) -> Answer<()> {
    if user.role >= Role::Admin || (room.created_by == user.id && manages(view, user, room)?) {
        return Ok(());
    }
    Err(Refusal::forbidden("only admins, and whoever created the room and is in it, may do this"))
}

/// A room that the user is in.
///
/// # Errors
/// [`ErrorCode::NotFound`] if they may not know of it, [`ErrorCode::Forbidden`] if they may but are not in it.
pub fn joined_room(view: &View<'_>, user: &User, room: RoomId) -> Answer<Member> {
    visible_room(view, user, room)?;
    let outside = || Refusal::forbidden("only members of the room mark it as read: join it first");
    view.get(&MemberKey(room, user.id))?.ok_or_else(outside)
}

/// Only its author changes the text of a message.
///
/// # Errors
/// [`ErrorCode::Forbidden`].
pub fn require_author(user: &User, message: &Message) -> Answer<()> {
    if message.author == user.id {
        return Ok(());
    }
    Err(Refusal::forbidden("only its author edits a message"))
}

/// Its author and admins delete a message.
///
/// # Errors
/// [`ErrorCode::Forbidden`].
pub fn require_author_or_admin(user: &User, message: &Message) -> Answer<()> {
    if message.author == user.id || user.role >= Role::Admin {
        return Ok(());
    }
    Err(Refusal::forbidden("only its author and admins delete a message"))
}

/// Whether the user may follow the stream on a WebSocket.
///
/// # Errors
/// The store fails.
pub fn may_follow(view: &View<'_>, user: &User, stream: StreamId) -> Answer<bool> {
    Ok(match stream {
        StreamId::User(id) => id == user.id,
        StreamId::Company(id) => id == user.company && follows_company(user),
        StreamId::Room(id) => is_member(view, id, user.id)?,
    })
}

/// Whether the user may follow their company's stream.
pub fn follows_company(user: &User) -> bool {
    user.active && user.role >= Role::Member
}

/// Whether the user may read the stream over REST: what they may follow, and for owners all of their company.
///
/// # Errors
/// The store fails.
pub fn may_read(view: &View<'_>, user: &User, stream: StreamId) -> Answer<bool> {
    if may_follow(view, user, stream)? {
        return Ok(true);
    }
    if user.role != Role::Owner {
        return Ok(false);
    }
    Ok(match stream {
        StreamId::Company(id) => id == user.company,
        StreamId::Room(id) => view.get(&RoomKey(id))?.is_some_and(|room| room.company == user.company),
        StreamId::User(id) => view.get(&UserKey(id))?.is_some_and(|record| record.user.company == user.company),
    })
}

/// The user must have at least this role.
///
/// # Errors
/// [`ErrorCode::Forbidden`].
pub fn require_role(user: &User, least: Role) -> Answer<()> {
    if user.role >= least {
        return Ok(());
    }
    Err(Refusal::forbidden(format!(
        "this needs the role {} or a higher one; yours is {}",
        least.as_str(),
        user.role.as_str()
    )))
}

/// The user must rank at least as high as what they touch: only owners touch owners.
///
/// # Errors
/// [`ErrorCode::Forbidden`].
pub fn require_rank(user: &User, touched: Role) -> Answer<()> {
    if user.role >= touched {
        return Ok(());
    }
    Err(Refusal::forbidden(format!("the role {} does not reach up to {}", user.role.as_str(), touched.as_str())))
}

/// Whether a token that ends at `expires_at` is over.
pub fn is_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at
}
