//! Signed tokens: JWTs (RFC 7519) with HMAC-SHA256. The times in them are checked against the platform's clock.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::protocol::{InvitationId, SessionId, Timestamp, UserId};

/// Signs and reads tokens with the database's key.
#[derive(Clone)]
pub struct TokenSigner {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// What an access token says. Rights are not in it: they are looked up each time (PROTOCOL.md, promise 6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// When it was signed, in seconds.
    pub iat: i64,
    /// When it ends, in seconds.
    pub exp: i64,
    /// Always [`AccessClaims::KIND`].
    pub typ: String,
}

impl AccessClaims {
    /// What `typ` must be.
    pub const KIND: &'static str = "access";

    /// When the token ends.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.exp.saturating_mul(1_000))
    }
}

/// What a refresh token says: which link of its session's chain it is. The same link is always the same text, so a
/// lost answer to a rotation can be repeated (PROTOCOL.md, promise 7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshClaims {
    /// The session.
    pub sid: SessionId,
    /// Its number in the session, from 0.
    pub generation: u32,
    /// Always [`RefreshClaims::KIND`].
    pub typ: String,
}

impl RefreshClaims {
    /// What `typ` must be.
    pub const KIND: &'static str = "refresh";
}

/// What an invitation's token says: which invitation. Whether it holds is in its record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitationClaims {
    /// The invitation.
    inv: InvitationId,
    /// Always [`InvitationClaims::KIND`].
    typ: String,
}

impl InvitationClaims {
    /// What `typ` must be.
    const KIND: &'static str = "invitation";
}

impl TokenSigner {
    /// A signer with this secret.
    pub fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // jsonwebtoken would ask the machine's clock.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let (encoding, decoding) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        Self { encoding, decoding, validation }
    }

    /// An access token, and when it ends: on a whole second, at most `lifetime_ms` from `now`.
    pub fn access(&self, user: UserId, session: SessionId, now: Timestamp, lifetime_ms: u64) -> (String, Timestamp) {
        let exp = now.plus_ms(lifetime_ms).0.div_euclid(1_000);
        let typ = AccessClaims::KIND.to_owned();
        let claims = AccessClaims { sub: user, sid: session, iat: now.0.div_euclid(1_000), exp, typ };
        (self.sign(&claims), claims.expires_at())
    }

    /// The refresh token of this link.
    pub fn refresh(&self, session: SessionId, generation: u32) -> String {
        self.sign(&RefreshClaims { sid: session, generation, typ: RefreshClaims::KIND.to_owned() })
    }

    /// The token of this invitation: always the same text.
    pub fn invitation(&self, invitation: InvitationId) -> String {
        self.sign(&InvitationClaims { inv: invitation, typ: InvitationClaims::KIND.to_owned() })
    }

    /// Which invitation a token is of, if it is ours.
    pub fn read_invitation(&self, token: &str) -> Option<InvitationId> {
        let claims: InvitationClaims = self.read(token)?;
        (claims.typ == InvitationClaims::KIND).then_some(claims.inv)
    }

    /// What an access token says, if it is ours and has not ended at `now`.
    pub fn read_access(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        let claims: AccessClaims = self.read(token)?;
        (claims.typ == AccessClaims::KIND && now < claims.expires_at()).then_some(claims)
    }

    /// What a refresh token says, if it is ours. Its end is in the session.
    pub fn read_refresh(&self, token: &str) -> Option<RefreshClaims> {
        self.read(token).filter(|claims: &RefreshClaims| claims.typ == RefreshClaims::KIND)
    }

    fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .expect("claims are JSON and the key is a secret")
    }

    fn read<T: for<'de> Deserialize<'de> + Clone>(&self, token: &str) -> Option<T> {
        jsonwebtoken::decode::<T>(token, &self.decoding, &self.validation).ok().map(|data| data.claims)
    }
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TokenSigner").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_is_good_until_its_end_and_only_with_its_key() {
        let signer = TokenSigner::new(&[1; 32]);
        let (user, session) = (UserId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let now = Timestamp(10_400);
        let (token, ends) = signer.access(user, session, now, 5_000);
        assert_eq!(ends, Timestamp(15_000));
        assert_eq!(signer.read_access(&token, now).unwrap().sub, user);
        assert!(signer.read_access(&token, Timestamp(14_999)).is_some());
        assert!(signer.read_access(&token, ends).is_none());
        assert!(TokenSigner::new(&[2; 32]).read_access(&token, now).is_none());
        assert!(signer.read_refresh(&token).is_none(), "an access token refreshes nothing");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(signer.read_access(&unsigned, now).is_none());
    }

    #[test]
    fn the_same_link_is_the_same_text() {
        let signer = TokenSigner::new(&[1; 32]);
        let session = SessionId(Uuid::from_u128(2));
        assert_eq!(signer.refresh(session, 3), signer.refresh(session, 3));
        assert_ne!(signer.refresh(session, 3), signer.refresh(session, 4));
        let token = signer.refresh(session, 3);
        assert!(signer.read_access(&token, Timestamp(0)).is_none(), "a refresh token opens nothing");
        assert_eq!(signer.read_refresh(&token).unwrap().generation, 3);
        assert!(signer.read_invitation(&token).is_none(), "a refresh token invites nobody");
        let invitation = InvitationId(Uuid::from_u128(3));
        let token = signer.invitation(invitation);
        assert_eq!(signer.read_invitation(&token), Some(invitation));
        assert!(signer.read_refresh(&token).is_none() && signer.read_access(&token, Timestamp(0)).is_none());
    }
}
