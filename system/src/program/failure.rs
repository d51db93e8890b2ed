//! Why the program ends without having done what it was asked. Always one line that says what to do next.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use super::settings::SettingsError;
use crate::store::backup::{BackupError, RestoreError};
use crate::store::{OpenError, StoreError};
use crate::{ServeError, StartError};

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{directory}: {source}")]
    Start { directory: String, source: StartError },
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen { address: String, source: io::Error },
    #[error("cannot listen on {address} for metrics: {source}; choose another `metrics.listen`, or leave it empty")]
    ListenForMetrics { address: String, source: io::Error },
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("{directory}: there is no database in it; check --data-directory and --config")]
    NoDatabase { directory: String },
    #[error("{directory}: {source}")]
    Open { directory: String, source: OpenError },
    #[error("{directory}: a server has it open: stop it, or take the backup from it with --server HOST:PORT")]
    BackupInUse { directory: String },
    #[error(
        "{directory}: a restore into it was not finished: run `stormglass restore` again, or remove {directory}/restoring"
    )]
    HalfRestored { directory: String },
    #[error("{directory}: it is not empty: restore into a new directory, and point the server to it")]
    NotEmpty { directory: String },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{0}: it is there already: choose another name, or move it away")]
    Exists(PathBuf),
    #[error("{path}: {source}")]
    Backup { path: PathBuf, source: BackupError },
    #[error("{path}: {source}")]
    Restore { path: PathBuf, source: RestoreError },
    #[error("{directory}: {source}; start the server again to recover, or restore a backup")]
    Store { directory: String, source: StoreError },
    #[error(
        "{directory}: {problems} problems, as listed above; stop using it and restore a backup into a new directory: \
             stormglass restore --from FILE --data-directory DIRECTORY"
    )]
    NotWhole { directory: String, problems: u64 },
    #[error("{server}: {problem}")]
    Server { server: String, problem: String },
    #[error("{server} is not ready: {problem}")]
    NotReady { server: String, problem: String },
}

impl Failure {
    /// 64: a setting is wrong (as sysexits.h has it). 2: the data is not whole, or the server not ready. 1: everything
    /// else.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) => ExitCode::from(64),
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::InvalidInput => ExitCode::from(64),
            Self::NotWhole { .. } | Self::NotReady { .. } => ExitCode::from(2),
            Self::Backup { source: BackupError::Damaged { .. }, .. }
            | Self::Restore { source: RestoreError::Backup(BackupError::Damaged { .. }), .. } => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
