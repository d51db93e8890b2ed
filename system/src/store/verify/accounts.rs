//! Companies, users and their logins.

use super::look::{Checked, Look};
use crate::protocol::{CompanyId, Role, StreamId, UserId};
use crate::store::key::{
    CompanyKey, CompanyUserKey, CompanyUsers, EmailKey, SessionKey, StreamKey, UserKey, UserSessionKey,
};

/// A company has its stream and an active owner.
pub(super) fn company(look: &mut Look<'_>) -> Checked {
    let Some(company) = look.read::<CompanyKey>() else { return Ok(()) };
    look.lies_at(&CompanyKey(company.id));
    look.needs(&StreamKey(StreamId::Company(company.id)), "has no stream")?;
    let mut owned = false;
    for user in look.view.list(&CompanyUsers(company.id)).unwrap_or_default() {
        let user = look.other(&UserKey(user))?.map(|record| record.user);
        owned |= user.is_some_and(|user| user.active && user.role == Role::Owner);
    }
    look.require(owned, "has no active owner");
    Ok(())
}

/// A user is of a company that is there, and is found by it and by their email.
pub(super) fn user(look: &mut Look<'_>) -> Checked {
    let Some(record) = look.read::<UserKey>() else { return Ok(()) };
    let user = record.user;
    look.lies_at(&UserKey(user.id));
    look.needs(&CompanyKey(user.company), "is of a company that is not there")?;
    look.needs(&CompanyUserKey(user.company, user.id), "is not listed by the company")?;
    look.needs(&StreamKey(StreamId::User(user.id)), "has no stream")?;
    let found = look.other(&EmailKey(user.email))?;
    look.require(found == Some(user.id), "is not found by the email");
    Ok(())
}

/// An email leads to the user who has it.
pub(super) fn email(look: &mut Look<'_>) -> Checked {
    let Some(user) = look.read::<EmailKey>() else { return Ok(()) };
    let email = look.other(&UserKey(user))?.map(|record| record.user.email);
    let holds = email.is_some_and(|email| email.as_bytes() == &look.key[1..]);
    look.require(holds, "leads to nobody who has it");
    Ok(())
}

/// A company lists its own users.
pub(super) fn company_user(look: &mut Look<'_>) -> Checked {
    let Some(user) = look.read::<CompanyUserKey>() else { return Ok(()) };
    let company = CompanyId(look.id_at(1));
    look.lies_at(&CompanyUserKey(company, user));
    let found = look.other(&UserKey(user))?.map(|record| record.user.company);
    look.require(found == Some(company), "lists a user who is not of it");
    Ok(())
}

/// A session is of a user who is there and lists it.
pub(super) fn session(look: &mut Look<'_>) -> Checked {
    let Some(session) = look.read::<SessionKey>() else { return Ok(()) };
    look.lies_at(&SessionKey(session.id));
    look.needs(&UserKey(session.user), "is of a user who is not there")?;
    look.needs(&UserSessionKey(session.user, session.id), "is not listed by its user")
}

/// A user lists their own sessions.
pub(super) fn user_session(look: &mut Look<'_>) -> Checked {
    let Some(session) = look.read::<UserSessionKey>() else { return Ok(()) };
    let user = UserId(look.id_at(1));
    look.lies_at(&UserSessionKey(user, session));
    let found = look.other(&SessionKey(session))?.map(|session| session.user);
    look.require(found == Some(user), "lists a session that is not theirs");
    Ok(())
}
