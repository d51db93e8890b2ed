//! `kill -9` with another server on standby (REQUIREMENTS.md CG-7, WS-19). `tests/kill/` has the storm of one server.

mod crew;
mod standby;
