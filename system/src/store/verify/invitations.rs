//! Invitations, and the companies that they are into.

use super::look::{Checked, Look};
use crate::protocol::CompanyId;
use crate::store::key::{CompanyInvitationKey, CompanyKey, InvitationKey, UserKey};

/// An invitation is into a company that is there and lists it, by a user who is there, as who it became is.
pub(super) fn invitation(look: &mut Look<'_>) -> Checked {
    let Some(record) = look.read::<InvitationKey>() else { return Ok(()) };
    let invitation = record.invitation;
    look.lies_at(&InvitationKey(invitation.id));
    look.needs(&CompanyKey(invitation.company), "is into a company that is not there")?;
    look.needs(&CompanyInvitationKey(invitation.company, invitation.id), "is not listed by the company")?;
    look.needs(&UserKey(invitation.invited_by), "is by a user who is not there")?;
    look.require(
        invitation.accepted_by.is_some() == record.accepted_at.is_some(),
        "does not say both by whom and when it was accepted",
    );
    match invitation.accepted_by {
        Some(user) => look.needs(&UserKey(user), "became a user who is not there"),
        None => Ok(()),
    }
}

/// A company lists its own invitations.
pub(super) fn company_invitation(look: &mut Look<'_>) -> Checked {
    let Some(invitation) = look.read::<CompanyInvitationKey>() else { return Ok(()) };
    let company = CompanyId(look.id_at(1));
    look.lies_at(&CompanyInvitationKey(company, invitation));
    let found = look.other(&InvitationKey(invitation))?.map(|record| record.invitation.company);
    look.require(found == Some(company), "lists an invitation that is not into it");
    Ok(())
}
