//! Sweeps as long as the server serves: ends uploads that have expired, removes what deleted files have left.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::{info, warn};

use crate::config::Config;
use crate::domain::files::{self, FileLimits};
use crate::platform::Platform;
use crate::refusal::Answer;
use crate::store::Store;

/// Never resolves.
pub async fn run(store: Store, platform: Arc<dyn Platform>, config: Arc<Config>) {
    let limits = FileLimits { uploads: config.uploads.clone(), quota: config.quota.clone() };
    let interval = Duration::from_millis(config.uploads.sweep_interval_ms);
    loop {
        match sweep(&store, &*platform, &limits).await {
            Ok(0) => {}
            Ok(rounds) => info!(target: "stormglass::sweeper", rounds, "swept uploads and deleted files away"),
            // The store tells the reason itself, and has the server stop.
            Err(refusal) => warn!(target: "stormglass::sweeper", %refusal, "could not sweep"),
        }
        sleep(interval).await;
    }
}

/// Sweeps until there is nothing left to be swept; in how many rounds.
async fn sweep(store: &Store, platform: &dyn Platform, limits: &FileLimits) -> Answer<u32> {
    let mut rounds = 0;
    loop {
        let now = platform.now();
        if !store.read(move |view| files::needs_sweep(view, now)).await? {
            return Ok(rounds);
        }
        let limits = limits.clone();
        let correlation = platform.new_uuid().to_string();
        store.write(&correlation, move |draft| files::sweep(draft, &limits)).await?;
        rounds += 1;
    }
}
