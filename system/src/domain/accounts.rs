//! How somebody comes in: a company registers with its owner, a user logs in. Invited people come by
//! [`invitations`](super::invitations).

use uuid::Uuid;

use super::bounds::{Bounds, normal_email};
use super::sessions;
use super::signing::Signing;
use crate::protocol::{
    Company, CompanyId, ErrorCode, EventBody, Register, Role, Session, StreamId, Timestamp, User, UserId,
};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyKey, CompanyUserKey, EmailKey, UserKey};
use crate::store::{Draft, Effect, UserRecord, View};

/// A company with its owner, who is logged in.
///
/// # Errors
/// [`ErrorCode::EmailTaken`], or a value out of bounds; for a repeat, as for [`login`].
pub fn register(
    draft: &mut Draft<'_>,
    signing: &Signing,
    request: &Register,
    password_hash: &str,
    key: Option<&str>,
) -> Once<Session> {
    Bounds::default()
        .name("company", &request.company)
        .email("email", &request.email)
        .name("name", &request.name)
        .password("password", &request.password)
        .name("device", &request.device)
        .check()?;
    // What is kept under the key tells nothing of the password that its hash does not.
    let kept = Register { password: password_hash.to_owned(), ..request.clone() };
    let owner = draft.once(Uuid::nil(), "auth.register", key, &kept, |draft| {
        let company =
            Company { id: CompanyId(draft.new_uuid()), name: request.company.clone(), created_at: draft.now() };
        let user = User {
            id: UserId(draft.new_uuid()),
            company: company.id,
            email: normal_email(&request.email),
            name: request.name.clone(),
            role: Role::Owner,
            active: true,
            version: 1,
            created_at: draft.now(),
        };
        draft.put(&CompanyKey(company.id), &company);
        draft.append(StreamId::Company(company.id), user.id, |_| EventBody::CompanyCreated(company.clone()))?;
        let last_login_at = Some(draft.now());
        add_user(draft, user.id, user.clone(), password_hash, last_login_at)?;
        Ok::<_, Refusal>((user, company))
    })?;
    come_in(draft, signing, owner, password_hash, &request.device)
}

/// A session for who was made a user just now. No token is ever stored: a repeat opens a session of its own, as a login
/// with the same password does.
pub(super) fn come_in(
    draft: &mut Draft<'_>,
    signing: &Signing,
    made: Effect<(User, Company)>,
    password_hash: &str,
    device: &str,
) -> Once<Session> {
    match made {
        Effect::Done((user, company)) => Ok(Effect::Done(sessions::open(draft, signing, user, company, device))),
        Effect::Repeated((user, _)) => login(draft, signing, user.id, password_hash, device).map(Effect::Repeated),
    }
}

/// Stores a new user and tells the company and the user's own stream of it.
///
/// # Errors
/// [`ErrorCode::EmailTaken`].
pub(super) fn add_user(
    draft: &mut Draft<'_>,
    by: UserId,
    user: User,
    password_hash: &str,
    last_login_at: Option<Timestamp>,
) -> Answer<()> {
    require_free(draft.view(), &user.email)?;
    draft.put(&EmailKey(user.email.clone()), &user.id);
    draft.put(&CompanyUserKey(user.company, user.id), &user.id);
    let record = UserRecord { user: user.clone(), password_hash: password_hash.to_owned(), last_login_at };
    draft.put(&UserKey(user.id), &record);
    draft.append(StreamId::Company(user.company), by, |_| EventBody::UserCreated(user.clone()))?;
    draft.append(StreamId::User(user.id), by, |_| EventBody::UserCreated(user.clone()))?;
    Ok(())
}

/// Nobody uses this email yet, which is in lower case.
///
/// # Errors
/// [`ErrorCode::EmailTaken`].
pub(super) fn require_free(view: &View<'_>, email: &str) -> Answer<()> {
    match view.get(&EmailKey(email.to_owned()))? {
        None => Ok(()),
        Some(_) => Err(Refusal::new(ErrorCode::EmailTaken, "somebody else uses this email: choose another")),
    }
}

/// The user with this email, with the hash that the password must match.
///
/// # Errors
/// The store fails.
pub fn user_by_email(view: &View<'_>, email: &str) -> Answer<Option<UserRecord>> {
    match view.get(&EmailKey(normal_email(email)))? {
        Some(id) => Ok(view.get(&UserKey(id))?),
        None => Ok(None),
    }
}

/// A session for a user whose password was checked against a hash.
///
/// # Errors
/// [`ErrorCode::WrongCredentials`] if they have another password by now; [`ErrorCode::SessionRevoked`] if they were
/// deactivated.
pub fn login(
    draft: &mut Draft<'_>,
    signing: &Signing,
    user: UserId,
    password_hash: &str,
    device: &str,
) -> Answer<Session> {
    Bounds::default().name("device", device).check()?;
    let gone = || Refusal::new(ErrorCode::SessionRevoked, "this user was deactivated");
    let mut record = draft.get(&UserKey(user))?.filter(|record| record.user.active).ok_or_else(gone)?;
    // The hash was read before this transaction. Whoever changes their password ends all other sessions: none may be
    // opened with the old one afterwards.
    if record.password_hash != password_hash {
        return Err(Refusal::new(ErrorCode::WrongCredentials, "the password was changed meanwhile"));
    }
    let company = draft.get(&CompanyKey(record.user.company))?.ok_or_else(gone)?;
    record.last_login_at = Some(draft.now());
    draft.put(&UserKey(user), &record);
    Ok(sessions::open(draft, signing, record.user, company, device))
}
