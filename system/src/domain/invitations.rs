//! Invitations: how somebody becomes a user without anybody else knowing their password.
//!
//! An invitation is for admins only, so it stands in no stream: `GET /invitations` tells of it, and once it is accepted
//! `user.created` does. The token is a secret that is told once and kept as a hash. It is made of the server's key and
//! the invitation, so a call that is repeated under its idempotency key is told it again.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::accounts::{add_user, come_in, require_free};
use super::bounds::{Bounds, normal_email};
use super::paging::Paging;
use super::rights::{acting, require_rank, require_role};
use super::signing::Signing;
use crate::protocol::{
    AcceptInvitation, CreateInvitation, CreatedInvitation, ErrorCode, Invitation, InvitationId, Page, Role, Session,
    User, UserId,
};
use crate::refusal::{Answer, Once, Refusal};
use crate::store::key::{CompanyInvitationKey, CompanyInvitations, CompanyKey, InvitationKey, UserKey};
use crate::store::{Actor, Draft, Effect, InvitationRecord, View};

/// Invites somebody into the caller's company.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin or for a role above one's own; [`ErrorCode::EmailTaken`]; bounds.
pub fn create(
    draft: &mut Draft<'_>,
    actor: Actor,
    signing: &Signing,
    request: &CreateInvitation,
    key: Option<&str>,
) -> Once<CreatedInvitation> {
    let caller = acting(draft.view(), actor)?;
    Bounds::default().email("email", &request.email).check()?;
    let invited = draft.once(actor.user.0, "invitations.create", key, request, |draft| {
        require_role(&caller, Role::Admin)?;
        require_rank(&caller, request.role)?;
        let email = normal_email(&request.email);
        require_free(draft.view(), &email)?;
        let invitation = Invitation {
            id: InvitationId(draft.new_uuid()),
            company: caller.company,
            email,
            role: request.role,
            invited_by: caller.id,
            created_at: draft.now(),
            expires_at: draft.now().plus_ms(signing.config.invitation_ms),
            accepted_by: None,
            revoked_at: None,
        };
        let token_hash = hash(&signing.signer().invitation(invitation.id));
        draft.put(&CompanyInvitationKey(caller.company, invitation.id), &invitation.id);
        let record = InvitationRecord { invitation, token_hash, accepted_at: None };
        draft.put(&InvitationKey(record.invitation.id), &record);
        Ok::<_, Refusal>(record.invitation)
    })?;
    let signer = signing.signer();
    Ok(match invited {
        Effect::Done(invitation) => {
            Effect::Done(CreatedInvitation { token: signer.invitation(invitation.id), invitation })
        }
        // Another key may sign by now: what was told once is the text whose hash was kept.
        Effect::Repeated(invitation) => {
            let record = draft.get(&InvitationKey(invitation.id))?;
            let told = |token: &String| record.as_ref().is_some_and(|record| record.token_hash == hash(token));
            let token = signer.invitation_by_any(invitation.id).find(told);
            let token = token.unwrap_or_else(|| signer.invitation(invitation.id));
            Effect::Repeated(CreatedInvitation { token, invitation })
        }
    })
}

/// A page of all invitations into the caller's company, oldest first: those that were accepted, revoked or have expired
/// too, until they are swept away.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin; a cursor that is none.
pub fn list(view: &View<'_>, actor: Actor, paging: &Paging) -> Answer<Page<Invitation>> {
    let caller = acting(view, actor)?;
    require_role(&caller, Role::Admin)?;
    let key = |invitation| CompanyInvitationKey(caller.company, InvitationId(invitation));
    paging.page(
        view,
        &CompanyInvitations(caller.company),
        key,
        |id| id.0,
        |id| Ok(view.get(&InvitationKey(id))?.map(|record| record.invitation)),
    )
}

