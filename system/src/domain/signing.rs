//! What signs tokens and how long they live; and its rotation, which logs nobody out.
//!
//! A rotation is an operation of the one writer. What signs changes while it is decided: every token is signed in an
//! operation too, so one that the new key has signed was decided after the rotation, and is answered only when both are
//! durable. A commit that fails ends the server, and with it what nobody was told.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::auth::TokenSigner;
use crate::config::AuthConfig;
use crate::protocol::{ErrorCode, SigningKey, SigningKeys, Timestamp};
use crate::refusal::{Answer, Refusal};
use crate::store::key::KeyringKey;
use crate::store::{Draft, KeyringRecord, MOST_KEYS, StoreError, View};

/// What signs tokens and how long they live.
#[derive(Debug)]
pub struct Signing {
    signer: RwLock<Arc<TokenSigner>>,
    /// Lifetimes.
    pub config: AuthConfig,
}

impl Signing {
    /// With these keys and lifetimes.
    pub fn new(signer: TokenSigner, config: AuthConfig) -> Self {
        Self { signer: RwLock::new(Arc::new(signer)), config }
    }

    /// What signs and verifies now.
    pub fn signer(&self) -> Arc<TokenSigner> {
        self.signer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the keys that an operation has just drafted.
    fn install(&self, ring: &KeyringRecord) -> Answer<()> {
        let signer = TokenSigner::new(ring).ok_or_else(no_keys)?;
        *self.signer.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signer);
        Ok(())
    }
}

/// Lets a new key sign from now on. The earlier ones verify until the last token that they can have signed has ended.
///
/// # Errors
/// [`ErrorCode::RateLimited`] when as many keys as may be are kept still.
pub fn rotate(draft: &mut Draft<'_>, signing: &Signing) -> Answer<SigningKeys> {
    let mut ring = ring(draft.view())?;
    let (secret, now) = (draft.random(), draft.now());
    ring.rotate(secret, now, signing.config.longest_token_ms()).map_err(|too_many| {
        let detail = format!("{MOST_KEYS} keys have tokens that are good still: rotate less often");
        Refusal::new(ErrorCode::RateLimited, detail).after(Duration::from_millis(too_many.wait_ms))
    })?;
    draft.put(&KeyringKey(), &ring);
    signing.install(&ring)?;
    Ok(told(&ring, now))
}

/// The keys that verify at `now`, without their secrets.
///
/// # Errors
/// The store fails.
pub fn list(view: &View<'_>, now: Timestamp) -> Answer<SigningKeys> {
    Ok(told(&ring(view)?, now))
}

/// Forgets the keys whose last token has ended. How many there were.
///
/// # Errors
/// The store fails.
pub fn forget(draft: &mut Draft<'_>, signing: &Signing) -> Answer<usize> {
    let mut ring = ring(draft.view())?;
    let before = ring.keys.len();
    if ring.forget(draft.now()) {
        draft.put(&KeyringKey(), &ring);
        signing.install(&ring)?;
    }
    Ok(before - ring.keys.len())
}

fn told(ring: &KeyringRecord, now: Timestamp) -> SigningKeys {
    let keys = ring.keys.iter().filter(|key| key.verifies(now));
    let keys = keys.map(|key| SigningKey { id: key.id.clone(), created_at: key.created_at, ends_at: key.ends_at });
    SigningKeys { keys: keys.collect() }
}

fn ring(view: &View<'_>) -> Answer<KeyringRecord> {
    view.get(&KeyringKey())?.ok_or_else(no_keys)
}

fn no_keys() -> Refusal {
    StoreError::Damaged { key: "signing keys".to_owned(), reason: "there are none".to_owned() }.into()
}
