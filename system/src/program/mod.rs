//! The `stormglass` program: its command line, settings, logs and signals, one file for each subcommand.

mod backup;
mod backup_file;
mod data_directory;
mod failure;
mod flags;
mod health;
mod logs;
mod panics;
mod restore;
mod run;
mod serve;
mod settings;
mod verify;
mod welcome;

pub use flags::command_line;
pub use run::run;
