//! The command line of the server program.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

/// Serves the Stormglass backend on a real socket and keeps its data in one directory.
#[derive(Debug, Parser)]
#[command(name = "stormglass", version, max_term_width = 100, subcommand_value_name = "SUBCOMMAND")]
#[command(after_help = "Without a subcommand it serves. Every setting can come from a TOML file or from an \
environment variable such as STORMGLASS_WEBSOCKET__HEARTBEAT_MS, some also from a flag; the later of these wins. \
`stormglass --print-config` shows all of them with their values.

Exit codes: 0 done, 1 failed, 2 not whole (verify) or not ready (health), 64 wrong usage or settings.")]
pub(crate) struct Flags {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Where the data is kept; created if it is missing
    #[arg(long, value_name = "DIRECTORY", global = true)]
    pub(crate) data_directory: Option<String>,
    /// A TOML file with settings
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Print all settings as TOML and end
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Wait for the data directory while another server has it, and take over once it is free
    #[arg(long)]
    pub(crate) standby: bool,
    /// Write logs as JSON, a line each
    #[arg(long)]
    pub(crate) log_json: bool,
    /// What to do instead of serving
    #[command(subcommand)]
    pub(crate) subcommand: Option<Action>,
}

/// What to do instead of serving.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Action {
    /// Write everything into one file, to be restored elsewhere
    ///
    /// Of a data directory that no server has open, or of a running server with --server. The file appears under its
    /// name only once it is whole, checked and on the disk. It holds password hashes: keep it as safe as the data.
    Backup {
        /// The file to write; it must not be there yet
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Ask the running server at this address instead; needs operator.token or operator.token_file
        #[arg(long, value_name = "HOST:PORT")]
        server: Option<String>,
    },
    /// Put a backup into a new data directory
    ///
    /// What happened after the backup is lost. Every stream gets a new epoch, so that clients who saw more start over
    /// from a snapshot; all sessions end and the signing key is new, so that everybody logs in again.
    Restore {
        /// The backup
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Read everything and say what is wrong with it
    ///
    /// Checks every page and checksum, that every stream is gapless and ends where its head says, that every record can
    /// be read, and that indexes and objects agree. The server must be stopped. It changes nothing but what the next
    /// start would repair after a sudden death.
    Verify {
        /// Check this backup instead of the data directory
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
    },
    /// Ask whether the server is ready; for health checks of containers
    Health {
        /// The server; by default the one that the settings say
        #[arg(long, value_name = "HOST:PORT")]
        server: Option<String>,
    },
}

/// The command line as clap knows it, for help texts.
pub fn command_line() -> clap::Command {
    Flags::command()
}

impl Flags {
    /// Reads the process's arguments.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let flags = Self::try_parse()?;
        let serving_only = [
            (flags.listen.is_some(), "--listen"),
            (flags.print_config, "--print-config"),
            (flags.log_json, "--log-json"),
            (flags.standby, "--standby"),
        ];
        match serving_only.iter().find(|(given, _)| *given && flags.subcommand.is_some()) {
            None => Ok(flags),
            Some((_, flag)) => {
                let message = format!("the argument '{flag}' is for serving: it cannot be used with a subcommand\n");
                Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message))
            }
        }
    }
}
