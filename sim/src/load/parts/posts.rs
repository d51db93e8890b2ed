//! Many who post at once: durable posts with shared commits, beside a commit for each message, in one run.

use std::time::Duration;

use system::protocol::Follow;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::sizes::{SETTINGS, Sizes};
use crate::load::company::Company;
use crate::load::listener::Listener;
use crate::load::percentiles::{Latencies, Percentiles};
use crate::load::server_process::Program;
use crate::load::{Figure, LoadError, PartReport, sender};

/// The setting that is compared.
const BATCH_LIMIT: &str = "STORMGLASS_STORE__BATCH_LIMIT";

pub(super) async fn measure(program: &Program, sizes: Sizes) -> Result<Vec<PartReport>, LoadError> {
    // Alternating, so that a machine that grows slower meanwhile is as unfair to both.
    let mut alone = Vec::new();
    let mut shared = Vec::new();
    for _ in 0..3 {
        alone.push(posts(program, sizes, &[(BATCH_LIMIT, "1")]).await?);
        shared.push(posts(program, sizes, &[]).await?);
    }
    let (alone_rate, _) = median(alone);
    let (shared_rate, latency) = median(shared);
    Ok(vec![PartReport {
        part: "posts",
        what: format!(
            "{} senders, each posting again once acknowledged, {} s, medians of 3 alternating runs",
            sizes.senders, sizes.seconds
        ),
        figures: vec![
            Figure::new("shared commits over a commit a message", shared_rate / alone_rate, "x")
                .at_least(10.0, "issue 3"),
            Figure::new("durable posts, shared commits", shared_rate, "/s"),
            Figure::new("durable posts, a commit a message", alone_rate, "/s"),
            Figure::latency("acknowledgement p99, shared commits", latency.p99_us, latency),
        ],
    }])
}

/// Posts each second, and how long each took to be acknowledged.
async fn posts(program: &Program, sizes: Sizes, settings: &[(&str, &str)]) -> Result<(f64, Percentiles), LoadError> {
    let settings: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    let server = program.start(&settings)?;
    let company = Company::found(server.address, sizes.senders).await?;
    let room = company.room("posts").await?.id;
    let began = Instant::now();
    let latencies = Latencies::new();
    let mut tasks = JoinSet::new();
    for (ordinal, user) in company.users.iter().enumerate() {
        let token = &user.tokens.access_token;
        let mut socket = Listener::open(server.address, ordinal, token, Follow::These(Vec::new())).await?;
        let latencies = latencies.clone();
        tasks.spawn(async move {
            let until = Instant::now() + Duration::from_secs(sizes.seconds);
            for post in 0_u64.. {
                let sent = Instant::now();
                if sent >= until {
                    break;
                }
                socket.send(&sender::message(began, room, &format!("{ordinal}-{post}"))).await?;
                while !socket.next().await?.as_str().starts_with(r#"{"type":"ack""#) {}
                latencies.record(sent.elapsed());
            }
            Ok::<_, LoadError>(())
        });
    }
    let started = Instant::now();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("a sender does not panic")?;
    }
    let percentiles = latencies.percentiles();
    #[expect(clippy::cast_precision_loss, reason = "posts of one run are far below 2^52")]
    let rate = percentiles.count as f64 / started.elapsed().as_secs_f64();
    Ok((rate, percentiles))
}

fn median(mut runs: Vec<(f64, Percentiles)>) -> (f64, Percentiles) {
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    runs[runs.len() / 2]
}
