//! Connections that only wait: what each costs the server in memory (WS-P2).

use std::time::Duration;

use system::protocol::Follow;
use tokio::time::sleep;

use super::sizes::{SETTINGS, Sizes};
use crate::load::company::Company;
use crate::load::listener::Listener;
use crate::load::server_process::Program;
use crate::load::{Figure, LoadError, PartReport};

/// Connections that are opened before the first look, so that what the server keeps once for all is not counted.
const WARM_UP: usize = 200;

/// Who they belong to.
const USERS: usize = 100;

pub(super) async fn measure(program: &Program, sizes: Sizes) -> Result<Vec<PartReport>, LoadError> {
    let server = program.start(&SETTINGS)?;
    let company = Company::found(server.address, USERS).await?;
    let mut listeners = Vec::with_capacity(sizes.connections + WARM_UP);
    let open = async |ordinal: usize| {
        let token = &company.users[ordinal % USERS].tokens.access_token;
        let mut listener = Listener::open(server.address, ordinal, token, Follow::All).await?;
        Ok::<_, LoadError>(tokio::spawn(async move { while listener.next().await.is_ok() {} }))
    };
    for ordinal in 0..WARM_UP {
        listeners.push(open(ordinal).await?);
    }
    sleep(Duration::from_secs(2)).await;
    let before = server.memory_bytes()?;
    for ordinal in WARM_UP..WARM_UP + sizes.connections {
        listeners.push(open(ordinal).await?);
    }
    // Long enough for a heartbeat to have reached everybody.
    sleep(Duration::from_secs(15)).await;
    let after = server.memory_bytes()?;
    let processor_before = server.processor_time()?;
    sleep(Duration::from_secs(10)).await;
    let idle_share = (server.processor_time()? - processor_before).as_secs_f64() / 10.0;
    let alive = listeners.iter().filter(|listener| !listener.is_finished()).count();
    #[expect(clippy::cast_precision_loss, reason = "bytes and connections are far below 2^52")]
    let each_kb = after.saturating_sub(before) as f64 / sizes.connections as f64 / 1_000.0;
    #[expect(clippy::cast_precision_loss, reason = "connections are far below 2^52")]
    let alive_share = alive as f64 / listeners.len() as f64;
    Ok(vec![PartReport {
        part: "idle",
        what: format!("{} connections of {USERS} users that only answer pings", sizes.connections),
        figures: vec![
            Figure::new("memory of the server for each", each_kb, "KB").at_most(10.0, "WS-P2"),
            Figure::new("still open at the end", alive_share * 100.0, "%").at_least(100.0, "WS-P1"),
            Figure::new("processor of the server", idle_share * 100.0, "% of a core"),
        ],
    }])
}
