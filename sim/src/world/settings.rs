//! How the server is configured in the world: the protocol's own intervals, with cheap passwords and little memory.

use system::Config;
use system::config::Secret;

use super::feed;
use crate::history::History;

/// The token of the server's operator.
pub(super) const OPERATOR_TOKEN: &str = "the-operators-own-token";

/// How many events of a stream may be missing at a resume: so few that some who were away must start over.
const RESUME_EVENTS: usize = 24;

/// What a user may keep of files, and all together: a few of those that a history uploads.
const USER_BYTES: u64 = 250_000;
const COMPANY_BYTES: u64 = 700_000;

/// How long an upload is kept without a further byte: less than the longest time for which devices are cut off.
pub(super) const UPLOAD_LIFETIME_MS: u64 = 12_000;

/// Where the server looks for conversation files.
pub(crate) const FEED_DIRECTORY: &str = feed::DIRECTORY;

/// The server's configuration for a scenario, which changes of it what it needs.
pub(crate) fn suite_config(operator_token: &str) -> Config {
    let mut config = Config::default();
    config.operator.token = Secret::new(operator_token);
    cheapen(&mut config);
    config
}

/// The server's configuration for a history.
pub(super) fn server_config(history: &History) -> Config {
    let mut config = Config::default();
    config.operator.token = Secret::new(OPERATOR_TOKEN);
    config.auth.access_token_ms = history.settings.access_token_ms;
    cheapen(&mut config);
    // So little that some uploads find no room, and so short that some that are left alone end by themselves.
    config.resume.events = RESUME_EVENTS;
    config.quota.user_bytes = USER_BYTES;
    config.quota.company_bytes = COMPANY_BYTES;
    config.uploads.lifetime_ms = UPLOAD_LIFETIME_MS;
    // Whoever writes no conversation file has no feed: its scans would be a part of every history.
    if history.has_feed() {
        feed::DIRECTORY.clone_into(&mut config.feed.directory);
    }
    config
}

/// What costs time and memory in a simulation and proves nothing there.
fn cheapen(config: &mut Config) {
    // A run logs in dozens of times; what makes a password hash slow proves nothing here.
    config.password.memory_kib = 8;
    config.password.iterations = 1;
    config.store.cache_bytes = 1 << 20;
    // The buffer is zeroed at each look for bytes, and frames are small.
    config.websocket.buffer_bytes = 1 << 10;
}
