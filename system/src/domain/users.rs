//! Users of a company: create, list, change roles, deactivate and activate again.

use super::Expected;
use super::accounts::add_user;
use super::bounds::{Bounds, normal_email};
use super::members::take_out;
use super::paging::Paging;
use super::rights::{acting, require_rank, require_role};
use super::sessions::revoke_all;
use crate::protocol::{CompanyId, CreateUser, ErrorCode, EventBody, Page, Role, StreamId, User, UserId, Visibility};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyUserKey, CompanyUsers, MemberKey, RoomKey, UserKey, UserRooms};
use crate::store::{Actor, Draft, UserRecord, View};

/// A new user of the caller's company.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin or for a role above one's own; [`ErrorCode::EmailTaken`]; bounds.
pub fn create(
    draft: &mut Draft<'_>,
    actor: Actor,
    request: &CreateUser,
    password_hash: &str,
    key: Option<&str>,
) -> Once<User> {
    let caller = acting(draft.view(), actor)?;
    Bounds::default()
        .email("email", &request.email)
        .name("name", &request.name)
        .password("password", &request.password)
        .check()?;
    // What is kept under the key tells nothing of the password that its hash does not.
    let kept = CreateUser { password: password_hash.to_owned(), ..request.clone() };
    // Rights are asked of the first time only: a repeat tells what was done, whatever became of its author since.
    let created = draft.once(actor.user.0, "users.create", key, &kept, |draft| {
        require_role(&caller, Role::Admin)?;
        require_rank(&caller, request.role)?;
        let user = User {
            id: UserId(draft.new_uuid()),
            company: caller.company,
            email: normal_email(&request.email),
            name: request.name.clone(),
            role: request.role,
            active: true,
            version: 1,
            created_at: draft.now(),
        };
        add_user(draft, caller.id, user.clone(), password_hash, None)?;
        Ok::<_, Refusal>(user)
    })?;
    Ok(created)
}

/// A page of all users of the caller's company, by identifier.
///
/// # Errors
/// [`ErrorCode::Forbidden`] for guests; a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, paging: &Paging) -> Answer<Page<User>> {
    let caller = acting(view, actor)?;
    require_role(&caller, Role::Member)?;
    let key = |user| CompanyUserKey(caller.company, UserId(user));
    paging.page(
        view,
        &CompanyUsers(caller.company),
        key,
        |user| user.0,
        |user| Ok(view.get(&UserKey(user))?.map(|record| record.user)),
    )
}

/// One user of the caller's company; guests see only themselves.
///
/// # Errors
/// [`ErrorCode::NotFound`].
pub fn get(view: &View<'_>, actor: Actor, id: UserId) -> Answer<User> {
    let caller = acting(view, actor)?;
    if caller.id == id {
        return Ok(caller);
    }
    let found = if caller.role >= Role::Member { view.get(&UserKey(id))? } else { None };
    found
        .map(|record| record.user)
        .filter(|user| user.company == caller.company)
        .ok_or_else(|| Refusal::not_found("user"))
}

/// All users of a company, by identifier.
pub(super) fn company_users(view: &View<'_>, company: CompanyId) -> Answer<Vec<User>> {
    let mut users = Vec::new();
    for id in view.list(&CompanyUsers(company))? {
        users.extend(view.get(&UserKey(id))?.map(|record| record.user));
    }
    Ok(users)
}

