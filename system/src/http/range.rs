//! The `Range` of a download (RFC 9110, 14.2), and the name under which it is saved (RFC 6266).

use axum::extract::FromRequestParts;
use http::HeaderValue;
use http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};
use http::request::Parts;

use crate::app::App;
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

/// What of a file's content is wanted, and what of it is known already: `Range`, `If-Range` and `If-None-Match`.
#[derive(Clone, Debug)]
pub struct Wanted {
    range: Option<HeaderValue>,
    if_range: Option<HeaderValue>,
    if_none_match: Option<HeaderValue>,
}

impl Wanted {
    /// Whether the client has it, under this entity tag.
    pub fn is_known(&self, etag: &str) -> bool {
        let known = self.if_none_match.as_ref().and_then(|header| header.to_str().ok()).unwrap_or("");
        known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
    }

    /// Which bytes of `size`. A range of another version of the content counts for nothing.
    pub fn range(&self, etag: &str, size: u64) -> ByteRange {
        let holds = self.if_range.as_ref().is_none_or(|condition| condition == etag);
        match self.range.as_ref().filter(|_| holds).and_then(|range| range.to_str().ok()) {
            Some(range) => ByteRange::parse(range, size),
            None => ByteRange::Whole,
        }
    }
}

impl FromRequestParts<App> for Wanted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let header = |name| parts.headers.get(name).cloned();
        Ok(Self { range: header(RANGE), if_range: header(IF_RANGE), if_none_match: header(IF_NONE_MATCH) })
    }
}

impl Describe for Wanted {
    fn describe(operation: &mut Operation<'_>) {
        operation.header_parameter::<String>(
            "Range",
            false,
            "A range of bytes; several at once are ignored (RFC 9110).",
        );
        operation.header_parameter::<String>("If-Range", false, "The range counts only with this `ETag`.");
        operation.header_parameter::<String>("If-None-Match", false, "What is known already: then the answer is 304.");
        for (name, description) in [
            ("ETag", "Names the content, which never changes."),
            ("Content-Range", "Which bytes these are, of how many."),
            ("Accept-Ranges", "`bytes`: ranges are served."),
            ("Content-Security-Policy", "No browser runs anything of it."),
            ("Content-Disposition", "The file's name, to be saved under."),
        ] {
            operation.answer_header(name, description);
        }
    }
}

/// Which bytes of a file are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByteRange {
    /// All. Also for several ranges at once, and for what cannot be read: a server may ignore both.
    Whole,
    /// So many from there, at least one.
    Part {
        /// The first.
        first: u64,
        /// How many.
        length: u64,
    },
    /// None of them exists.
    Unsatisfiable,
}

impl ByteRange {
    /// Reads a `Range` header about `size` bytes.
    pub fn parse(header: &str, size: u64) -> Self {
        Self::read(header, size).unwrap_or(Self::Whole)
    }

    fn read(header: &str, size: u64) -> Option<Self> {
        let (unit, range) = header.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        if first.is_empty() {
            let length = number(last)?.min(size);
            return Some(if length == 0 { Self::Unsatisfiable } else { Self::Part { first: size - length, length } });
        }
        let first = number(first)?;
        let last = if last.is_empty() { u64::MAX } else { number(last)? };
        if last < first {
            return None;
        }
        if first >= size {
            return Some(Self::Unsatisfiable);
        }
        Some(Self::Part { first, length: last.min(size - 1) - first + 1 })
    }
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than fit are a place past every end.
    Some(text.parse().unwrap_or(u64::MAX))
}

/// A `Content-Disposition` that has a client save the content under this name, whatever is in it.
pub fn disposition(name: &str) -> String {
    let plain = |character: char| {
        let safe = matches!(character, ' ' | '!'..='~') && !matches!(character, '"' | '\\' | '%');
        if safe { character } else { '_' }
    };
    let fallback: String = name.chars().map(plain).collect();
    let encoded: String = name.bytes().map(encode).collect();
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

/// RFC 8187.
fn encode(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
        return char::from(byte).to_string();
    }
    format!("%{byte:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let part = |first, length| ByteRange::Part { first, length };
        for (header, expected) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=0-9", part(0, 10)),
            ("Bytes=5-", part(5, 5)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-99", part(0, 10)),
            ("bytes=9-99999999999999999999999", part(9, 1)),
            ("bytes=10-", ByteRange::Unsatisfiable),
            ("bytes=-0", ByteRange::Unsatisfiable),
            ("bytes=5-4", ByteRange::Whole),
            ("bytes=0-1,3-4", ByteRange::Whole),
            ("bytes=+1-2", ByteRange::Whole),
            ("bytes=-", ByteRange::Whole),
            ("bytes=a-b", ByteRange::Whole),
            ("lines=0-1", ByteRange::Whole),
            ("0-1", ByteRange::Whole),
        ] {
            assert_eq!(ByteRange::parse(header, 10), expected, "{header}");
        }
        assert_eq!(ByteRange::parse("bytes=0-", 0), ByteRange::Unsatisfiable);
    }

    #[test]
    fn no_name_leaves_its_place_in_the_header() {
        for (name, expected) in [
            ("a.txt", r#"attachment; filename="a.txt"; filename*=UTF-8''a.txt"#),
            ("ä \"b\".txt", r#"attachment; filename="_ _b_.txt"; filename*=UTF-8''%C3%A4%20%22b%22.txt"#),
            (
                "x\r\nSet-Cookie: a",
                r#"attachment; filename="x__Set-Cookie: a"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a"#,
            ),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}
