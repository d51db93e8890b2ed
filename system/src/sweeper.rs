//! Sweeps away what was kept long enough, from time to time: what it is, [`sweep`] says.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{debug, info, warn};

use crate::app::App;
use crate::domain::signing;
use crate::domain::sweep::{self, SWEPT, Swept};
use crate::refusal::{Answer, Refusal};
use crate::store::Draft;

/// Passes over everything, again and again. Never returns: whoever serves ends it.
pub(crate) async fn run(app: App) {
    loop {
        sleep(Duration::from_millis(app.config.retention.sweep_interval_ms)).await;
        match forget_keys(&app).await {
            Ok(0) => {}
            Ok(forgotten) => info!(target: "stormglass::sweep", forgotten, "signing keys forgotten"),
            Err(refusal) => warn!(target: "stormglass::sweep", %refusal, "signing keys were not forgotten"),
        }
        for swept in SWEPT {
            match pass(&app, swept).await {
                Ok(removed) => debug!(target: "stormglass::sweep", ?swept, removed, "swept"),
                // The next pass begins anew; a store that failed for good ends the server by another way.
                Err(refusal) => warn!(target: "stormglass::sweep", ?swept, %refusal, "a pass was given up"),
            }
        }
    }
}

/// Forgets the signing keys whose last token has ended. How many.
async fn forget_keys(app: &App) -> Answer<usize> {
    if !app.signing.signer().has_ended_key(app.platform.now()) {
        return Ok(0);
    }
    let signing = app.signing.clone();
    app.store.write("sweep", move |draft| signing::forget(draft, &signing)).await
}

/// One pass over all records of a kind. How many were removed.
async fn pass(app: &App, swept: Swept) -> Answer<usize> {
    let (mut after, mut removed) = (None::<Vec<u8>>, 0);
    loop {
        let (retention, now) = (app.config.retention.clone(), app.platform.now());
        let found = app.store.read(move |view| sweep::look(view, swept, after.as_deref(), &retention, now)).await?;
        if !found.over.is_empty() {
            removed += found.over.len();
            let over = found.over;
            let remove = move |draft: &mut Draft<'_>| {
                sweep::remove(draft, over);
                Ok::<_, Refusal>(())
            };
            app.store.write("sweep", remove).await?;
        }
        if found.next.is_none() {
            return Ok(removed);
        }
        after = found.next;
    }
}
