//! A login that outlives its program, or that two programs share: what a client has of it, to be kept and given to another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::{SessionId, Tokens, UserId};

/// A session of a user, and its newest tokens. Whoever has it is that user: keep it as safe as a password.
///
/// A program that wants to stay logged in keeps each that [`Observer::login_changed`](super::Observer::login_changed) tells
/// of and gives the last one to [`Client::resume`](super::Client::resume). It ages: a refresh token is good for one
/// rotation, and for 30 s after it once more (PROTOCOL.md, promise 7). Within that time two programs with the same login
/// renew it without ending it for each other, as two tabs of a browser do; who comes later with an old one ends the
/// session, and both log in with the password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLogin {
    /// Who is logged in.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// Its newest tokens.
    pub tokens: Tokens,
}

impl fmt::Debug for SavedLogin {
    /// Without the tokens.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, session, .. } = self;
        formatter.debug_struct("SavedLogin").field("user", user).field("session", session).finish_non_exhaustive()
    }
}
