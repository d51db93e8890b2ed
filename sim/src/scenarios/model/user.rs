//! A user of a scenario (SC-2): a fixture, or generated. Secrets do not leave it: reports hold their marks only.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use system::auth::PasswordHasher;
use system::config::PasswordConfig;
use system::protocol::{CompanyId, Role, Timestamp, UserId};
use xxhash_rust::xxh3::xxh3_64;

/// A user of a scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct User {
    /// The identifier.
    pub id: UserId,
    /// The email, which no other user on that server has.
    pub email: String,
    /// The password.
    #[serde(rename = "password_hash")]
    pub password: Password,
    /// The full name.
    pub full_name: String,
    /// The company.
    pub company: CompanyId,
    /// The role, when the user was made.
    pub role: Role,
    /// The access token of the last login.
    pub access_token: Redacted,
    /// The refresh token of the last login.
    pub refresh_token: Redacted,
    /// Whether the user may log in, when the user was made.
    pub active: bool,
    /// When the user was made, by the server's clock.
    pub created_at: Timestamp,
    /// When the user last logged in, by the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Timestamp>,
}

/// A password as users may have it: at least 8 characters, one of them neither a letter from A to Z nor a digit. A report
/// holds only its Argon2id hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// No password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordError {
    /// It is too short.
    #[error("a password has at least 8 characters, and this one has {0}")]
    Short(usize),
    /// It has only letters and digits.
    #[error("a password has at least one character that is neither a letter from A to Z nor a digit")]
    Plain,
}

/// A secret of which reports tell only whether it is the same as another.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted(pub String);

impl Password {
    /// A password.
    ///
    /// # Errors
    /// It is none that users may have.
    pub fn new(text: &str) -> Result<Self, PasswordError> {
        let characters = text.chars().count();
        if characters < 8 {
            return Err(PasswordError::Short(characters));
        }
        match text.chars().all(|character| character.is_ascii_alphanumeric()) {
            true => Err(PasswordError::Plain),
            false => Ok(Self(text.to_owned())),
        }
    }

    /// As it is typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for Password {
    fn schema_name() -> Cow<'static, str> {
        "Password".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The least costs: a report of many users is to be written in no time, and equal runs to give equal bytes.
        let costs = PasswordConfig { memory_kib: 8, iterations: 1, parallelism: 1 };
        serializer.serialize_str(&PasswordHasher::new(&costs).hash(&self.0, *b"scenario-report!"))
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl Redacted {
    /// What reports tell.
    fn mark(&self) -> String {
        format!("redacted:{:016x}", xxh3_64(self.0.as_bytes()))
    }
}

impl JsonSchema for Redacted {
    fn schema_name() -> Cow<'static, str> {
        "Redacted".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl Serialize for Redacted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.mark())
    }
}

impl std::fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.mark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_eight_characters_and_a_special_one() {
        assert_eq!(Password::new("short-1"), Err(PasswordError::Short(7)));
        assert_eq!(Password::new("onlyletters1"), Err(PasswordError::Plain));
        assert_eq!(Password::new("letters-1").map(|password| password.as_str().to_owned()), Ok("letters-1".into()));
    }

    #[test]
    fn no_secret_is_in_a_report() {
        let password = Password::new("letters-1").expect("it is one");
        let written = serde_json::to_string(&(&password, Redacted("a-token".into()))).expect("it can be written");
        assert!(written.contains("$argon2id$") && written.contains("redacted:"), "{written}");
        assert!(!written.contains("letters-1") && !written.contains("a-token"), "{written}");
        assert!(!format!("{password:?}").contains("letters"));
    }
}
