//! Operating a server: backups, their restoration, and what `verify` finds (REQUIREMENTS.md CG-1, CG-7).

mod backups;
mod connections;
mod harm;
mod logging;
mod packaging;
mod runs;
mod server_wide;
mod signing_keys;
mod verifying;
mod verifying_files;
