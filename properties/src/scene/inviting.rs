//! What a scene needs of invitations and sessions: objects as the server would answer them.

use system::protocol::{CreatedInvitation, Invitation, InvitationId, Role, Session, SessionId, Tokens};

use super::Scene;

/// How long what the scene hands out is good for.
const LONG_MS: u64 = 86_400_000;

impl Scene {
    /// An invitation of a member called `name`, by `by`.
    pub(crate) fn invitation(&mut self, by: &str, name: &str) -> CreatedInvitation {
        let invitation = Invitation {
            id: InvitationId(self.uuid()),
            company: self.the_company().id,
            email: format!("{name}@acme.example"),
            role: Role::Member,
            invited_by: self.user(by),
            created_at: self.now(),
            expires_at: self.now().plus_ms(LONG_MS),
            accepted_by: None,
            revoked_at: None,
        };
        CreatedInvitation { invitation, token: format!("token-of-{name}") }
    }

    /// A session of a user, as a login answers it.
    pub(crate) fn session(&mut self, user: &str) -> Session {
        let session = SessionId(self.uuid());
        let tokens = Tokens {
            access_token: format!("access-of-{user}"),
            access_expires_at: self.now().plus_ms(LONG_MS),
            refresh_token: format!("refresh-of-{user}"),
            refresh_expires_at: self.now().plus_ms(LONG_MS),
        };
        Session { session, user: self.users[user].clone(), company: self.the_company().clone(), tokens }
    }
}
