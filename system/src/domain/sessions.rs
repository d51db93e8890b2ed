//! Sessions: one for each login on one device. Open, refresh, list, revoke.

use super::paging::Paging;
use super::rights;
use super::signing::Signing;
use crate::auth::RefreshClaims;
use crate::protocol::{
    Company, ErrorCode, EventBody, Page, Session, SessionId, SessionInfo, SessionRevoked, StreamId, Timestamp, Tokens,
    User, UserId,
};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{SessionKey, UserSessionKey, UserSessions};
use crate::store::{Actor, Draft, SessionRecord, View};

/// Opens a session for a user whose right to one was checked.
pub(super) fn open(draft: &mut Draft<'_>, signing: &Signing, user: User, company: Company, device: &str) -> Session {
    let now = draft.now();
    let session = SessionRecord {
        id: SessionId(draft.new_uuid()),
        user: user.id,
        device: device.to_owned(),
        created_at: now,
        generation: 0,
        rotated_at: now,
        refresh_expires_at: now.plus_ms(signing.config.refresh_token_ms),
        revoked_at: None,
    };
    draft.put(&SessionKey(session.id), &session);
    draft.put(&UserSessionKey(user.id, session.id), &session.id);
    Session { session: session.id, user, company, tokens: tokens(draft, signing, &session) }
}

fn tokens(draft: &Draft<'_>, signing: &Signing, session: &SessionRecord) -> Tokens {
    let signer = signing.signer();
    let (access_token, access_expires_at) =
        signer.access(session.user, session.id, draft.now(), signing.config.access_token_ms);
    Tokens {
        access_token,
        access_expires_at,
        refresh_token: signer.refresh(session.id, session.generation),
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
            end(draft, session.user, session)?;
            return Ok(Refreshed::Reused);
        }
    }
    Ok(Refreshed::Tokens(Box::new(tokens(draft, signing, &session))))
}

/// A page of the caller's sessions that have not ended, oldest first.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`]; a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, paging: &Paging, now: Timestamp) -> Answer<Page<SessionInfo>> {
    let caller = rights::acting(view, actor)?;
    let key = |session| UserSessionKey(caller.id, SessionId(session));
    paging.page(
        view,
        &UserSessions(caller.id),
        key,
        |session| session.0,
        |session| {
            let session = view.get(&SessionKey(session))?.filter(|session| now < session.ends_at());
            Ok(session.map(|session| SessionInfo {
                id: session.id,
                device: session.device,
                created_at: session.created_at,
                refreshed_at: session.rotated_at,
                expires_at: session.refresh_expires_at,
                current: session.id == actor.session,
            }))
        },
    )
}

/// How many sessions of a user have not ended.
pub(super) fn count(view: &View<'_>, user: UserId, now: Timestamp) -> Answer<usize> {
    let mut live = 0;
    for id in view.list(&UserSessions(user))? {
        live += usize::from(view.get(&SessionKey(id))?.is_some_and(|session| now < session.ends_at()));
    }
    Ok(live)
}

/// Ends the caller's session.
///
/// # Errors
/// [`ErrorCode::SessionRevoked`] if it has ended already.
pub fn logout(draft: &mut Draft<'_>, actor: Actor) -> Answer<()> {
    revoke(draft, actor, actor.session)
}

/// Ends a session of the caller's, and every connection that it opened. Ending it again changes nothing.
///
/// # Errors
/// [`ErrorCode::NotFound`] for a session that is not theirs; [`ErrorCode::SessionRevoked`] if the caller's own has
/// ended.
pub fn revoke(draft: &mut Draft<'_>, actor: Actor, id: SessionId) -> Answer<()> {
    let caller = rights::acting(draft.view(), actor)?;
    let session = draft
        .get(&SessionKey(id))?
        .filter(|session| session.user == caller.id)
        .ok_or_else(|| Refusal::not_found("session"))?;
    if session.revoked_at.is_some() {
        return Ok(());
    }
    end(draft, caller.id, session)
}

/// Ends the sessions of a user, all or all but one.
pub(super) fn revoke_all(draft: &mut Draft<'_>, by: UserId, user: UserId, but: Option<SessionId>) -> Answer<()> {
    for id in draft.view().list(&UserSessions(user))? {
        let session = draft.get(&SessionKey(id))?;
        if let Some(session) = session.filter(|session| session.revoked_at.is_none() && Some(session.id) != but) {
            end(draft, by, session)?;
        }
    }
    Ok(())
}

fn end(draft: &mut Draft<'_>, by: UserId, mut session: SessionRecord) -> Answer<()> {
    session.revoked_at = Some(draft.now());
    draft.put(&SessionKey(session.id), &session);
    let revoked = SessionRevoked { session: session.id };
    draft.append(StreamId::User(session.user), by, |_| EventBody::SessionRevoked(revoked))?;
    Ok(())
}
