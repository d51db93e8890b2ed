//! Operating a server: backups, their restoration, and what `verify` finds (REQUIREMENTS.md CG-1, CG-7).

mod backups;
mod runs;
mod verifying;
