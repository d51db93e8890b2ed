//! A day in the life of one server: 24 simulated hours of people who talk, lose their network and come back, with a
//! restart, a kill and a power loss among them. At its end nothing is left over (WS-P4, WS-3).

use properties::trace::Observation;
use properties::{Verdict, check_all};
use serde_json::json;
use sim::history::History;
use sim::world::{self, Options};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A day's history: each quarter of an hour somebody says something, each hour something goes wrong.
fn day() -> History {
    let devices = ["ana/phone", "ana/laptop", "ben/phone"];
    let mut steps = Vec::new();
    for (turn, at_ms) in (0..DAY_MS).step_by(15 * 60_000).enumerate() {
        let (device, body) = (devices[turn % devices.len()], format!("message {turn}"));
        steps.push((at_ms, json!({"do": "send", "device": device, "room": "general", "body": body})));
    }
    for hour in 1..24 {
        let fault = match hour {
            6 => json!({"do": "fault", "fault": "kill", "down_ms": 5_000}),
            12 => json!({"do": "fault", "fault": "power_loss", "down_ms": 20_000, "after_operations": 3}),
            18 => json!({"do": "fault", "fault": "restart", "down_ms": 1_000}),
            _ => json!({"do": "fault", "fault": "reset", "target": {"device": devices[hour as usize % devices.len()]}}),
        };
        steps.push((hour * HOUR_MS + 60_000, fault));
    }
    steps.sort_by_key(|(at_ms, _)| *at_ms);
    let steps: Vec<_> = steps
        .iter()
        .zip(0..)
        .map(|((at_ms, action), id)| json!({"id": id, "at_ms": at_ms, "action": action}))
        .collect();
    let history = json!({
        "seed": 24,
        "profile": "calm",
        "settings": {
            "storm_ms": DAY_MS, "access_token_ms": 900_000, "latency_min_ms": 5, "latency_max_ms": 40, "disk_max_ms": 5
        },
        "users": [
            {"name": "ana", "role": "member", "devices": ["phone", "laptop"]},
            {"name": "ben", "role": "member", "devices": ["phone"]}
        ],
        "rooms": [{"name": "general", "visibility": "public", "members": ["ana", "ben"]}],
        "steps": steps,
    });
    serde_json::from_value(history).expect("the history is one")
}

#[test]
fn after_a_simulated_day_nothing_is_left_over() {
    let run = world::run(&day(), Options::default());
    let judgements = check_all(&run.trace);
    for judgement in &judgements {
        assert!(
            matches!(judgement.verdict, Verdict::Held { .. } | Verdict::Vacuous { .. }),
            "{}: {:?}",
            judgement.id,
            judgement.verdict
        );
    }
    let held = |id: &str| {
        let judgement = judgements.iter().find(|judgement| judgement.id == id);
        matches!(judgement.map(|judgement| &judgement.verdict), Some(Verdict::Held { .. }))
    };
    for id in ["ghosts/empty-registry", "recovery/within-30s", "durability/acknowledged", "ordering/gapless"] {
        assert!(held(id), "{id} had nothing to check");
    }
    // Healthy connections live as long as the token is refreshed: what ended them was done to them.
    let opened =
        run.trace.entries.iter().filter(|entry| matches!(entry.what, Observation::ConnectionOpened { .. })).count();
    assert!((20..=60).contains(&opened), "three devices and some 23 faults, not {opened} connections");
}
