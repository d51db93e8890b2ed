//! A message to everybody in a large room: from its sending, over the durable commit, to each listener (WS-P3).

use std::time::Duration;

use system::protocol::{Follow, StreamId};
use tokio::time::{Instant, sleep};

use super::sizes::{SETTINGS, Sizes};
use crate::load::company::Company;
use crate::load::listener::Listener;
use crate::load::percentiles::Latencies;
use crate::load::server_process::Program;
use crate::load::{Figure, LoadError, PartReport, sender};

/// Who the listeners belong to.
const USERS: usize = 100;

/// The room of WS-P3's first bound.
const SMALL_ROOM: usize = 1_000;

/// How long everybody's delivery of one message may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn measure(program: &Program, sizes: Sizes) -> Result<Vec<PartReport>, LoadError> {
    let mut reports = Vec::new();
    for listeners in [SMALL_ROOM.min(sizes.connections), sizes.connections] {
        reports.push(room(program, listeners, sizes.broadcasts).await?);
    }
    Ok(reports)
}

async fn room(program: &Program, listeners: usize, broadcasts: usize) -> Result<PartReport, LoadError> {
    let server = program.start(&SETTINGS)?;
    let company = Company::found(server.address, USERS).await?;
    let room = company.room("everybody").await?;
    let began = Instant::now();
    let deliveries = Latencies::new();
    let follow = Follow::These(vec![StreamId::Room(room.id)]);
    for ordinal in 0..listeners {
        let token = &company.users[ordinal % USERS].tokens.access_token;
        let mut listener = Listener::open(server.address, ordinal, token, follow.clone()).await?;
        let deliveries = deliveries.clone();
        tokio::spawn(async move {
            while let Ok(text) = listener.next().await {
                if let Some(age) = sender::age(began, &text) {
                    deliveries.record(age);
                }
            }
        });
    }
    let token = &company.owner.tokens.access_token;
    let mut owner = Listener::open(server.address, listeners, token, Follow::These(Vec::new())).await?;
    let processor_before = server.processor_time()?;
    let mut busy = Duration::ZERO;
    let acknowledgements = Latencies::new();
    for broadcast in 1..=broadcasts {
        let sent = Instant::now();
        owner.send(&sender::message(began, room.id, &company.key())).await?;
        owner.next().await?;
        acknowledgements.record(sent.elapsed());
        let wanted = (broadcast * listeners) as u64;
        while deliveries.count() < wanted {
            if sent.elapsed() > PATIENCE {
                return Err(LoadError::Late("the delivery of a message to everybody", PATIENCE.as_secs()));
            }
            // Short, so that nothing is added; each listener has measured its own delivery already.
            sleep(Duration::from_millis(1)).await;
        }
        busy += sent.elapsed();
        sleep(Duration::from_millis(50)).await;
    }
    let processor = server.processor_time()? - processor_before;
    let percentiles = deliveries.percentiles();
    #[expect(clippy::cast_precision_loss, reason = "deliveries of one run are far below 2^52")]
    let deliveries = percentiles.count as f64;
    let bounded = if listeners <= SMALL_ROOM {
        Figure::latency("delivery p99", percentiles.p99_us, percentiles).at_most(50.0, "WS-P3")
    } else {
        Figure::latency("delivery p95", percentiles.p95_us, percentiles).at_most(100.0, "WS-P3")
    };
    let acknowledged = acknowledgements.percentiles();
    Ok(PartReport {
        part: "broadcast",
        what: format!("{broadcasts} messages of 200 bytes, one after another, to {listeners} clients in one room"),
        figures: vec![
            bounded,
            Figure::latency("acknowledgement p50", acknowledged.p50_us, acknowledged),
            Figure::new("deliveries while one is outstanding", deliveries / busy.as_secs_f64(), "/s"),
            Figure::new("processor of the server for a delivery", processor.as_secs_f64() * 1e6 / deliveries, "µs"),
        ],
    })
}
