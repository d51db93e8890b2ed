//! Texts of a run without what only this run has in them: what is left is the same in every run that does the same.

/// How long a text may be; what comes after is left out.
const LONGEST: usize = 100;

/// A text in which every word with a digit or a quote in it, and every long one, is `#`.
pub(super) fn blurred(text: &str) -> String {
    let mut blurred = String::new();
    for word in text.split_whitespace() {
        // A close code, a status and a small count say which way something went.
        let number = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let is_code = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_own =
            word.contains(|letter: char| letter.is_ascii_digit() || "\"'`/".contains(letter)) || word.len() > 24;
        if !blurred.is_empty() {
            blurred.push(' ');
        }
        blurred.push_str(if is_own && !is_code { "#" } else { word });
        if blurred.len() > LONGEST {
            break;
        }
    }
    blurred
}

/// A path without its query, in which every identifier is `*`.
pub(super) fn endpoint(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.split('/').map(|segment| if segment.len() >= 24 { "*" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The text value of the first field of this name in a JSON text, if it is a plain one.
pub(super) fn quoted<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = json;
    loop {
        let (_, after) = rest.split_once(name)?;
        if let Some(value) = after.strip_prefix("\":").map(str::trim_start).and_then(|value| value.strip_prefix('"')) {
            return value.split('"').next();
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_run_alone_has_is_left_out() {
        assert_eq!(blurred("closed by the server: 1001 (going away)"), "closed by the server: 1001 (going away)");
        assert_eq!(blurred("room 0189aabb-7 of \"m17\""), "room # of #");
        assert_eq!(
            endpoint("/api/v1/rooms/01890000-0000-7000-8000-000000000000/members?limit=3"),
            "/api/v1/rooms/*/members"
        );
        assert_eq!(quoted(r#"{"decoded": 1, "code": "not_found"}"#, "code"), Some("not_found"));
        assert_eq!(quoted(r#"{"type":"event","data":{}}"#, "type"), Some("event"));
        assert_eq!(quoted("{}", "code"), None);
    }
}
