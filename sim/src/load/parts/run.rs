//! Which parts there are, their sizes, and running them one after another.

use clap::ValueEnum;
use serde::Serialize;

use super::{broadcast, churn, feed, idle, mixed, posts};
use crate::load::server_process::Program;
use crate::load::{LoadError, LoadReport, ServerError};
use crate::workspace;

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Memory of connections that only wait
    Idle,
    /// What connections that come and go leave behind
    Churn,
    /// How long a message takes to everybody in a large room
    Broadcast,
    /// Conversation files that are written while people talk
    Feed,
    /// What sharing commits is worth to many who post at once
    Posts,
    /// Many users doing everything at once
    Mixed,
}

/// How large the load is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Idle connections, and the listeners of the largest room.
    pub connections: usize,
    /// How many broadcasts each room gets.
    pub broadcasts: usize,
    /// Who posts at once.
    pub senders: usize,
    /// Who does everything at once.
    pub users: usize,
    /// How long posts and mixed load last, each.
    pub seconds: u64,
}

/// The settings of the server that the load needs: cheap passwords, since logging in is no part of any figure, and no
/// limits on what one user may do, since a hundred of them make the load of thousands.
pub(super) const SETTINGS: [(&str, &str); 6] = [
    ("STORMGLASS_PASSWORD__MEMORY_KIB", "64"),
    ("STORMGLASS_PASSWORD__ITERATIONS", "1"),
    ("STORMGLASS_LIMITS__CONNECTIONS_PER_USER", "0"),
    ("STORMGLASS_LIMITS__FRAMES_PER_SECOND", "0"),
    ("STORMGLASS_LIMITS__REQUESTS_PER_SECOND", "0"),
    ("STORMGLASS_LIMITS__HTTP_CONNECTIONS", "0"),
];

/// Builds the server, and runs the parts one after another, each on a server of its own.
///
/// # Errors
/// The server does not start, refuses the preparation, or loses a connection.
pub fn run(parts: &[Part], sizes: Sizes, mut before: impl FnMut(Part)) -> Result<LoadReport, LoadError> {
    let program = Program::build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServerError::from)?;
    let mut reports = Vec::new();
    for part in parts {
        before(*part);
        let report = match part {
            Part::Idle => runtime.block_on(idle::measure(&program, sizes)),
            Part::Churn => runtime.block_on(churn::measure(&program, sizes)),
            Part::Broadcast => runtime.block_on(broadcast::measure(&program, sizes)),
            Part::Feed => runtime.block_on(feed::measure(&program, sizes)),
            Part::Posts => runtime.block_on(posts::measure(&program, sizes)),
            Part::Mixed => runtime.block_on(mixed::measure(&program, sizes)),
        };
        reports.extend(report?);
    }
    Ok(LoadReport { commit: workspace::commit(), parts: reports })
}
