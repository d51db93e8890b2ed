//! Text frames: commands from clients, and what clients read of the server.

use proptest::prelude::*;
use serde_json::json;
use system::protocol::{ClientFrame, ServerFrame};

use super::harm::harmed_text;

const ID: &str = "01890000-0000-7000-8000-000000000001";

fn commands() -> Vec<String> {
    let stream = format!("room:{ID}");
    let send = json!({"room": ID, "body": "hi", "idempotency_key": "k", "thread": ID});
    let edit = json!({"room": ID, "message": ID, "body": "hi", "version": 3, "idempotency_key": "k"});
    let commands = [
        ("hello", json!({"positions": [{"stream": stream, "seq": 7, "epoch": 9}], "follow": [stream]})),
        ("hello", json!({"follow": "all"})),
        ("subscribe", json!({"stream": stream, "position": {"seq": 7, "epoch": 9}})),
        ("unsubscribe", json!({"stream": stream})),
        ("message.send", send),
        ("message.edit", edit),
        ("message.delete", json!({"room": ID, "message": ID, "idempotency_key": "k"})),
        ("read", json!({"room": ID, "seq": 5})),
        ("auth.refresh", json!({"token": "a.b.c"})),
        ("pong", json!({})),
    ];
    commands.into_iter().map(|(kind, data)| json!({"type": kind, "id": "1", "data": data}).to_string()).collect()
}

fn pushes() -> Vec<String> {
    let stream = format!("room:{ID}");
    let message = json!({"id": ID, "room": ID, "author": ID, "body": "hi", "seq": 4, "version": 1,
        "created_at": "2026-11-21T10:00:00.000Z"});
    let event = json!({"type": "message.created", "data": message, "stream": stream, "seq": 4, "epoch": 9, "sender": ID,
        "timestamp": "2026-11-21T10:00:00.000Z", "correlation_id": "c"});
    let closing = json!({"type": "closing", "data": {"code": 1012, "reconnect": true, "retry_after_ms": 5}});
    let error = json!({"type": "error", "id": "1", "data": {"code": "forbidden", "message": "no", "temporary": false,
        "correlation_id": "c"}});
    let state = json!({"stream": stream, "seq": 4, "epoch": 9, "recovered": true});
    let subscribed = json!({"type": "subscribed", "id": "1", "data": state});
    [event, closing, error, subscribed, json!({"type": "ping"})].iter().map(ToString::to_string).collect()
}

/// What is wrong may be named in it, and then it is said what would be right.
const MESSAGE_BYTES: usize = 1_000;

proptest! {
    #[test]
    fn a_command_is_understood_or_refused_in_a_few_words(text in harmed_text(commands())) {
        match ClientFrame::parse(&text) {
            Ok(frame) => {
                // What was understood, said in our own words, is understood the same.
                let mut again = serde_json::to_value(&frame.command).expect("a command is JSON");
                if let Some(id) = &frame.id {
                    again["id"] = json!(id);
                }
                prop_assert_eq!(ClientFrame::parse(&again.to_string()).expect("it is a command"), frame);
            }
            Err(refused) => {
                prop_assert!(!refused.message.is_empty() && refused.message.len() <= text.len() + MESSAGE_BYTES);
                prop_assert!(refused.id.is_none_or(|id| id.chars().count() <= 64));
            }
        }
    }

    #[test]
    fn what_a_client_makes_of_a_frame_is_told_the_same_again(text in harmed_text(pushes())) {
        if let Ok(frame) = ServerFrame::parse(&text) {
            prop_assert_eq!(ServerFrame::parse(&frame.to_text()).expect("we have written it"), frame);
        }
    }
}

#[test]
fn the_good_ones_are_good() {
    for text in commands() {
        assert!(ClientFrame::parse(&text).is_ok(), "{text}");
    }
    for text in pushes() {
        assert!(ServerFrame::parse(&text).is_ok(), "{text}: {:?}", ServerFrame::parse(&text));
    }
}
