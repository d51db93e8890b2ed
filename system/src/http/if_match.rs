//! The `If-Match` header of changes (RFC 9110, section 13.1.1): which versions of the object they are made from.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::app::App;
use crate::domain::Expected;
use crate::protocol::ErrorCode;
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

/// The versions that the caller expects; any where they do not say.
#[derive(Clone, Debug)]
pub struct IfMatch(pub Expected);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let mut values = parts.headers.get_all(IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Ok(Self(Expected::Any));
        }
        let mut versions = Vec::new();
        for value in values {
            let value = value.to_str().unwrap_or("").trim();
            if value == "*" {
                return Ok(Self(Expected::Any));
            }
            for tag in value.split(',') {
                versions.extend(version(tag.trim())?);
            }
        }
        Ok(Self(Expected::OneOf(versions)))
    }
}

impl Describe for IfMatch {
    fn describe(operation: &mut Operation<'_>) {
        let description = "The `ETag`s of the versions that the change is made from; absent or `*`: whichever it has.";
        operation.header_parameter::<EntityTags>("If-Match", false, description);
        operation.refuses(&[ErrorCode::InvalidRequest, ErrorCode::VersionConflict]);
    }
}

/// The schema of the header: `*`, or entity tags with commas between them (RFC 9110, section 8.8.3).
enum EntityTags {}

impl JsonSchema for EntityTags {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EntityTags".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // A tag's characters are visible, and neither a quote nor, since commas stand between tags, a comma.
        let tags = r#"^(W/)?"[!#-+.-~-]*"( ?, ?(W/)?"[!#-+.-~-]*")*$"#;
        json_schema!({
            "anyOf": [{"type": "string", "const": "*"}, {"type": "string", "pattern": tags}],
            "examples": ["\"3\""],
        })
    }
}

/// The version that an entity tag stands for. One that this server never gave, or a weak one, stands for none: it is
/// well formed, and matches nothing.
fn version(tag: &str) -> Result<Option<u64>, Refusal> {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let opaque = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(|| {
        Refusal::new(ErrorCode::InvalidRequest, "`If-Match` is wrong: send the `ETag` of the answer, such as \"3\"")
    })?;
    Ok(if strong == tag { opaque.parse().ok() } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_strong_versions_or_match_nothing() {
        assert_eq!(version("\"3\""), Ok(Some(3)));
        assert_eq!(version("W/\"3\""), Ok(None));
        assert_eq!(version("\"abc\""), Ok(None));
        assert_eq!(version("3").unwrap_err().code, ErrorCode::InvalidRequest);
    }
}
