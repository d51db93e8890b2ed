//! What every part is given: how large the load is, and the settings of the server under it.

/// How large the load is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Idle connections, and the listeners of the largest room.
    pub connections: usize,
    /// How many broadcasts each room gets.
    pub broadcasts: usize,
    /// Who posts at once.
    pub senders: usize,
    /// Who does everything at once.
    pub users: usize,
    /// How long posts and mixed load last, each.
    pub seconds: u64,
}

/// The settings of the server that the load needs: cheap passwords, since logging in is no part of any figure, and no
/// limits on what one user may do, since a hundred of them make the load of thousands.
pub(super) const SETTINGS: [(&str, &str); 6] = [
    ("STORMGLASS_PASSWORD__MEMORY_KIB", "64"),
    ("STORMGLASS_PASSWORD__ITERATIONS", "1"),
    ("STORMGLASS_LIMITS__CONNECTIONS_PER_USER", "0"),
    ("STORMGLASS_LIMITS__FRAMES_PER_SECOND", "0"),
    ("STORMGLASS_LIMITS__REQUESTS_PER_SECOND", "0"),
    ("STORMGLASS_LIMITS__HTTP_CONNECTIONS", "0"),
];
