//! Structured logs on standard error, as `log.format` and `log.filter` say; `RUST_LOG` overrules the filter.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::settings::SettingsError;
use crate::config::{LogConfig, LogFormat};

/// Begins to log.
pub(crate) fn init(config: &LogConfig) -> Result<(), SettingsError> {
    let configured = || {
        EnvFilter::try_new(&config.filter)
            .map_err(|error| SettingsError::Wrong(format!("`log.filter` is no filter such as `info`: {error}")))
    };
    let filter = match std::env::var_os(EnvFilter::DEFAULT_ENV) {
        None => configured()?,
        Some(_) => EnvFilter::try_from_default_env()
            .map_err(|error| SettingsError::Wrong(format!("RUST_LOG is no filter such as `info`: {error}")))?,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(())
}
