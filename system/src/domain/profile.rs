//! What users change about themselves, and what only they and their admins see.

use super::Expected;
use super::accounts::require_free;
use super::bounds::{Bounds, normal_email};
use super::rights::{acting, require_role};
use super::sessions;
use super::users::{self, update};
use crate::protocol::{Account, Role, Timestamp, UpdateProfile, User, UserId};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{EmailKey, UserKey};
use crate::store::{Actor, Draft, UserRecord, View};

/// The caller.
///
/// # Errors
/// [`SessionRevoked`](crate::protocol::ErrorCode::SessionRevoked).
pub fn me(view: &View<'_>, actor: Actor) -> Answer<User> {
    acting(view, actor)
}

/// Changes the caller's name or email. What they are already changes nothing, whichever version is expected: so a call
/// whose answer was lost can be repeated.
///
/// # Errors
/// [`EmailTaken`](crate::protocol::ErrorCode::EmailTaken),
/// [`VersionConflict`](crate::protocol::ErrorCode::VersionConflict); bounds.
pub fn change(draft: &mut Draft<'_>, actor: Actor, request: &UpdateProfile, expected: &Expected) -> Answer<User> {
    let caller = acting(draft.view(), actor)?;
    let mut bounds = Bounds::default();
    if let Some(name) = &request.name {
        bounds = bounds.name("name", name);
    }
    if let Some(email) = &request.email {
        bounds = bounds.email("email", email);
    }
    bounds.check()?;
    let changed = User {
        name: request.name.clone().unwrap_or_else(|| caller.name.clone()),
        email: request.email.as_deref().map_or_else(|| caller.email.clone(), normal_email),
        ..caller.clone()
    };
    if changed == caller {
        return Ok(caller);
    }
    expected.check(caller.version)?;
    if changed.email != caller.email {
        require_free(draft.view(), &changed.email)?;
        draft.delete(&EmailKey(caller.email));
        draft.put(&EmailKey(changed.email.clone()), &caller.id);
    }
    let record = own_record(draft.view(), actor)?;
    update(draft, caller.id, UserRecord { user: changed, ..record })
}

/// The caller with the hash of their password.
///
/// # Errors
/// [`SessionRevoked`](crate::protocol::ErrorCode::SessionRevoked).
pub fn own_record(view: &View<'_>, actor: Actor) -> Answer<UserRecord> {
    let caller = acting(view, actor)?;
    Ok(view.get(&UserKey(caller.id))?.expect("acting has found the user"))
}

/// Whether the password was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordChanged {
    /// It was, and all other sessions of the user have ended.
    Done,
    /// Somebody else changed it since `verified_hash` was read: verify again.
    Meanwhile,
}

/// Checks a new password before anything costly is done with it.
///
/// # Errors
/// Bounds.
pub fn check_password(new: &str) -> Answer<()> {
    Bounds::default().password("new", new).check()
}

/// Gives the caller another password and ends all of their other sessions. `verified_hash` is what the current one was
/// verified against.
///
/// # Errors
/// [`SessionRevoked`](crate::protocol::ErrorCode::SessionRevoked).
pub fn change_password(
    draft: &mut Draft<'_>,
    actor: Actor,
    verified_hash: &str,
    new_hash: &str,
) -> Answer<PasswordChanged> {
    let record = own_record(draft.view(), actor)?;
    if record.password_hash != verified_hash {
        return Ok(PasswordChanged::Meanwhile);
    }
    // The user as others see them stays as they were: no version more, and no event but of the sessions that end.
    draft.put(&UserKey(actor.user), &UserRecord { password_hash: new_hash.to_owned(), ..record });
    sessions::revoke_all(draft, actor.user, actor.user, Some(actor.session))?;
    Ok(PasswordChanged::Done)
}

/// What only a user and those who may touch them see of them (REQUIREMENTS.md SC-2).
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound), and
/// [`Forbidden`](crate::protocol::ErrorCode::Forbidden) for others' accounts below admin.
pub fn account(view: &View<'_>, actor: Actor, id: UserId, now: Timestamp) -> Answer<Account> {
    let caller = acting(view, actor)?;
    let user = users::get(view, actor, id)?;
    if user.id != caller.id {
        require_role(&caller, Role::Admin)?;
    }
    let record = view.get(&UserKey(id))?.ok_or_else(|| Refusal::not_found("user"))?;
    Ok(Account { user: id, last_login_at: record.last_login_at, sessions: sessions::count(view, id, now)? })
}
