//! Structured logs on standard error. `RUST_LOG` chooses, as in `RUST_LOG=stormglass=debug`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins to log.
pub(crate) fn init(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        builder.json().flatten_event(true).init();
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).init();
    }
}
