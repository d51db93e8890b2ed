//! How the server is configured in the world: the protocol's own intervals, with cheap passwords and little memory.

use system::Config;

use super::feed;
use crate::history::History;

/// The server's configuration for a history.
pub(super) fn server_config(history: &History) -> Config {
    let mut config = Config::default();
    config.auth.access_token_ms = history.settings.access_token_ms;
    // A run logs in dozens of times; what makes a password hash slow proves nothing here.
    config.password.memory_kib = 8;
    config.password.iterations = 1;
    config.store.cache_bytes = 1 << 20;
    // The buffer is zeroed at each look for bytes, and frames are small.
    config.websocket.buffer_bytes = 1 << 10;
    // Whoever writes no conversation file has no feed: its scans would be a part of every history.
    if history.has_feed() {
        feed::DIRECTORY.clone_into(&mut config.feed.directory);
    }
    config
}
