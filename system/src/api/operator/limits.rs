//! `/operator/limits`: how much one may ask for, now. A restart goes back to the configuration.

use axum::extract::State;
use tracing::info;

use crate::app::App;
use crate::http::{Body, Correlation, Reply, ServerOperator};
use crate::limits::LimitSettings;
use crate::refusal::Answer;
use crate::schema::{Routes, get, put};

pub(super) fn routes() -> Routes {
    const PATH: &str = "/operator/limits";
    let read = get(PATH, read, "The limits as they are now.");
    let change =
        put(PATH, change, "Other limits from now on, until the server is restarted; absent ones are the defaults.");
    Routes::new().with(read).with(change)
}

async fn read(State(app): State<App>, _: ServerOperator) -> Answer<Reply<LimitSettings>> {
    Ok(Reply::ok(app.limits.settings()))
}

async fn change(
    State(app): State<App>,
    _: ServerOperator,
    Correlation(correlation): Correlation,
    Body(settings): Body<LimitSettings>,
) -> Answer<Reply<LimitSettings>> {
    app.limits.change(settings);
    let shed = if settings.connections > 0 { app.hub.shed(settings.connections as usize) } else { 0 };
    info!(target: "stormglass::operator", ?settings, shed, correlation_id = correlation, "limits changed");
    Ok(Reply::ok(settings))
}
