//! Users of a company: create, list, change roles, deactivate.

use super::accounts::{add_user, revoke_all};
use super::bounds::{Bounds, normal_email};
use super::rights::{acting, require_rank, require_role};
use crate::protocol::{CompanyId, CreateUser, ErrorCode, EventBody, Role, StreamId, User, UserId};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyUsers, UserKey};
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
        add_user(draft, caller.id, user.clone(), password_hash)?;
        Ok::<_, Refusal>(user)
    })?;
    Ok(created)
}

/// All users of the caller's company, by identifier.
///
/// # Errors
/// [`ErrorCode::Forbidden`] for guests.
pub fn list(view: &View<'_>, actor: Actor) -> Answer<Vec<User>> {
    let caller = acting(view, actor)?;
    require_role(&caller, Role::Member)?;
    company_users(view, caller.company)
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

/// Gives a user another role. Giving the role they have changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin, or where the old or the new role is above one's own;
/// [`ErrorCode::LastOwner`]; [`ErrorCode::NotFound`].
pub fn change_role(draft: &mut Draft<'_>, actor: Actor, id: UserId, role: Role) -> Answer<User> {
    let (caller, record) = touched(draft, actor, id)?;
    require_rank(&caller, role)?;
    if record.user.role == role {
        return Ok(record.user);
    }
    if role != Role::Owner {
        require_another_owner(draft, &record.user)?;
    }
    let user = User { role, ..record.user.clone() };
    update(draft, caller.id, UserRecord { user, ..record })
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
    revoke_all(draft, caller.id, id)?;
    Ok(user)
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

fn update(draft: &mut Draft<'_>, by: UserId, mut record: UserRecord) -> Answer<User> {
    record.user.version += 1;
    draft.put(&UserKey(record.user.id), &record);
    let UserRecord { user, .. } = record;
    draft.append(StreamId::Company(user.company), by, |_| EventBody::UserUpdated(user.clone()))?;
    draft.append(StreamId::User(user.id), by, |_| EventBody::UserUpdated(user.clone()))?;
    Ok(user)
}
