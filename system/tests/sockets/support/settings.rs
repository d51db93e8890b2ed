//! Settings for tests: the defaults, but cheap, quick and on a free port.

use system::Config;

/// The defaults with passwords that cost nothing, a port that is free, and no wait that a test would only sit out.
pub fn quick() -> Config {
    let mut config = Config { listen: "127.0.0.1:0".into(), ..Config::default() };
    config.password.memory_kib = 8;
    config.password.iterations = 1;
    config.store.cache_bytes = 4 << 20;
    config.shutdown.jitter_ms = 0;
    // Tests ask faster than anybody; those of this limit set it.
    config.limits.requests_per_second = 0;
    config
}
