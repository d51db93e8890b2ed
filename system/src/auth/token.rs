//! Signed tokens: JWTs (RFC 7519) with HMAC-SHA256. The times in them are checked against the platform's clock.
//!
//! Each names the key that signed it by its `kid` (RFC 7515 §4.1.4). The newest key signs; the earlier ones verify what
//! they signed until the last of that has ended.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::protocol::{InvitationId, SessionId, Timestamp, UserId};
use crate::store::{KeyRecord, KeyringRecord};

/// Signs and reads tokens with the database's keys.
#[derive(Clone)]
pub struct TokenSigner {
    newest: SigningKey,
    /// The newest of them first.
    earlier: Vec<SigningKey>,
}

/// A key that is ready for use.
#[derive(Clone)]
struct SigningKey {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    /// From when on it is no longer good; none for the newest.
    ends_at: Option<Timestamp>,
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

/// What a refresh token says: which link of its session's chain it is. The same link is the same text as long as the same
/// key signs, and says the same with any, so a lost answer to a rotation can be repeated (PROTOCOL.md, promise 7).
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

    fn of(invitation: InvitationId) -> Self {
        Self { inv: invitation, typ: Self::KIND.to_owned() }
    }
}

impl TokenSigner {
    /// A signer with the keys of a record; none if there is no key in it.
    pub fn new(ring: &KeyringRecord) -> Option<Self> {
        let mut keys = ring.keys.iter().rev().map(SigningKey::new);
        Some(Self { newest: keys.next()?, earlier: keys.collect() })
    }

    /// How many keys verify, those included whose last token has ended and that nobody has forgotten yet.
    pub fn key_count(&self) -> usize {
        1 + self.earlier.len()
    }

    /// Whether there is a key whose last token has ended.
    pub fn has_ended_key(&self, now: Timestamp) -> bool {
        self.earlier.iter().any(|key| !key.verifies(now))
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

    /// The token of this invitation, as the newest key signs it: always the same text.
    pub fn invitation(&self, invitation: InvitationId) -> String {
        self.sign(&InvitationClaims::of(invitation))
    }

    /// The token of this invitation as each key signs it, the newest first.
    pub fn invitation_by_any(&self, invitation: InvitationId) -> impl Iterator<Item = String> {
        let claims = InvitationClaims::of(invitation);
        std::iter::once(&self.newest).chain(&self.earlier).map(move |key| key.sign(&claims))
    }

    /// Which invitation a token is of, if it is ours.
    pub fn read_invitation(&self, token: &str, now: Timestamp) -> Option<InvitationId> {
        let claims: InvitationClaims = self.read(token, now)?;
        (claims.typ == InvitationClaims::KIND).then_some(claims.inv)
    }

    /// What an access token says, if it is ours and has not ended at `now`.
    pub fn read_access(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        let claims: AccessClaims = self.read(token, now)?;
        (claims.typ == AccessClaims::KIND && now < claims.expires_at()).then_some(claims)
    }

    /// What a refresh token says, if it is ours. Its end is in the session.
    pub fn read_refresh(&self, token: &str, now: Timestamp) -> Option<RefreshClaims> {
        self.read(token, now).filter(|claims: &RefreshClaims| claims.typ == RefreshClaims::KIND)
    }

    fn sign(&self, claims: &impl Serialize) -> String {
        self.newest.sign(claims)
    }

    /// What a token says that a key signed that is good still.
    fn read<T: for<'de> Deserialize<'de> + Clone>(&self, token: &str, now: Timestamp) -> Option<T> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let mut keys = std::iter::once(&self.newest).chain(&self.earlier);
        keys.find(|key| key.header.kid.as_ref() == Some(&kid)).filter(|key| key.verifies(now))?.read(token)
    }
}

impl SigningKey {
    fn new(key: &KeyRecord) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // jsonwebtoken would ask the machine's clock.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        Self {
            header: Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) },
            encoding: EncodingKey::from_secret(&key.secret),
            decoding: DecodingKey::from_secret(&key.secret),
            validation,
            ends_at: key.ends_at,
        }
    }

    fn verifies(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&self.header, claims, &self.encoding).expect("claims are JSON and the key is a secret")
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

    const NOW: Timestamp = Timestamp(10_400);

    fn signer(secret: u8) -> TokenSigner {
        TokenSigner::new(&KeyringRecord::new([secret; 32], Timestamp(0), 5_000)).unwrap()
    }

    #[test]
    fn a_token_is_good_until_its_end_and_only_with_its_key() {
        let signer = signer(1);
        let (user, session) = (UserId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let (token, ends) = signer.access(user, session, NOW, 5_000);
        assert_eq!(ends, Timestamp(15_000));
        assert_eq!(signer.read_access(&token, NOW).unwrap().sub, user);
        assert!(signer.read_access(&token, Timestamp(14_999)).is_some());
        assert!(signer.read_access(&token, ends).is_none());
        assert!(super::tests::signer(2).read_access(&token, NOW).is_none());
        assert!(signer.read_refresh(&token, NOW).is_none(), "an access token refreshes nothing");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(signer.read_access(&unsigned, NOW).is_none());
    }

    #[test]
    fn a_token_is_read_with_the_key_that_its_kid_names_and_no_other() {
        let mut ring = KeyringRecord::new([1; 32], Timestamp(0), 5_000);
        let before = TokenSigner::new(&ring).unwrap();
        ring.rotate([2; 32], NOW, 5_000).unwrap();
        let after = TokenSigner::new(&ring).unwrap();
        let session = SessionId(Uuid::from_u128(2));
        let (old, new) = (before.refresh(session, 3), after.refresh(session, 3));
        assert_ne!(old, new);
        assert_eq!(after.read_refresh(&old, NOW), after.read_refresh(&new, NOW));
        assert!(after.read_refresh(&old, NOW).is_some());
        assert!(before.read_refresh(&new, NOW).is_none(), "it knows no such key");
        let ends_at = ring.keys[0].ends_at.unwrap();
        assert!(!after.has_ended_key(Timestamp(ends_at.0 - 1)) && after.has_ended_key(ends_at));
        assert!(after.read_refresh(&old, ends_at).is_none() && after.read_refresh(&new, ends_at).is_some());
        // What the one key signed, under the other's name; and without any.
        let claims = RefreshClaims { sid: session, generation: 3, typ: RefreshClaims::KIND.to_owned() };
        for header in [after.newest.header.clone(), Header::new(Algorithm::HS256)] {
            let forged = jsonwebtoken::encode(&header, &claims, &before.newest.encoding).unwrap();
            assert!(after.read_refresh(&forged, NOW).is_none());
        }
        assert!(!format!("{after:?}").contains("secret"));
    }

    #[test]
    fn the_same_link_is_the_same_text() {
        let signer = signer(1);
        let session = SessionId(Uuid::from_u128(2));
        assert_eq!(signer.refresh(session, 3), signer.refresh(session, 3));
        assert_ne!(signer.refresh(session, 3), signer.refresh(session, 4));
        let token = signer.refresh(session, 3);
        assert!(signer.read_access(&token, Timestamp(0)).is_none(), "a refresh token opens nothing");
        assert_eq!(signer.read_refresh(&token, NOW).unwrap().generation, 3);
        assert!(signer.read_invitation(&token, NOW).is_none(), "a refresh token invites nobody");
        let invitation = InvitationId(Uuid::from_u128(3));
        let token = signer.invitation(invitation);
        assert_eq!(signer.read_invitation(&token, NOW), Some(invitation));
        assert!(signer.read_refresh(&token, NOW).is_none() && signer.read_access(&token, Timestamp(0)).is_none());
    }
}
