//! Everything that the server says in simulated histories, under faults, is what its documents say: each frame is
//! compared with the AsyncAPI document, each REST answer with the OpenAPI document (REQUIREMENTS.md WS-13).
//!
//! The judgement is that of the socket tests, word for word. A trace has no headers: they are the socket tests' matter.

#[path = "../../../system/tests/sockets/support/contract/answers.rs"]
#[expect(dead_code, reason = "the socket tests ask about headers too")]
mod answers;
#[path = "../../../system/tests/sockets/support/contract/frames.rs"]
mod frames;
#[path = "../../../system/tests/sockets/support/contract/schemas.rs"]
#[expect(dead_code, reason = "the socket tests ask about single schemas too")]
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use properties::trace::{Observation, Trace};
use sim::history::{History, Profile};
use sim::judge;

/// What every few histories hear.
const COMMON: [&str; 12] = [
    "welcome",
    "subscribed",
    "unsubscribed",
    "ack",
    "error",
    "ping",
    "token.expiring",
    "presence",
    "presence.state",
    "typing",
    "message.created",
    "status.updated",
];

#[test]
fn what_the_server_says_amid_faults_is_in_its_documents() {
    let (mut kinds, mut answered, mut mistakes) = (BTreeSet::new(), 0, Vec::new());
    for (profile, seeds) in [(Profile::standard(), 0..3), (Profile::harsh(), 0..2)] {
        for seed in seeds {
            let trace = judge::judge(&History::from_seed(seed, &profile)).run.trace;
            let found = check(&trace, &mut kinds, &mut answered);
            mistakes.extend(found.into_iter().map(|mistake| format!("{} seed {seed}: {mistake}", profile.name)));
        }
    }
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes[..mistakes.len().min(10)].join("\n"));
    let unheard: Vec<_> = COMMON.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(unheard.is_empty() && answered > 1_000, "too little was said: {answered} answers, and no {unheard:?}");
}

/// What of a trace is not in the documents.
fn check(trace: &Trace, kinds: &mut BTreeSet<&'static str>, answered: &mut u64) -> Vec<String> {
    let mut asked = BTreeMap::new();
    let mut mistakes = Vec::new();
    for entry in &trace.entries {
        match &entry.what {
            Observation::FrameReceived { frame, .. } => {
                kinds.insert(frame.kind());
                mistakes.extend(frames::mistake(frame.text().as_bytes()));
            }
            Observation::FrameUnreadable { text, error, .. } => mistakes.push(format!("{error} in {text}")),
            Observation::ConnectionClosed { code: Some(code), .. } => {
                mistakes.extend(frames::close_mistake(&code.to_be_bytes()));
            }
            Observation::Requested { device, request, method, path, .. } => {
                asked.insert((device.clone(), *request), (method.clone(), path.clone()));
            }
            Observation::Answered { device, request, status, body } => {
                let Some((method, path)) = asked.get(&(device.clone(), *request)) else { continue };
                *answered += 1;
                let mistake = answers::mistake_in_body(method, path, &status.to_string(), body.as_bytes());
                mistakes.extend(mistake.map(|mistake| format!("{method} {path}: {mistake}")));
            }
            _ => {}
        }
    }
    mistakes
}
