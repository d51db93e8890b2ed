//! What a client says of itself in its handshake, for operators to see (REQUIREMENTS.md WS-4). It gives no right.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::USER_AGENT;

use crate::refusal::{Answer, Refusal};

/// The prefix of the headers that carry custom attributes: `X-Attribute-App-Version: 3.2`.
const PREFIX: &str = "x-attribute-";

/// How many custom attributes a client may have.
const COUNT: usize = 8;

/// How long the name of one may be.
const NAME_BYTES: usize = 32;

/// How long the value of one may be; of a user agent, what is kept of it.
const VALUE_BYTES: usize = 200;

/// The attributes of a handshake, by name: `user-agent`, and what the `X-Attribute-` headers say.
///
/// # Errors
/// [`InvalidValue`](crate::protocol::ErrorCode::InvalidValue), naming the header: more than 8 of them, a name of more
/// than 32 bytes, or a value that has more than 200 bytes or is not visible ASCII.
pub(super) fn read(headers: &HeaderMap) -> Answer<BTreeMap<String, String>> {
    let mut attributes = BTreeMap::new();
    for (header, value) in headers {
        let Some(name) = header.as_str().strip_prefix(PREFIX) else { continue };
        let text = value.to_str().ok().filter(|text| text.len() <= VALUE_BYTES);
        match text {
            Some(text) if (1..=NAME_BYTES).contains(&name.len()) => attributes.insert(name.to_owned(), text.to_owned()),
            _ => {
                let bounds = "must have a name of 1 to 32 characters and at most 200 visible ASCII characters";
                return Err(Refusal::field(header.as_str(), bounds));
            }
        };
    }
    if attributes.len() > COUNT {
        return Err(Refusal::field("X-Attribute-*", "may come at most 8 times"));
    }
    if let Some(agent) = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()) {
        attributes.insert(USER_AGENT.as_str().to_owned(), agent.chars().take(VALUE_BYTES).collect());
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(headers: &[(&str, &str)]) -> HeaderMap {
        let parse = |(name, value): &(&str, &str)| -> (HeaderName, HeaderValue) {
            (name.parse().unwrap(), value.parse().unwrap())
        };
        headers.iter().map(parse).collect()
    }

    #[test]
    fn they_are_kept_by_name_and_bounded() {
        let long = "a".repeat(201);
        let kept = read(&headers(&[("User-Agent", &long), ("X-Attribute-App", "web"), ("Accept", "*/*")])).unwrap();
        let agent = "a".repeat(200);
        let expected = [("app", "web"), ("user-agent", agent.as_str())];
        assert!(kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected));

        let names: Vec<String> = (0..9).map(|number| format!("X-Attribute-{number}")).collect();
        let nine: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let too_long = format!("X-Attribute-{}", "n".repeat(33));
        for refused in [&nine[..], &[("X-Attribute-App", &long)], &[("X-Attribute-App", "\u{e9}")], &[(&too_long, "x")]]
        {
            let refusal = read(&headers(refused)).unwrap_err();
            assert_eq!(refusal.code, crate::protocol::ErrorCode::InvalidValue);
        }
        assert_eq!(read(&headers(&nine[..8])).unwrap().len(), 8);
    }
}
