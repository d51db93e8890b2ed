//! Which parts there are, and running them one after another.

use clap::ValueEnum;
use serde::Serialize;

use super::sizes::Sizes;
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
