//! REST requests and their answers in a person's words: what is asked for, and what of the answer matters.

use serde_json::{Map, Value};
use system::client::{ToldCreation, ToldPiece, ToldRange};
use system::protocol::{API_PREFIX, File, Message, PostMessage, Problem, Quota, Quotas, Snapshot, StreamId};

use super::names::Names;
use super::shortened::shortened;

/// What nobody should read, or nobody wants to.
const UNTOLD: [&str; 7] = ["password", "current", "new", "refresh_token", "token", "email", "device"];

/// `POST /rooms/general/messages "m17"`: the path below the prefix that all share, names in the place of identifiers.
pub(super) fn request(names: &Names, method: &str, path: &str, body: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let path = names.path(path.strip_prefix(API_PREFIX).unwrap_or(path));
    format!("{method} {path} {}", asked(names, body)).trim_end().to_owned()
}

/// `is answered 403: only members may read a room`.
pub(super) fn answer(names: &Names, status: u16, body: &str) -> String {
    match given(names, body) {
        Some(given) => format!("is answered {status}: {given}"),
        None => format!("is answered {status}"),
    }
}

fn asked(names: &Names, body: &str) -> String {
    if let Ok(post) = serde_json::from_str::<PostMessage>(body) {
        return format!("{:?}", shortened(&post.body));
    }
    if let Ok(ToldCreation { file, bytes }) = serde_json::from_str(body) {
        return format!("{} of {} bytes, with the first {bytes}", shortened(&file.name), file.size);
    }
    if let Ok(ToldPiece { offset, bytes }) = serde_json::from_str(body) {
        return format!("with {}", span(offset, offset + bytes));
    }
    if let Ok(ToldRange { from, to }) = serde_json::from_str(body) {
        return span(from, to);
    }
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(body) else { return String::new() };
    let told = fields.iter().filter(|(name, _)| !UNTOLD.contains(&name.as_str()));
    let told = told.map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {}", names.in_text(text)),
        value => format!("{name}: {value}"),
    });
    let told = told.collect::<Vec<_>>().join(", ");
    if told.is_empty() { told } else { format!("{{{}}}", shortened(&told)) }
}

/// `bytes 0 to 1000 of file-3.bin`.
pub(super) fn piece(offset: u64, bytes: u64, file: &str) -> String {
    format!("{} of {file}", span(offset, offset + bytes))
}

fn span(from: u64, to: u64) -> String {
    format!("bytes {from} to {to}")
}

fn given(names: &Names, body: &str) -> Option<String> {
    if let Ok(problem) = serde_json::from_str::<Problem>(body) {
        return Some(names.in_text(&problem.detail));
    }
    if let Ok(message) = serde_json::from_str::<Message>(body) {
        return Some(names.place(StreamId::Room(message.room), message.seq));
    }
    if let Ok(File { id, offset, size, .. }) = serde_json::from_str(body) {
        return Some(format!("{} is at {offset} of {size} bytes", names.call(id.0)));
    }
    if let Ok(Quotas { user, company }) = serde_json::from_str(body) {
        let told = |taken: Quota| {
            format!("{} bytes used and {} reserved of {}", taken.used_bytes, taken.reserved_bytes, taken.limit_bytes)
        };
        return Some(format!("{}; by the company {}", told(user), told(company)));
    }
    if body.starts_with('<') {
        return Some(shortened(body));
    }
    let snapshot = serde_json::from_str::<Snapshot>(body).ok()?;
    Some(format!("as of {}", names.place(snapshot.stream, snapshot.seq)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_without_its_prefix_and_its_secrets() {
        let names = Names::default();
        let check = |path: &str, body: &str, told: &str| assert_eq!(request(&names, "POST", path, body), told);
        check("/api/v1/rooms/x/messages?limit=5", r#"{"body":"m17"}"#, "POST /rooms/x/messages \"m17\"");
        check(
            "/api/v1/users",
            r#"{"name":"ana","password":"secret-1","role":"member"}"#,
            "POST /users {name: ana, role: member}",
        );
        check("/api/v1/auth/refresh", r#"{"refresh_token":"r"}"#, "POST /auth/refresh");
        check("/api/v1/rooms", "", "POST /rooms");
        let new = r#"{"file":{"name":"a.bin","content_type":"a/b","size":70000},"bytes":5}"#;
        check("/api/v1/files", new, "POST /files a.bin of 70000 bytes, with the first 5");
        check("/api/v1/files/x", r#"{"offset":5,"bytes":10}"#, "POST /files/x with bytes 5 to 15");
        check("/api/v1/files/x/content", r#"{"from":5,"to":10}"#, "POST /files/x/content bytes 5 to 10");
    }

    #[test]
    fn of_an_answer_only_what_matters_is_told() {
        let names = Names::default();
        let problem = r#"{"type":"t","title":"Forbidden","status":403,"detail":"ask an admin","code":"forbidden","correlation_id":"c"}"#;
        assert_eq!(answer(&names, 403, problem), "is answered 403: ask an admin");
        assert_eq!(answer(&names, 204, ""), "is answered 204");
        let quota = r#"{"limit_bytes":9,"used_bytes":1,"reserved_bytes":2}"#;
        let quotas = format!(r#"{{"user":{quota},"company":{quota}}}"#);
        let told = "is answered 200: 1 bytes used and 2 reserved of 9; by the company 1 bytes used and 2 reserved of 9";
        assert_eq!(answer(&names, 200, &quotas), told);
        assert_eq!(answer(&names, 206, "<5 bytes, sha256 2cf2>"), "is answered 206: <5 bytes, sha256 2cf2>");
    }
}
