//! `/operator`: the running server, as those see it who answer for it (REQUIREMENTS.md WS-4).

mod backup;
mod connections;
mod drain;

use axum::Router;

use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new().merge(backup::routes()).merge(connections::routes()).merge(drain::routes())
}
