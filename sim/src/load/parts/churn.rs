//! Connections that come and go: what each leaves behind (WS-P4, CG-6). A short soak of the real server; the long one is
//! simulated.

use std::time::Duration;

use system::protocol::Follow;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::sizes::{SETTINGS, Sizes};
use crate::load::company::Company;
use crate::load::listener::Listener;
use crate::load::server_process::Program;
use crate::load::{Figure, LoadError, PartReport};

/// Who they belong to.
const USERS: usize = 50;

/// How many are open at once.
const AT_ONCE: usize = 200;

/// Rounds before the first look: caches, threads and the allocator's arenas have their size then.
const WARM_UP: usize = 20;

/// Longer than a user counts as online after their last connection.
const GRACE: Duration = Duration::from_secs(17);

pub(super) async fn measure(program: &Program, sizes: Sizes) -> Result<Vec<PartReport>, LoadError> {
    let server = program.start(&SETTINGS)?;
    let company = Company::found(server.address, USERS).await?;
    for _ in 0..WARM_UP {
        come_and_go(&company, server.address).await?;
    }
    sleep(GRACE).await;
    let before = server.memory_bytes()?;
    let rounds = sizes.connections.div_ceil(AT_ONCE);
    for _ in 0..rounds {
        come_and_go(&company, server.address).await?;
    }
    sleep(GRACE).await;
    let after = server.memory_bytes()?;
    let left = company.rest().connections(&company.owner.tokens.access_token).await?;
    #[expect(clippy::cast_precision_loss, reason = "bytes and connections are far below 2^52")]
    let (each, left) = (
        after.saturating_sub(before) as f64 / (rounds * AT_ONCE) as f64,
        (left.connections.len() + left.subscriptions) as f64,
    );
    Ok(vec![PartReport {
        part: "churn",
        what: format!(
            "{} connections that come and go, {AT_ONCE} at once, half of them without a goodbye",
            rounds * AT_ONCE
        ),
        figures: vec![
            Figure::new("connections and subscriptions left", left, "in the registry").at_most(0.0, "CG-6"),
            // A leaked connection is at least its task: more than a KB. What is below is the allocator's.
            Figure::new("memory left behind by each", each, "bytes").at_most(100.0, "WS-P4"),
        ],
    }])
}

/// Opens connections side by side, and ends them: half with the closing handshake, half by dropping the socket.
async fn come_and_go(company: &Company, server: std::net::SocketAddr) -> Result<(), LoadError> {
    let mut opening = JoinSet::new();
    for ordinal in 0..AT_ONCE {
        let token = company.users[ordinal % USERS].tokens.access_token.clone();
        opening.spawn(async move {
            let listener = Listener::open(server, ordinal, &token, Follow::All).await?;
            if ordinal % 2 == 0 {
                listener.close().await?;
            }
            Ok::<_, LoadError>(())
        });
    }
    while let Some(opened) = opening.join_next().await {
        opened.expect("a connection does not panic")?;
    }
    Ok(())
}
