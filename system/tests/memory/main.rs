//! What a connection costs the server while nothing happens (REQUIREMENTS.md WS-P2), counted to the byte rather than
//! measured: the allocator of this program counts what is alive. `cargo sim load idle` measures the same from outside,
//! on the release build, with thousands of connections.

mod counting;
mod stage;

use counting::live_bytes;
use stage::{Company, USERS};

/// How many connections are counted.
const CONNECTIONS: usize = 200;

/// WS-P2 allows 10 MB for each 1,000. A build without optimisation, as tests are, needs more room for its tasks.
const MOST_BYTES: usize = 10_000;

/// A connection that has heard who of many is there, and a long message, holds nothing of either (WS-P2).
#[tokio::test]
async fn an_idle_connection_is_small_whatever_it_was_sent_before() {
    let company = Company::found().await;
    // The first connection of each user changes what the server knows of them.
    let mut all = Vec::new();
    for user in 0..USERS {
        all.push(company.connect(user).await);
    }
    company.say_at_length(&mut all).await;

    let before = live_bytes();
    let mut more = Vec::with_capacity(CONNECTIONS);
    for connection in 0..CONNECTIONS {
        more.push(company.connect(connection % USERS).await);
    }
    let welcomed = live_bytes().saturating_sub(before) / CONNECTIONS;
    all.append(&mut more);
    company.say_at_length(&mut all).await;
    let told = live_bytes().saturating_sub(before) / CONNECTIONS;

    assert!(welcomed > 2_000, "{welcomed} bytes for each cannot be all of it: nothing was counted");
    assert!(welcomed <= MOST_BYTES, "{welcomed} bytes for each that was welcomed, of at most {MOST_BYTES}");
    assert!(told <= MOST_BYTES, "{told} bytes for each that was sent a long message, of at most {MOST_BYTES}");
}
