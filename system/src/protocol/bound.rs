//! Bounds of what people type, as numbers, patterns and JSON Schemas: the documents say what `domain::bounds` checks.
//!
//! The types here are marks for schemas and have no values: `#[schemars(with = "bound::Name")] name: String`. Patterns are
//! written in the part of ECMA-262 that Python and Rust read alike: no `\s`, no `\p{...}`, code points by their numbers.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// The most characters of a name.
pub const NAME_CHARACTERS: usize = 100;
/// The most characters of an email address.
pub const EMAIL_CHARACTERS: usize = 254;
/// The most characters of a message.
pub const BODY_CHARACTERS: usize = 8_000;
/// The most characters of what is searched for.
pub const QUERY_CHARACTERS: usize = 200;
/// The most characters of what somebody says about their status.
pub const STATUS_CHARACTERS: usize = 80;
/// The fewest characters of a password.
pub const PASSWORD_CHARACTERS_LEAST: usize = 8;
/// The most characters of a password.
pub const PASSWORD_CHARACTERS: usize = 200;
/// The most characters of an idempotency key.
pub const KEY_CHARACTERS: usize = 64;
/// The most characters of a frame's `id`.
pub const FRAME_ID_CHARACTERS: usize = 64;

/// The most characters of an identifier that another program gave.
pub const IDENTIFIER_CHARACTERS: usize = 128;
/// The most bytes of a conversation's metadata, as JSON.
pub const METADATA_BYTES: usize = 4 << 10;

/// No drain takes longer.
pub const DRAIN_JITTER_MS: u64 = 600_000;

/// A UUID in the one form that is read and written: 36 characters with hyphens (RFC 9562, section 4).
pub(super) const UUID_PATTERN: &str = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

/// Control characters, as Unicode's category Cc has them.
macro_rules! controls {
    () => {
        r"\u0000-\u001f\u007f-\u009f"
    };
}

/// White space, as Unicode's property White_Space has it.
macro_rules! white_space {
    () => {
        r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    };
}

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $least:expr, $most:expr, $pattern:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "minLength": $least, "maxLength": $most, "pattern": $pattern})
            }
        }
    };
}

bounded!(
    /// 1 to 100 characters, none of them a control character, not only white space.
    Name,
    1,
    NAME_CHARACTERS,
    concat!("^[^", controls!(), "]*[^", controls!(), white_space!(), "][^", controls!(), "]*$")
);
bounded!(
    /// The shape of an email address, at most 254 characters.
    Email,
    3,
    EMAIL_CHARACTERS,
    concat!("^[^@", controls!(), white_space!(), "]+@[^@", controls!(), white_space!(), "]+$")
);
bounded!(
    /// 8 to 200 characters, one of them neither a letter from A to Z nor a digit.
    Password,
    PASSWORD_CHARACTERS_LEAST,
    PASSWORD_CHARACTERS,
    "[^0-9A-Za-z]"
);
bounded!(
    /// 1 to 8,000 characters, not only white space.
    MessageBody,
    1,
    BODY_CHARACTERS,
    concat!("[^", white_space!(), "]")
);
bounded!(
    /// 1 to 200 characters, not only white space.
    Query,
    1,
    QUERY_CHARACTERS,
    concat!("[^", white_space!(), "]")
);
bounded!(
    /// 1 to 128 characters, none of them a control character.
    Identifier,
    1,
    IDENTIFIER_CHARACTERS,
    concat!("^[^", controls!(), "]+$")
);
bounded!(
    /// 1 to 80 characters, none of them a control character, not only white space.
    StatusText,
    1,
    STATUS_CHARACTERS,
    concat!("^[^", controls!(), "]*[^", controls!(), white_space!(), "][^", controls!(), "]*$")
);
bounded!(
    /// 1 to 64 visible ASCII characters.
    Key,
    1,
    KEY_CHARACTERS,
    "^[!-~]+$"
);