/// Gives a user another role. Giving the role they have changes nothing, whichever version is expected.
///
/// Guests see only the rooms that somebody added them to: who becomes one leaves the public rooms that they joined by
/// themselves (REQUIREMENTS.md IT-14). Who becomes a member again may join them again.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin, or where the old or the new role is above one's own;
/// [`ErrorCode::LastOwner`]; [`ErrorCode::NotFound`]; [`ErrorCode::VersionConflict`].
pub fn change_role(draft: &mut Draft<'_>, actor: Actor, id: UserId, role: Role, expected: &Expected) -> Answer<User> {
    let (caller, record) = touched(draft, actor, id)?;
    require_rank(&caller, role)?;
    if record.user.role == role {
        return Ok(record.user);
    }
    expected.check(record.user.version)?;
    if role != Role::Owner {
        require_another_owner(draft, &record.user)?;
    }
    let user = User { role, ..record.user.clone() };
    let user = update(draft, caller.id, UserRecord { user, ..record })?;
    if role == Role::Guest {
        leave_what_they_joined(draft, caller.id, id)?;
    }
    Ok(user)
}

fn leave_what_they_joined(draft: &mut Draft<'_>, by: UserId, user: UserId) -> Answer<()> {
    for id in draft.view().list(&UserRooms(user))? {
        let public = draft.get(&RoomKey(id))?.is_some_and(|room| room.visibility == Visibility::Public);
        let joined = draft.get(&MemberKey(id, user))?.is_some_and(|member| member.added_by == user);
        if public && joined {
            take_out(draft, by, id, user)?;
        }
    }
    Ok(())
}

/// Takes a user out of service, with all their sessions. Doing it again changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin, or where their role is above one's own; [`ErrorCode::LastOwner`];
/// [`ErrorCode::NotFound`].
pub fn deactivate(draft: &mut Draft<'_>, actor: Actor, id: UserId) -> Answer<User> {
    let (caller, record) = touched(draft, actor, id)?;
    if !record.user.active {
        return Ok(record.user);
    }
    require_another_owner(draft, &record.user)?;
    // First the reason, then its consequence: connections are closed as deactivated, not as logged out.
    let user = User { active: false, ..record.user.clone() };
    let user = update(draft, caller.id, UserRecord { user, ..record })?;
    revoke_all(draft, caller.id, id, None)?;
    Ok(user)
}

/// Puts a user back into service: they log in as before, and are in the rooms that they were in. Doing it again changes
/// nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin, or where their role is above one's own; [`ErrorCode::NotFound`].
pub fn activate(draft: &mut Draft<'_>, actor: Actor, id: UserId) -> Answer<User> {
    let (caller, record) = touched(draft, actor, id)?;
    if record.user.active {
        return Ok(record.user);
    }
    let user = User { active: true, ..record.user.clone() };
    update(draft, caller.id, UserRecord { user, ..record })
}

/// The caller, and the user whom they want to touch and may.
fn touched(draft: &Draft<'_>, actor: Actor, id: UserId) -> Answer<(User, UserRecord)> {
    let caller = acting(draft.view(), actor)?;
    require_role(&caller, Role::Admin)?;
    let record = draft
        .get(&UserKey(id))?
        .filter(|record| record.user.company == caller.company)
        .ok_or_else(|| Refusal::not_found("user"))?;
    require_rank(&caller, record.user.role)?;
    Ok((caller, record))
}

/// A company always has an active owner. The check and the change share a transaction, so two owners who demote each
/// other at once cannot both succeed.
fn require_another_owner(draft: &Draft<'_>, user: &User) -> Answer<()> {
    if user.role != Role::Owner || !user.active {
        return Ok(());
    }
    let others = company_users(draft.view(), user.company)?;
    if others.iter().any(|other| other.id != user.id && other.role == Role::Owner && other.active) {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::LastOwner, "make somebody else an owner first: a company needs one"))
}

/// Stores a changed user, under their next version, and tells the company and the user's own stream of it.
pub(super) fn update(draft: &mut Draft<'_>, by: UserId, mut record: UserRecord) -> Answer<User> {
    record.user.version += 1;
    draft.put(&UserKey(record.user.id), &record);
    let UserRecord { user, .. } = record;
    draft.append(StreamId::Company(user.company), by, |_| EventBody::UserUpdated(user.clone()))?;
    draft.append(StreamId::User(user.id), by, |_| EventBody::UserUpdated(user.clone()))?;
    Ok(user)
}
