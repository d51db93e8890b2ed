//! The record of the keys that tokens are signed with: the newest signs, the earlier ones only verify what they signed.
//!
//! A key that signs no longer is kept until the last token that it can have signed has ended, so that a rotation logs
//! nobody out. That takes the longest lifetime that any token had while it signed: lifetimes are settings, and a server
//! may have been started with longer ones before.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::protocol::Timestamp;

/// The length of a key: that of the hash that it keys (RFC 7518 §3.2).
pub const SECRET_BYTES: usize = 32;

/// The most keys that are kept at once. Whoever rotates more often than this within the longest lifetime of a token has
/// a script that does not stop.
pub const MOST_KEYS: usize = 64;

/// How much longer an earlier key is kept than any of its tokens is good for: a clock that is set back meanwhile, and
/// tokens that share a commit with the rotation, must not end early.
const MARGIN_MS: u64 = 3_600_000;

/// All keys that verify, the oldest first. The last one signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyringRecord {
    /// At least one.
    pub keys: Vec<KeyRecord>,
}

/// A key.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyRecord {
    /// What tokens call it in their `kid` (RFC 7515 §4.1.4).
    pub id: String,
    /// It.
    pub secret: Vec<u8>,
    /// When it began to sign.
    pub created_at: Timestamp,
    /// The longest lifetime that a token can have that it signed.
    pub longest_ms: u64,
    /// From when on it verifies no longer; none for the one that signs.
    pub ends_at: Option<Timestamp>,
}

impl KeyringRecord {
    /// A ring with one key.
    pub fn new(secret: [u8; SECRET_BYTES], now: Timestamp, longest_ms: u64) -> Self {
        Self { keys: vec![KeyRecord::new(secret, now, longest_ms)] }
    }

    /// Lets a new key sign. Those whose last token has ended are forgotten.
    ///
    /// # Errors
    /// [`TooManyKeys`]: as many as may be are kept still. Nothing changed.
    pub fn rotate(&mut self, secret: [u8; SECRET_BYTES], now: Timestamp, longest_ms: u64) -> Result<(), TooManyKeys> {
        let ends = |key: &KeyRecord| key.ends_at.unwrap_or(now.plus_ms(key.longest_ms.saturating_add(MARGIN_MS)));
        let kept = self.keys.iter().filter(|key| key.verifies(now)).count();
        if kept >= MOST_KEYS {
            let first_ends = self.keys.iter().filter(|key| key.verifies(now)).map(ends).min().unwrap_or(now);
            return Err(TooManyKeys { wait_ms: first_ends.ms_since(now) });
        }
        for key in &mut self.keys {
            key.ends_at = Some(ends(key));
        }
        self.keys.push(KeyRecord::new(secret, now, longest_ms));
        self.forget(now);
        Ok(())
    }

    /// Removes the keys whose last token has ended. Whether there were any.
    pub fn forget(&mut self, now: Timestamp) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| key.verifies(now));
        self.keys.len() < before
    }

    /// From now on tokens may live so long. Whether that is longer than before.
    pub fn lengthen(&mut self, longest_ms: u64) -> bool {
        match self.keys.last_mut() {
            Some(key) if key.longest_ms < longest_ms => {
                key.longest_ms = longest_ms;
                true
            }
            _ => false,
        }
    }

    /// What is wrong with it, if anything is.
    pub fn flaw(&self) -> Option<&'static str> {
        let Some((newest, earlier)) = self.keys.split_last() else { return Some("has no key") };
        if self.keys.iter().any(|key| key.secret.len() != SECRET_BYTES) {
            return Some("has a key that does not have 32 bytes");
        }
        if self.keys.iter().any(|key| key.id != id_of(&key.secret)) {
            return Some("has a key that is not the one that its id names");
        }
        let repeats = |(place, key): (usize, &KeyRecord)| self.keys[..place].iter().any(|other| other.id == key.id);
        if self.keys.iter().enumerate().any(repeats) {
            return Some("has a key twice");
        }
        if newest.ends_at.is_some() || earlier.iter().any(|key| key.ends_at.is_none()) {
            return Some("has not exactly one key that signs, the newest");
        }
        None
    }
}

