//! What one event changes in the state of its stream: the client's half of "snapshot and events equal a fresh
//! snapshot" (REQUIREMENTS.md IT-8, CG-2). Lists keep the order of the server's snapshots.

use super::said;
use crate::protocol::{
    Event, EventBody, Member, MemberRemoved, Room, RoomDeleted, RoomHidden, RoomId, SnapshotState, StreamId, User,
};

/// How much of a room is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many of the newest messages.
    pub(super) messages: usize,
    /// How many of the newest threads.
    pub(super) threads: usize,
}

/// Applies `event` to the state of its stream.
///
/// # Errors
/// Why the event cannot be.
pub(super) fn apply(state: &mut SnapshotState, event: &Event, limits: Limits) -> Result<(), &'static str> {
    use SnapshotState as State;
    match (state, &event.body) {
        (State::Company { company, .. }, EventBody::CompanyCreated(created)) => {
            company.clone_from(created);
            Ok(())
        }
        (State::Company { users, .. }, EventBody::UserCreated(user)) => add_user(users, user),
        (State::Company { users, .. }, EventBody::UserUpdated(user)) => update_user(users, user),
        (State::Company { rooms, .. }, EventBody::RoomCreated(room)) => add_room(rooms, room),
        (State::Company { rooms, .. }, EventBody::RoomUpdated(room)) => {
            put_room(rooms, room);
            Ok(())
        }
        (State::Company { rooms, .. }, EventBody::RoomHidden(RoomHidden { room: gone }))
        | (State::Company { rooms, .. }, EventBody::RoomDeleted(RoomDeleted { room: gone })) => {
            let place = rooms.binary_search_by_key(gone, |room| room.id).map_err(|_| "the room is not there")?;
            rooms.remove(place);
            Ok(())
        }
        (State::Room { room, .. }, EventBody::RoomCreated(changed) | EventBody::RoomUpdated(changed)) => {
            if room.id != changed.id {
                return Err("it is about another room");
            }
            room.clone_from(changed);
            Ok(())
        }
        // The stream's last event: what is left of the state goes with the subscription.
        (State::Room { room, .. }, EventBody::RoomDeleted(deleted)) => {
            if room.id == deleted.room {
                Ok(())
            } else {
                Err("it is about another room")
            }
        }
        (State::Room { room, members, .. }, EventBody::MemberAdded(member)) => add_member(room, members, member),
        (State::Room { room, members, .. }, EventBody::MemberRemoved(removed)) => remove_member(room, members, removed),
        (State::Room { room, messages, earlier, .. }, EventBody::MessageCreated(message)) => {
            said::add_message(room, messages, message, event.seq)?;
            said::keep_newest(messages, limits.messages, earlier);
            Ok(())
        }
        (
            State::Room { messages, earlier, .. },
            EventBody::MessageUpdated(message) | EventBody::MessageDeleted(message),
        ) => said::change_message(messages, message, *earlier),
        (State::Room { room, threads, earlier_threads, .. }, EventBody::ThreadOpened(thread)) => {
            said::add_thread(room, threads, thread, event.seq)?;
            said::keep_newest(threads, limits.threads, earlier_threads);
            Ok(())
        }
        (State::Room { threads, earlier_threads, .. }, EventBody::ThreadUpdated(thread)) => {
            said::change_thread(threads, thread, *earlier_threads)
        }
        (State::User { user, .. }, EventBody::UserCreated(updated) | EventBody::UserUpdated(updated)) => {
            if user.id != updated.id {
                return Err("it is about another user");
            }
            user.clone_from(updated);
            Ok(())
        }
        (State::User { rooms, .. }, EventBody::RoomJoined(room)) => {
            insert(rooms, &room.id, |room| *room, "the user is in the room already")
        }
        (State::User { rooms, reads, .. }, EventBody::RoomLeft(left)) => {
            reads.retain(|read| read.room != left.room);
            remove_room(rooms, left.room)
        }
        (State::User { rooms, reads, .. }, EventBody::ReadUpdated(marker)) => said::move_marker(rooms, reads, marker),
        (State::User { .. }, EventBody::ThreadReplied(_) | EventBody::SessionRevoked(_)) => Ok(()),
        // A presence says how the user looks; whoever wants to know what they chose asks, or observes the frames.
        (State::User { .. }, EventBody::StatusUpdated(_)) => Ok(()),
        // Files and quotas are no part of a snapshot: whoever wants them asks for them, or observes the frames.
        (
            State::User { .. },
            EventBody::FileCreated(_)
            | EventBody::FileCompleted(_)
            | EventBody::FileFailed(_)
            | EventBody::FileDeleted(_)
            | EventBody::QuotaUpdated(_),
        )
        | (State::Room { .. }, EventBody::FileCompleted(_) | EventBody::FileDeleted(_)) => Ok(()),
        _ => Err("it does not belong into this kind of stream"),
    }
}

/// Whether `state` is of the kind of `stream`, and of that very object.
pub(super) fn belongs(state: &SnapshotState, stream: StreamId) -> bool {
    match (state, stream) {
        (SnapshotState::Company { company, .. }, StreamId::Company(id)) => company.id == id,
        (SnapshotState::Room { room, .. }, StreamId::Room(id)) => room.id == id,
        (SnapshotState::User { user, .. }, StreamId::User(id)) => user.id == id,
        _ => false,
    }
}

fn add_user(users: &mut Vec<User>, user: &User) -> Result<(), &'static str> {
    insert(users, user, |user| user.id, "the user exists already")
}

fn update_user(users: &mut [User], user: &User) -> Result<(), &'static str> {
    let place = users.binary_search_by_key(&user.id, |user| user.id).map_err(|_| "the user does not exist")?;
    users[place].clone_from(user);
    Ok(())
}

fn add_room(rooms: &mut Vec<Room>, room: &Room) -> Result<(), &'static str> {
    insert(rooms, room, |room| room.id, "the room is there already")
}

/// A room that becomes public comes into the company's state by its update.
fn put_room(rooms: &mut Vec<Room>, room: &Room) {
    match rooms.binary_search_by_key(&room.id, |room| room.id) {
        Ok(place) => rooms[place].clone_from(room),
        Err(place) => rooms.insert(place, room.clone()),
    }
}

fn remove_room(rooms: &mut Vec<RoomId>, room: RoomId) -> Result<(), &'static str> {
    let place = rooms.binary_search(&room).map_err(|_| "the user is not in the room")?;
    rooms.remove(place);
    Ok(())
}

fn add_member(room: &Room, members: &mut Vec<Member>, member: &Member) -> Result<(), &'static str> {
    if member.room != room.id {
        return Err("it is about another room");
    }
    insert(members, member, |member| member.user, "the user is a member already")
}

fn remove_member(room: &Room, members: &mut Vec<Member>, removed: &MemberRemoved) -> Result<(), &'static str> {
    if removed.room != room.id {
        return Err("it is about another room");
    }
    let place =
        members.binary_search_by_key(&removed.user, |member| member.user).map_err(|_| "the user is no member")?;
    members.remove(place);
    Ok(())
}

/// Keeps `items` ordered by `key`.
fn insert<T: Clone, K: Ord>(
    items: &mut Vec<T>,
    item: &T,
    key: impl Fn(&T) -> K,
    exists: &'static str,
) -> Result<(), &'static str> {
    match items.binary_search_by_key(&key(item), key) {
        Ok(_) => Err(exists),
        Err(place) => {
            items.insert(place, item.clone());
            Ok(())
        }
    }
}
