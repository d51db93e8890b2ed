//! A move from one state to another that a requirement forbids.

/// A state was told to become one that may not follow it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} cannot become {to} after {from}: {allowed} may follow it ({requirement})")]
pub struct MoveRefused {
    /// Of what.
    pub what: &'static str,
    /// The state that it has.
    pub from: String,
    /// The state that it was to have.
    pub to: String,
    /// The states that it may have next.
    pub allowed: String,
    /// Which requirement says so.
    pub requirement: &'static str,
}

/// Lets `state` become `to` if that is among `next`.
pub(super) fn advance<S: Copy + PartialEq + std::fmt::Display>(
    (what, requirement): (&'static str, &'static str),
    state: &mut S,
    next: &[S],
    to: S,
) -> Result<(), MoveRefused> {
    if next.contains(&to) {
        *state = to;
        return Ok(());
    }
    let allowed = match next {
        [] => "nothing".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
    };
    Err(MoveRefused { what, from: state.to_string(), to: to.to_string(), allowed, requirement })
}
