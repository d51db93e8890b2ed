//! The REST resources: one file each, and its line in the list below.

mod auth;
mod documents;
mod downloads;
mod events;
mod files;
mod health;
mod intake;
mod invitations;
mod members;
mod messages;
mod metrics;
mod operator;
mod presence;
mod profile;
mod quota;
mod reads;
mod rooms;
mod sessions;
mod status;
mod threads;
mod uploads;
mod users;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::app::App;
use crate::http::{correlate, cors, limit_requests};
use crate::protocol::{API_PREFIX, ErrorCode};
use crate::refusal::Refusal;
use crate::schema::Routes;
use crate::websocket;

/// Every endpoint of the server, with its entry in the OpenAPI document.
pub(crate) fn routes() -> Routes {
    let resources = Routes::new()
        .merge(auth::routes())
        .merge(downloads::routes())
        .merge(events::routes())
        .merge(invitations::routes())
        .merge(files::routes())
        .merge(members::routes())
        .merge(messages::routes())
        .merge(operator::routes())
        .merge(presence::routes())
        .merge(profile::routes())
        .merge(quota::routes())
        .merge(reads::routes())
        .merge(rooms::routes())
        .merge(status::routes())
        .merge(sessions::routes())
        .merge(threads::routes())
        .merge(uploads::routes())
        .merge(users::routes());
    resources
        .below(API_PREFIX)
        .merge(documents::routes())
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(websocket::routes())
}

/// The router of every endpoint, with the layers that all share.
pub fn router(app: App) -> Router {
    routes()
        .into_router()
        .fallback(async || Refusal::new(ErrorCode::NotFound, "there is no such path; the resources are below /api/v1"))
        .method_not_allowed_fallback(async || {
            Refusal::new(ErrorCode::MethodNotAllowed, "this path exists, but not with this method")
        })
        .layer(DefaultBodyLimit::max(app.config.http.body_bytes))
        .layer(from_fn_with_state(app.clone(), limit_requests))
        .layer(from_fn_with_state(app.clone(), cors))
        .layer(from_fn_with_state(app.clone(), correlate))
        .with_state(app)
}
