//! Tokens: that they rotate, and that the session behind them ends.

mod ended_sessions;
mod rotation;

pub(crate) use ended_sessions::EndedSessions;
pub(crate) use rotation::Rotation;