/// Takes an invitation back. Doing it again changes nothing.
///
/// # Errors
/// [`ErrorCode::Forbidden`] below admin or for a role above one's own; [`ErrorCode::NotFound`];
/// [`ErrorCode::InvitationUsed`].
pub fn revoke(draft: &mut Draft<'_>, actor: Actor, id: InvitationId) -> Answer<()> {
    let caller = acting(draft.view(), actor)?;
    require_role(&caller, Role::Admin)?;
    let mut record = draft
        .get(&InvitationKey(id))?
        .filter(|record| record.invitation.company == caller.company)
        .ok_or_else(|| Refusal::not_found("invitation"))?;
    require_rank(&caller, record.invitation.role)?;
    if record.invitation.accepted_by.is_some() {
        return Err(used());
    }
    if record.invitation.revoked_at.is_none() {
        record.invitation.revoked_at = Some(draft.now());
        draft.put(&InvitationKey(id), &record);
    }
    Ok(())
}

/// Makes a user of who was invited, and logs them in. The new user is whom the inviter made: `user.created` names the
/// inviter as its sender, and somebody who may no longer make such a user no longer invites either.
///
/// # Errors
/// [`ErrorCode::NotFound`] for a token that is none; [`ErrorCode::InvitationUsed`], [`ErrorCode::InvitationExpired`],
/// [`ErrorCode::InvitationRevoked`]; [`ErrorCode::EmailTaken`]; bounds. For a repeat, as for a login.
pub fn accept(
    draft: &mut Draft<'_>,
    signing: &Signing,
    request: &AcceptInvitation,
    password_hash: &str,
    key: Option<&str>,
) -> Once<Session> {
    Bounds::default()
        .name("name", &request.name)
        .password("password", &request.password)
        .name("device", &request.device)
        .check()?;
    let unknown = || Refusal::not_found("invitation");
    let id = signing.signer().read_invitation(&request.token, draft.now()).ok_or_else(unknown)?;
    // What is kept under the key tells nothing of the secrets that their hashes do not.
    let kept = AcceptInvitation { token: hash(&request.token), password: password_hash.to_owned(), ..request.clone() };
    let made = draft.once(Uuid::nil(), "auth.accept", key, &kept, |draft| {
        let mut record = draft.get(&InvitationKey(id))?.ok_or_else(unknown)?;
        if !bool::from(record.token_hash.as_bytes().ct_eq(hash(&request.token).as_bytes())) {
            return Err(unknown());
        }
        let inviter = inviter(draft, &record)?;
        let user = User {
            id: UserId(draft.new_uuid()),
            company: inviter.company,
            email: record.invitation.email.clone(),
            name: request.name.clone(),
            role: record.invitation.role,
            active: true,
            version: 1,
            created_at: draft.now(),
        };
        let company = draft.get(&CompanyKey(user.company))?.ok_or_else(unknown)?;
        let now = Some(draft.now());
        add_user(draft, inviter.id, user.clone(), password_hash, now)?;
        record.invitation.accepted_by = Some(user.id);
        record.accepted_at = now;
        draft.put(&InvitationKey(id), &record);
        Ok::<_, Refusal>((user, company))
    })?;
    come_in(draft, signing, made, password_hash, &request.device)
}

/// Who invited, if the invitation holds.
fn inviter(draft: &Draft<'_>, record: &InvitationRecord) -> Answer<User> {
    let InvitationRecord { invitation, .. } = record;
    let revoked = |detail| Refusal::new(ErrorCode::InvitationRevoked, detail);
    if invitation.accepted_by.is_some() {
        return Err(used());
    }
    if invitation.revoked_at.is_some() {
        return Err(revoked("it was taken back: ask for another"));
    }
    if draft.now() >= invitation.expires_at {
        let detail = format!("it could be accepted until {}: ask for another", invitation.expires_at);
        return Err(Refusal::new(ErrorCode::InvitationExpired, detail));
    }
    let inviter = draft.get(&UserKey(invitation.invited_by))?.map(|record| record.user);
    inviter
        .filter(|inviter| inviter.active && inviter.role >= Role::Admin.max(invitation.role))
        .ok_or_else(|| revoked("whoever invited you may do so no longer: ask somebody else"))
}

fn used() -> Refusal {
    Refusal::new(ErrorCode::InvitationUsed, "it was accepted before: log in")
}

fn hash(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}
