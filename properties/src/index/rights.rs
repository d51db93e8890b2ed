//! Who had which right when: a small model of roles, activity and memberships, replayed from the final logs.
//!
//! It is independent of the server's own code: what it knows is the contract. Where a moment is known only roughly it
//! answers whether a right *can* have been held, so that no property accuses the server of what it may not have done.

use std::collections::{BTreeMap, BTreeSet};

use system::protocol::{Event, EventBody, Role, Room, RoomId, StreamId, User, UserId, Visibility};

use super::{Log, Timeline, Window};

/// Roles, activity, memberships and rooms, by time.
#[derive(Debug, Default)]
pub(crate) struct Rights<'t> {
    users: BTreeMap<UserId, Timeline<Standing>>,
    members: BTreeMap<(RoomId, UserId), Timeline<bool>>,
    rooms: BTreeMap<RoomId, &'t Room>,
    conditions: BTreeMap<RoomId, Timeline<Condition>>,
    company: Option<StreamId>,
    /// Rooms that are gone, and with them who was in them when.
    gone: BTreeSet<RoomId>,
}

/// What a user is in the company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    /// The role.
    pub(crate) role: Role,
    /// Not deactivated.
    pub(crate) active: bool,
}

/// What a room is for those who want something of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Condition {
    /// Everybody but guests may join.
    pub(crate) public: bool,
    /// Nothing is written to it.
    pub(crate) archived: bool,
}

impl<'t> Rights<'t> {
    pub(crate) fn new(log: &Log<'t>) -> Self {
        let gone = log.all_gone().filter_map(|(stream, _)| match stream {
            StreamId::Room(room) => Some(room),
            _ => None,
        });
        let mut rights = Self { gone: gone.collect(), ..Self::default() };
        for (stream, stream_log) in log.streams() {
            for event in stream_log.events {
                rights.apply(log, stream, event);
            }
        }
        rights
    }

    fn apply(&mut self, log: &Log<'t>, stream: StreamId, event: &'t Event) {
        let span = || log.span(stream, event.seq);
        match (stream, &event.body) {
            (StreamId::Company(_), EventBody::UserCreated(user) | EventBody::UserUpdated(user)) => {
                self.company = Some(stream);
                self.users.entry(user.id).or_default().push(event.seq, span(), Standing::of(user));
            }
            (StreamId::Room(room), EventBody::RoomCreated(object)) => {
                self.rooms.insert(room, object);
                self.conditions.entry(room).or_default().push(event.seq, span(), Condition::of(object));
            }
            (StreamId::Room(room), EventBody::RoomUpdated(object)) => {
                self.conditions.entry(room).or_default().push(event.seq, span(), Condition::of(object));
            }
            (StreamId::Room(room), EventBody::RoomDeleted(_)) => {
                // Its members are told so: for them the right ends after this event.
                for (_, membership) in self.members.iter_mut().filter(|((of, _), _)| *of == room) {
                    membership.push(event.seq + 1, span(), false);
                }
            }
            (StreamId::Room(room), EventBody::MemberAdded(member)) => {
                self.members.entry((room, member.user)).or_default().push(event.seq, span(), true);
            }
            (StreamId::Room(room), EventBody::MemberRemoved(removed)) => {
                self.members.entry((room, removed.user)).or_default().push(event.seq, span(), false);
            }
            _ => {}
        }
    }

    /// The company's stream. A run has one company.
    pub(crate) fn company(&self) -> Option<StreamId> {
        self.company
    }

    /// What a user was, by time; the places are the company stream's.
    pub(crate) fn standing(&self, user: UserId) -> Option<&Timeline<Standing>> {
        self.users.get(&user)
    }

    /// Whether a user was in a room, by time; the places are the room stream's.
    pub(crate) fn membership(&self, room: RoomId, user: UserId) -> Option<&Timeline<bool>> {
        self.members.get(&(room, user))
    }

    /// A room as it was created.
    pub(crate) fn room(&self, room: RoomId) -> Option<&'t Room> {
        self.rooms.get(&room).copied()
    }

    /// What a room was, by time; the places are the room stream's.
    pub(crate) fn condition(&self, room: RoomId) -> Option<&Timeline<Condition>> {
        self.conditions.get(&room)
    }

    /// Whether an active user whose role is at least `role` can have been meant.
    pub(crate) fn could_be(&self, user: UserId, role: Role, window: Window) -> bool {
        self.standing(user).is_some_and(|standing| standing.could(window, |held| held.is_at_least(role)))
    }

    /// Whether a room is gone: who was in it when is not known any more, and nobody is accused for it.
    pub(crate) fn is_gone(&self, room: RoomId) -> bool {
        self.gone.contains(&room)
    }

    /// Whether an active user can have been a member of a room.
    pub(crate) fn could_be_member(&self, room: RoomId, user: UserId, window: Window) -> bool {
        let was = || self.membership(room, user).is_some_and(|membership| membership.could(window, |is_in| is_in));
        self.could_be(user, Role::Guest, window) && (self.is_gone(room) || was())
    }

    /// Whether a user can have had the right to follow a stream.
    pub(crate) fn could_follow(&self, user: UserId, stream: StreamId, window: Window) -> bool {
        match stream {
            StreamId::Company(_) => self.could_be(user, Role::Member, window),
            StreamId::Room(room) => self.could_be_member(room, user, window),
            StreamId::User(owner) => owner == user && self.could_be(user, Role::Guest, window),
        }
    }

    /// Whether a user can have had the right to read a stream over REST: an owner may audit all of them.
    pub(crate) fn could_read(&self, user: UserId, stream: StreamId, window: Window) -> bool {
        self.could_follow(user, stream, window) || self.could_be(user, Role::Owner, window)
    }

    /// Whether a user can have had the right to know of a room: in it, or it is public, or they manage all rooms.
    pub(crate) fn could_see_room(&self, user: UserId, room: RoomId, window: Window) -> bool {
        self.could_be_member(room, user, window)
            || self.could_be(user, Role::Admin, window)
            || (self.could_be_public(room, window) && self.could_be(user, Role::Member, window))
    }

    /// Whether everybody but guests can have been allowed to join a room.
    pub(crate) fn could_be_public(&self, room: RoomId, window: Window) -> bool {
        self.is_gone(room) || self.condition(room).is_some_and(|condition| condition.could(window, |held| held.public))
    }

    /// Whether a room can have been in use: not archived.
    pub(crate) fn could_be_in_use(&self, room: RoomId, window: Window) -> bool {
        self.is_gone(room)
            || self.condition(room).is_some_and(|condition| condition.could(window, |held| !held.archived))
    }
}

impl Condition {
    /// The condition of a room.
    pub(crate) fn of(room: &Room) -> Self {
        Self { public: room.visibility == Visibility::Public, archived: room.archived_at.is_some() }
    }
}

impl Standing {
    /// The standing of a user.
    pub(crate) fn of(user: &User) -> Self {
        Self { role: user.role, active: user.active }
    }

    /// Active, and with this role or a greater one.
    pub(crate) fn is_at_least(self, role: Role) -> bool {
        self.active && self.role >= role
    }
}
