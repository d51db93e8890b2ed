//! Bodies and frames that are small to send and large to understand: each is refused by its code, at once, and nobody else
//! notices (REQUIREMENTS.md WS-12).

use std::time::Duration;

use system::protocol::ErrorCode;
use tokio::time::timeout;

use super::unchanged::Unchanged;
use crate::support::{LiveServer, RawRequest, Socket};

/// As long as anything that is read at all.
const SIZE: usize = 60_000;

/// What reads as JSON for a while.
fn bombs() -> Vec<(&'static str, String)> {
    let deep = |open: &str, close: &str| {
        let depth = SIZE / (open.len() + close.len());
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    vec![
        ("arrays in arrays", deep("[", "]")),
        ("objects in objects", deep("{\"a\":", "}")),
        ("arrays that never end", "[".repeat(SIZE)),
        ("a number of many digits", "9".repeat(SIZE)),
        ("a number of many places", format!("0.{}", "1".repeat(SIZE))),
        ("a huge exponent", format!("{{\"body\":1e{}}}", "9".repeat(1_000))),
        ("a long key", format!("{{\"{}\":1}}", "k".repeat(SIZE))),
        ("many keys", format!("{{{}}}", (0..5_000).map(|n| format!("\"k{n}\":0")).collect::<Vec<_>>().join(","))),
        ("one key many times", format!("{{{}}}", vec!["\"body\":\"x\""; 4_000].join(","))),
        ("many escapes", format!("{{\"body\":\"{}\",\"made_up\":1}}", "\\u0000".repeat(SIZE / 7))),
        ("half of a pair", "{\"body\":\"\\ud800\"}".to_owned()),
        ("many empty arrays", format!("[{}[]]", "[],".repeat(SIZE / 3))),
    ]
}

#[tokio::test]
async fn as_bodies() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let request = RawRequest::api("POST", &acme.messages()).token(acme.company.owner.token());
    for (name, bomb) in bombs() {
        let answer = timeout(Duration::from_secs(5), request.clone().json(&bomb).send(server.address)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{name} takes too long"));
        assert!([400, 422].contains(&answer.status), "{name}: {answer:?}");
        let detail = answer.problem().detail;
        assert!(detail.len() < 1_000, "{name} is told back: {} bytes", detail.len());
    }
    acme.check().await;
}

#[tokio::test]
async fn as_frames() {
    let server = LiveServer::start().await;
    let acme = Unchanged::on(&server).await;
    let (mut socket, _) = Socket::follow_all(server.address, acme.company.owner.token()).await;
    for (name, bomb) in bombs() {
        for frame in [bomb.clone(), format!("{{\"type\":\"message.send\",\"id\":\"1\",\"data\":{bomb}}}")] {
            socket.say_text(frame).await;
            let system::protocol::ServerFrame::Error(_, error) = socket.hear().await else { panic!("{name} is taken") };
            assert!([ErrorCode::InvalidRequest, ErrorCode::InvalidValue].contains(&error.code), "{name}: {error:?}");
            assert!(error.message.len() < 1_000, "{name} is told back: {} bytes", error.message.len());
        }
    }
    socket.assert_open().await;
    acme.check().await;
}
