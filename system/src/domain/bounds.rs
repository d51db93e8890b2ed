//! Bounds of values that people type.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::protocol::bound::{
    BODY_CHARACTERS, EMAIL_CHARACTERS, IDENTIFIER_CHARACTERS, KEY_CHARACTERS, METADATA_BYTES, NAME_CHARACTERS,
    PASSWORD_CHARACTERS, PASSWORD_CHARACTERS_LEAST, QUERY_CHARACTERS, STATUS_CHARACTERS,
};
use crate::protocol::{ErrorCode, FieldError};
use crate::refusal::Refusal;

const FILE_NAME_BYTES: usize = 255;
const MEDIA_TYPE_BYTES: usize = 127;

/// Collects every field that is wrong, so that a caller can mend them all at once.
#[derive(Debug, Default)]
pub struct Bounds {
    fields: Vec<FieldError>,
}

impl Bounds {
    /// A name: 1 to 100 characters, no control characters, not only white space.
    pub fn name(mut self, field: &str, value: &str) -> Self {
        let fits = !value.trim().is_empty()
            && value.chars().count() <= NAME_CHARACTERS
            && !value.chars().any(char::is_control);
        self.require(fits, field, "must have 1 to 100 characters, none of them a control character");
        self
    }

    /// An email address, by its shape.
    pub fn email(mut self, field: &str, value: &str) -> Self {
        let fits = value.chars().count() <= EMAIL_CHARACTERS
            && value
                .split_once('@')
                .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
            && !value.chars().any(|character| character.is_control() || character.is_whitespace());
        self.require(fits, field, "must look like name@example.org and have at most 254 characters");
        self
    }

    /// A password: 8 to 200 characters, one of them neither a letter from A to Z nor a digit (REQUIREMENTS.md SC-2).
    pub fn password(mut self, field: &str, value: &str) -> Self {
        let fits = (PASSWORD_CHARACTERS_LEAST..=PASSWORD_CHARACTERS).contains(&value.chars().count())
            && value.chars().any(|character| !character.is_ascii_alphanumeric());
        self.require(
            fits,
            field,
            "must have 8 to 200 characters, one of them neither a letter from A to Z nor a digit",
        );
        self
    }

    /// The text of a message: 1 to 8,000 characters, not only white space.
    pub fn body(mut self, field: &str, value: &str) -> Self {
        let fits = !value.trim().is_empty() && value.chars().count() <= BODY_CHARACTERS;
        self.require(fits, field, "must have 1 to 8,000 characters, not only white space");
        self
    }

    /// What is searched for: 1 to 200 characters, not only white space.
    pub fn query(mut self, field: &str, value: &str) -> Self {
        let fits = !value.trim().is_empty() && value.chars().count() <= QUERY_CHARACTERS;
        self.require(fits, field, "must have 1 to 200 characters, not only white space");
        self
    }

    /// What somebody says about their status: 1 to 80 characters, no control characters, not only white space.
    pub fn status_text(mut self, field: &str, value: &str) -> Self {
        let fits = !value.trim().is_empty()
            && value.chars().count() <= STATUS_CHARACTERS
            && !value.chars().any(char::is_control);
        self.require(fits, field, "must have 1 to 80 characters, none of them a control character");
        self
    }

    /// The name of a file: 1 to 255 bytes, a name and no path, without control characters.
    pub fn file_name(mut self, field: &str, value: &str) -> Self {
        let fits = (1..=FILE_NAME_BYTES).contains(&value.len())
            && !value.trim().is_empty()
            && !matches!(value, "." | "..")
            && !value.chars().any(|character| character.is_control() || matches!(character, '/' | '\\'));
        self.require(fits, field, "must have 1 to 255 bytes and be a name: no path, no control character");
        self
    }

    /// A media type (RFC 9110, 8.3.1), of at most 127 visible characters: `text/plain; charset=utf-8`.
    pub fn media_type(mut self, field: &str, value: &str) -> Self {
        let token = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        };
        let essence = value.split(';').next().unwrap_or("").trim_end();
        let fits = value.len() <= MEDIA_TYPE_BYTES
            && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
            && essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype));
        self.require(fits, field, "must be a media type such as image/png, of at most 127 characters");
        self
    }

    /// An idempotency key: 1 to 64 visible ASCII characters.
    pub fn key(mut self, field: &str, value: &str) -> Self {
        let fits = (1..=KEY_CHARACTERS).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
        self.require(fits, field, "must have 1 to 64 visible ASCII characters");
        self
    }

    /// An identifier that another program gave: 1 to 128 characters, no control characters.
    pub fn identifier(mut self, field: &str, value: &str) -> Self {
        let fits = (1..=IDENTIFIER_CHARACTERS).contains(&value.chars().count()) && !value.chars().any(char::is_control);
        self.require(fits, field, "must have 1 to 128 characters, none of them a control character");
        self
    }

    /// Metadata: at most 4 KiB of JSON.
    pub fn metadata(mut self, field: &str, value: &BTreeMap<String, Value>) -> Self {
        let fits = serde_json::to_vec(value).is_ok_and(|bytes| bytes.len() <= METADATA_BYTES);
        self.require(fits, field, "must not have more than 4,096 bytes of fields that are not the conversation's own");
        self
    }

    /// Ends the check.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidValue`] with every field that is wrong.
    pub fn check(self) -> Result<(), Refusal> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let detail = self.fields.iter().map(|field| format!("`{}` {}", field.field, field.message));
        let detail = detail.collect::<Vec<_>>().join("; ");
        Err(Refusal { fields: self.fields, ..Refusal::new(ErrorCode::InvalidValue, detail) })
    }

    fn require(&mut self, fits: bool, field: &str, message: &str) {
        if !fits {
            self.fields.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        }
    }
}

/// An email as it is stored and compared: in lower case.
pub fn normal_email(email: &str) -> String {
    email.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let refusal = Bounds::default()
            .name("name", "a\u{0}b")
            .email("email", "nobody")
            .password("password", "abcdefgh1")
            .body("body", "  ")
            .query("query", "")
            .key("key", "a b")
            .check()
            .unwrap_err();
        let fields: Vec<_> = refusal.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["name", "email", "password", "body", "query", "key"]);
        assert_eq!(refusal.code, ErrorCode::InvalidValue);
    }

    #[test]
    fn good_values_pass() {
        let passed = Bounds::default()
            .name("name", "Ana Núñez")
            .email("email", "ana@example.org")
            .password("password", "secret-1")
            .body("body", "hi")
            .key("key", "0190-a")
            .check();
        assert_eq!(passed, Ok(()));
    }
}
