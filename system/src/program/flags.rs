//! The command line of the server program.

use std::path::PathBuf;

use clap::Parser;

/// Serves the Stormglass backend on a real socket and keeps its data in one directory.
#[derive(Debug, Parser)]
#[command(name = "stormglass", version, max_term_width = 100)]
#[command(after_help = "Every setting can come from a TOML file or from an environment variable such as \
STORMGLASS_WEBSOCKET__HEARTBEAT_MS, some also from a flag; the later of these wins. `stormglass --print-config` shows \
all of them with their values.")]
pub(crate) struct Flags {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Where the data is kept; created if it is missing
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) data_directory: Option<String>,
    /// A TOML file with settings
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print all settings as TOML and end
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Write logs as JSON, a line each
    #[arg(long)]
    pub(crate) log_json: bool,
}
