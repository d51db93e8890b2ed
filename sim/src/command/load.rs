//! `cargo sim load`: figures of the real server over real sockets.

use clap::ValueEnum;

use super::Exit;
use super::arguments;
use super::output::Output;
use super::refusal::Refusal;
use crate::load::{self, Part, Sizes};
use crate::report::text;

/// Runs `cargo sim load`.
///
/// # Errors
/// The server could not be measured, or standard output cannot be written to.
pub fn load(arguments: &arguments::Load, output: &Output) -> Result<Exit, Refusal> {
    let parts = match arguments.parts.as_slice() {
        [] => Part::value_variants(),
        asked => asked,
    };
    let sizes = Sizes {
        connections: arguments.connections.get(),
        broadcasts: arguments.broadcasts.get(),
        senders: arguments.senders.get(),
        users: arguments.users.get(),
        seconds: arguments.seconds.get(),
    };
    let report = load::run(parts, sizes, |part| tracing::info!(?part, "measuring"))?;
    let exit = if report.within() { Exit::Held } else { Exit::Violated };
    output.report(&report, text::load)?;
    Ok(exit)
}
