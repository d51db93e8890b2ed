//! Passwords: Argon2id in the PHC string form, with the costs of the configuration.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier, Version};

use crate::config::PasswordConfig;

/// Hashes and checks passwords. Slow on purpose: call it where blocking is allowed.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
}

impl PasswordHasher {
    /// A hasher with these costs, which [`PasswordConfig`]'s own check has found valid.
    pub fn new(config: &PasswordConfig) -> Self {
        let params = Params::new(config.memory_kib, config.iterations, config.parallelism, None)
            .expect("the configuration was checked");
        Self { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params) }
    }

    /// The hash of `password` with this salt.
    pub fn hash(&self, password: &str, salt: [u8; 16]) -> String {
        self.argon2
            .hash_password_with_salt(password.as_bytes(), &salt)
            .expect("a salt of 16 bytes and checked costs hash any password")
            .to_string()
    }

    /// Whether `password` is the one that `hash` was made of. Uses the costs that are written in the hash.
    pub fn matches(&self, password: &str, hash: &str) -> bool {
        PasswordHash::new(hash).is_ok_and(|hash| self.argon2.verify_password(password.as_bytes(), &hash).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_matches() {
        let hasher = PasswordHasher::new(&PasswordConfig { memory_kib: 8, iterations: 1, parallelism: 1 });
        let hash = hasher.hash("correct horse!", [7; 16]);
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(hasher.matches("correct horse!", &hash));
        assert!(!hasher.matches("correct horse?", &hash));
        assert!(!hasher.matches("correct horse!", "no hash"));
    }
}
