//! Companies, logins and sessions: register, login, refresh, logout.

use uuid::Uuid;

use super::bounds::{Bounds, normal_email};
use super::rights;
use crate::auth::{RefreshClaims, TokenSigner};
use crate::config::AuthConfig;
use crate::protocol::{
    Company, CompanyId, ErrorCode, EventBody, Register, Role, Session, SessionId, SessionRevoked, StreamId, Tokens,
    User, UserId,
};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyKey, CompanyUserKey, EmailKey, SessionKey, UserKey, UserSessionKey, UserSessions};
use crate::store::{Actor, Draft, Effect, SessionRecord, UserRecord, View};

/// What signs tokens and how long they live.
#[derive(Clone, Debug)]
pub struct Signing {
    /// Signs.
    pub signer: TokenSigner,
    /// Lifetimes.
    pub config: AuthConfig,
}

/// A company with its owner, who is logged in.
///
/// # Errors
/// [`ErrorCode::EmailTaken`], or a value out of bounds; [`ErrorCode::SessionRevoked`] for a repeat after the owner was
/// deactivated.
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
        add_user(draft, user.id, user.clone(), password_hash)?;
        Ok::<_, Refusal>((user, company))
    })?;
    // No token is ever stored: a repeat opens a session of its own, as a login does.
    match owner {
        Effect::Done((user, company)) => Ok(Effect::Done(open_session(draft, signing, user, company, &request.device))),
        Effect::Repeated((user, _)) => login(draft, signing, user.id, &request.device).map(Effect::Repeated),
    }
}

/// Stores a new user and tells the company and the user's own stream of it.
///
/// # Errors
/// [`ErrorCode::EmailTaken`].
pub(super) fn add_user(draft: &mut Draft<'_>, by: UserId, user: User, password_hash: &str) -> Answer<()> {
    if draft.get(&EmailKey(user.email.clone()))?.is_some() {
        return Err(Refusal::new(ErrorCode::EmailTaken, "somebody else uses this email: choose another"));
    }
    draft.put(&EmailKey(user.email.clone()), &user.id);
    draft.put(&CompanyUserKey(user.company, user.id), &user.id);
    draft.put(&UserKey(user.id), &UserRecord { user: user.clone(), password_hash: password_hash.to_owned() });
    draft.append(StreamId::Company(user.company), by, |_| EventBody::UserCreated(user.clone()))?;
    draft.append(StreamId::User(user.id), by, |_| EventBody::UserCreated(user.clone()))?;
    Ok(())
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

/// A session for a user whose password was checked.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`] if the user was deactivated.
pub fn login(draft: &mut Draft<'_>, signing: &Signing, user: UserId, device: &str) -> Answer<Session> {
    Bounds::default().name("device", device).check()?;
    let gone = || Refusal::new(ErrorCode::SessionRevoked, "this user was deactivated");
    let user = draft.get(&UserKey(user))?.map(|record| record.user).filter(|user| user.active).ok_or_else(gone)?;
    let company = draft.get(&CompanyKey(user.company))?.ok_or_else(gone)?;
    Ok(open_session(draft, signing, user, company, device))
}

fn open_session(draft: &mut Draft<'_>, signing: &Signing, user: User, company: Company, device: &str) -> Session {
    let now = draft.now();
    let session = SessionRecord {
        id: SessionId(draft.new_uuid()),
        user: user.id,
        device: device.to_owned(),
        created_at: now,
        generation: 0,
        rotated_at: now,
        refresh_expires_at: now.plus_ms(signing.config.refresh_token_ms),
        revoked: false,
    };
    draft.put(&SessionKey(session.id), &session);
    draft.put(&UserSessionKey(user.id, session.id), &session.id);
    Session { session: session.id, user, company, tokens: tokens(draft, signing, &session) }
}

fn tokens(draft: &Draft<'_>, signing: &Signing, session: &SessionRecord) -> Tokens {
    let (access_token, access_expires_at) =
        signing.signer.access(session.user, session.id, draft.now(), signing.config.access_token_ms);
    Tokens {
        access_token,
        access_expires_at,
        refresh_token: signing.signer.refresh(session.id, session.generation),
        refresh_expires_at: session.refresh_expires_at,
    }
}

/// What a refresh token got.
#[derive(Debug)]
pub enum Refreshed {
    /// Its successor.
    Tokens(Box<Tokens>),
    /// It was used before: somebody has stolen it or the device lost track. The session was ended.
    Reused,
}

/// Rotates a refresh token. The last but one is answered like the newest for a short while, so that a lost answer or
/// two tabs at once do not log anybody out; an older one ends the session (PROTOCOL.md, promise 7; CG-5).
///
/// # Errors
/// [`ErrorCode::RefreshTokenInvalid`], [`ErrorCode::SessionRevoked`].
pub fn refresh(draft: &mut Draft<'_>, signing: &Signing, claims: &RefreshClaims) -> Answer<Refreshed> {
    let invalid = |detail: &str| Refusal::new(ErrorCode::RefreshTokenInvalid, detail);
    let mut session = draft.get(&SessionKey(claims.sid))?.ok_or_else(|| invalid("the session does not exist"))?;
    rights::acting(draft.view(), Actor { user: session.user, session: session.id })?;
    if draft.now() >= session.refresh_expires_at {
        return Err(invalid("the refresh token has ended: log in again"));
    }
    if claims.generation == session.generation {
        session.generation += 1;
        session.rotated_at = draft.now();
        session.refresh_expires_at = draft.now().plus_ms(signing.config.refresh_token_ms);
        draft.put(&SessionKey(session.id), &session);
    } else {
        let repeated = claims.generation.checked_add(1) == Some(session.generation)
            && draft.now().ms_since(session.rotated_at) <= signing.config.refresh_reuse_ms;
        if !repeated {
            revoke(draft, session.user, session)?;
            return Ok(Refreshed::Reused);
        }
    }
    Ok(Refreshed::Tokens(Box::new(tokens(draft, signing, &session))))
}

/// Ends the caller's session.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`] if it has ended already.
pub fn logout(draft: &mut Draft<'_>, actor: Actor) -> Answer<()> {
    rights::acting(draft.view(), actor)?;
    let session = draft.get(&SessionKey(actor.session))?.expect("acting has found the session");
    revoke(draft, actor.user, session)
}

/// Ends all sessions of a user.
pub(super) fn revoke_all(draft: &mut Draft<'_>, by: UserId, user: UserId) -> Answer<()> {
    for id in draft.view().list(&UserSessions(user))? {
        if let Some(session) = draft.get(&SessionKey(id))?.filter(|session| !session.revoked) {
            revoke(draft, by, session)?;
        }
    }
    Ok(())
}

fn revoke(draft: &mut Draft<'_>, by: UserId, mut session: SessionRecord) -> Answer<()> {
    session.revoked = true;
    draft.put(&SessionKey(session.id), &session);
    let revoked = SessionRevoked { session: session.id };
    draft.append(StreamId::User(session.user), by, |_| EventBody::SessionRevoked(revoked))?;
    Ok(())
}
