//! Users, their sessions and statuses.

use system::protocol::{
    Company, CompanyId, ErrorCode, EventBody, Role, SessionId, SessionRevoked, Status, StreamId, User, UserId,
    UserStatus, Visibility,
};

use super::super::answer::Answer;
use super::super::state::State;
use super::members::taken_out;
use super::rights::{require, touched};
use super::{Decided, Drawn, Step};

/// A company registers with its owner.
pub(super) fn register(state: &State, (company, email, name): (&str, &str, &str), drawn: Drawn) -> Decided {
    require_free(state, email)?;
    let id = CompanyId(drawn.ids[0]);
    let company = Company { id, name: company.to_owned(), created_at: drawn.now };
    let owner = user(UserId(drawn.ids[1]), &company, (email, name, Role::Owner), drawn);
    let stream = StreamId::Company(id);
    let mut events = vec![(stream, EventBody::CompanyCreated(company))];
    events.extend(told(&owner, EventBody::UserCreated));
    Step::does(events, Answer::User(owner))
}

/// An admin makes a user who does not rank above them, or invited one.
pub(super) fn create(state: &State, caller: &User, (email, name, role): (&str, &str, Role), drawn: Drawn) -> Decided {
    require(caller.role >= Role::Admin)?;
    require(caller.role >= role)?;
    require_free(state, email)?;
    let company = state.company.as_ref().ok_or(ErrorCode::NotFound)?;
    let user = user(UserId(drawn.ids[0]), company, (email, name, role), drawn);
    Step::does(told(&user, EventBody::UserCreated).to_vec(), Answer::User(user))
}

/// An admin gives a user another role, neither the old nor the new above their own.
pub(super) fn change_role(state: &State, caller: &User, user: UserId, role: Role) -> Decided {
    let found = touched(state, caller, user)?;
    require(caller.role >= role)?;
    if found.role == role {
        return Step::same(Answer::User(found.clone()));
    }
    if role != Role::Owner {
        require_another_owner(state, found)?;
    }
    let changed = User { role, version: found.version + 1, ..found.clone() };
    let mut events = told(&changed, EventBody::UserUpdated).to_vec();
    if role == Role::Guest {
        // Guests are only where somebody added them: they leave the public rooms that they joined by themselves.
        for room in state.rooms.values().filter(|room| room.room.visibility == Visibility::Public) {
            if room.members.get(&user).is_some_and(|member| member.added_by == user) {
                events.extend(taken_out(caller.id, room.room.id, user));
            }
        }
    }
    Step::does(events, Answer::User(changed))
}

/// An admin takes a user out of service, or puts them back. Their sessions end in the same transaction: which these
/// are, the log says.
pub(super) fn set_active(state: &State, caller: &User, user: UserId, active: bool) -> Decided {
    let found = touched(state, caller, user)?;
    if found.active == active {
        return Step::same(Answer::User(found.clone()));
    }
    if !active {
        require_another_owner(state, found)?;
    }
    let changed = User { active, version: found.version + 1, ..found.clone() };
    Step::does(told(&changed, EventBody::UserUpdated).to_vec(), Answer::User(changed))
}

/// A user changes their own name or email.
pub(super) fn update_profile(state: &State, caller: &User, name: Option<&String>, email: Option<&String>) -> Decided {
    let email = email.map_or_else(|| caller.email.clone(), |email| email.to_lowercase());
    let changed = User { name: name.unwrap_or(&caller.name).clone(), email, ..caller.clone() };
    if changed == *caller {
        return Step::same(Answer::User(changed));
    }
    if changed.email != caller.email {
        require_free(state, &changed.email)?;
    }
    let changed = User { version: caller.version + 1, ..changed };
    Step::does(told(&changed, EventBody::UserUpdated).to_vec(), Answer::User(changed))
}

/// A user ends a session of their own. That one is theirs is not asked here: a login whose answer was lost leaves one that
/// no trace tells of.
pub(super) fn revoke_session(state: &State, caller: &User, session: SessionId) -> Decided {
    if state.revoked.contains(&session) {
        return Step::same(Answer::Nothing);
    }
    let revoked = EventBody::SessionRevoked(SessionRevoked { session });
    Step::does(vec![(StreamId::User(caller.id), revoked)], Answer::Nothing)
}

/// Some sessions of a user end: which, the log says.
pub(super) fn end_sessions() -> Decided {
    Step::does(Vec::new(), Answer::Nothing)
}

/// A user chooses a status; online until they do.
pub(super) fn set_status(state: &State, caller: &User, status: Status, text: Option<String>) -> Decided {
    let (user, stream) = (caller.id, StreamId::User(caller.id));
    let chosen = UserStatus { user, status, text };
    if status_of(state, user) == chosen {
        return Step::same_in(stream, Answer::Status(chosen));
    }
    Step::does(vec![(stream, EventBody::StatusUpdated(chosen.clone()))], Answer::Status(chosen))
}

/// What a user chose.
pub(super) fn status_of(state: &State, user: UserId) -> UserStatus {
    state.statuses.get(&user).cloned().unwrap_or(UserStatus { user, status: Status::Online, text: None })
}

fn user(id: UserId, company: &Company, (email, name, role): (&str, &str, Role), drawn: Drawn) -> User {
    let (email, name) = (email.to_lowercase(), name.to_owned());
    User { id, company: company.id, email, name, role, active: true, version: 1, created_at: drawn.now }
}

/// The company and the user themselves are told.
fn told(user: &User, body: fn(User) -> EventBody) -> [(StreamId, EventBody); 2] {
    [StreamId::Company(user.company), StreamId::User(user.id)].map(|stream| (stream, body(user.clone())))
}

/// An email is of one user.
fn require_free(state: &State, email: &str) -> Result<(), ErrorCode> {
    let email = email.to_lowercase();
    let taken = state.users.values().any(|user| user.email == email);
    if taken { Err(ErrorCode::EmailTaken) } else { Ok(()) }
}

/// A company always has an active owner.
fn require_another_owner(state: &State, user: &User) -> Result<(), ErrorCode> {
    let owns = |user: &User| user.role == Role::Owner && user.active;
    let others = state.users.values().any(|other| other.id != user.id && owns(other));
    if owns(user) && !others { Err(ErrorCode::LastOwner) } else { Ok(()) }
}
