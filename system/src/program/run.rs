//! From the command line to the exit code.

use std::io::Write;
use std::process::ExitCode;

use super::failure::Failure;
use super::flags::{Action, Flags};
use super::{backup, health, logs, restore, serve, settings, verify};

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    let flags = match Flags::read() {
        Ok(flags) => flags,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
            // Nothing can be said if even the terminal is gone.
            let _ = error.print();
            return code;
        }
    };
    match perform(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("stormglass: {failure}");
            failure.exit_code()
        }
    }
}

fn perform(flags: &Flags) -> Result<(), Failure> {
    let config = settings::load(flags)?;
    if flags.print_config {
        // A reader that closes early has read enough.
        let _ = write!(anstream::stdout(), "{}", settings::to_toml(&config));
        return Ok(());
    }
    match &flags.subcommand {
        None => {
            logs::init(&config.log)?;
            serve::run(config, flags.standby)
        }
        Some(Action::Backup { to, server: None }) => backup::of_directory(&config, to),
        Some(Action::Backup { to, server: Some(server) }) => backup::of_server(&config, server, to),
        Some(Action::Restore { from }) => restore::run(&config, from),
        Some(Action::Verify { backup: None }) => verify::directory(&config),
        Some(Action::Verify { backup: Some(file) }) => verify::backup(file),
        Some(Action::Health { server }) => health::run(server.as_deref().unwrap_or(&config.listen)),
    }
}