impl KeyRecord {
    fn new(secret: [u8; SECRET_BYTES], now: Timestamp, longest_ms: u64) -> Self {
        Self { id: id_of(&secret), secret: secret.to_vec(), created_at: now, longest_ms, ends_at: None }
    }

    /// Whether a token of it may be good yet.
    pub fn verifies(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| now < ends_at)
    }
}

impl fmt::Debug for KeyRecord {
    /// Without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// As many keys as may be are kept still.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{MOST_KEYS} keys have tokens that are good still")]
pub struct TooManyKeys {
    /// Until the first of them is forgotten.
    pub wait_ms: u64,
}

/// A digest's first 16 hexadecimal digits: it names a key and tells nothing of it.
fn id_of(secret: &[u8]) -> String {
    Sha256::digest(secret)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn ids(ring: &KeyringRecord) -> Vec<u8> {
        ring.keys.iter().map(|key| key.secret[0]).collect()
    }

    #[test]
    fn an_earlier_key_is_kept_as_long_as_a_token_of_it_may_be_good() {
        let mut ring = KeyringRecord::new([1; 32], Timestamp(0), 5 * HOUR);
        ring.rotate([2; 32], Timestamp(1_000), HOUR).unwrap();
        assert_eq!(ring.flaw(), None);
        // Five hours, and the margin.
        let ends_at = Timestamp(1_000).plus_ms(6 * HOUR);
        assert_eq!(ring.keys[0].ends_at, Some(ends_at));
        assert!(!ring.forget(Timestamp(ends_at.0 - 1)));
        assert_eq!(ids(&ring), [1, 2]);
        assert!(ring.forget(ends_at));
        assert_eq!(ids(&ring), [2]);
        // A second rotation leaves the end of what ended before as it was.
        ring.rotate([3; 32], Timestamp(2_000), HOUR).unwrap();
        ring.rotate([4; 32], Timestamp(3_000), HOUR).unwrap();
        assert_eq!(ring.keys[0].ends_at, Some(Timestamp(2_000).plus_ms(2 * HOUR)));
        assert_eq!(ring.flaw(), None);
    }

    #[test]
    fn a_lifetime_that_was_longer_once_counts() {
        let mut ring = KeyringRecord::new([1; 32], Timestamp(0), HOUR);
        assert!(ring.lengthen(3 * HOUR) && !ring.lengthen(HOUR) && !ring.lengthen(3 * HOUR));
        ring.rotate([2; 32], Timestamp(0), HOUR).unwrap();
        assert_eq!(ring.keys[0].ends_at, Some(Timestamp(0).plus_ms(4 * HOUR)));
    }

    #[test]
    fn there_is_a_most_and_it_says_until_when() {
        let mut ring = KeyringRecord::new([0; 32], Timestamp(0), HOUR);
        for number in 1..MOST_KEYS {
            ring.rotate([u8::try_from(number).unwrap(); 32], Timestamp(0), HOUR).unwrap();
        }
        let refused = ring.rotate([255; 32], Timestamp(0).plus_ms(HOUR), HOUR).unwrap_err();
        assert_eq!((refused.wait_ms, ring.keys.len()), (HOUR, MOST_KEYS));
        ring.rotate([255; 32], Timestamp(0).plus_ms(2 * HOUR), HOUR).unwrap();
        assert_eq!(ring.keys.len(), 1 + 1, "the one that signed until now, and the new one");
    }

    #[test]
    fn what_is_wrong_with_a_ring_is_told() {
        let good = KeyringRecord::new([1; 32], Timestamp(0), 1);
        let check = |harm: fn(&mut Vec<KeyRecord>), flaw: &str| {
            let mut ring = good.clone();
            harm(&mut ring.keys);
            assert!(ring.flaw().unwrap().contains(flaw), "{ring:?}");
        };
        check(Vec::clear, "no key");
        check(|keys| keys[0].secret.truncate(31), "32 bytes");
        check(|keys| keys[0].secret[3] ^= 1, "its id");
        check(|keys| keys.push(keys[0].clone()), "twice");
        check(|keys| keys[0].ends_at = Some(Timestamp(1)), "exactly one");
        assert!(!format!("{good:?}").contains("secret"), "{good:?}");
    }
}
