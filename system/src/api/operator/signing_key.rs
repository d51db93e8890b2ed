//! `/operator/signing-key`: the keys that sign tokens, and their rotation. Nobody is logged out by it.

use axum::extract::State;
use tracing::info;

use crate::app::App;
use crate::domain::signing;
use crate::http::{Correlation, Reply, ServerOperator};
use crate::protocol::{ErrorCode, SigningKeys};
use crate::refusal::Answer;
use crate::schema::{Routes, get, post};

pub(super) fn routes() -> Routes {
    let read = get("/operator/signing-key", read, "The keys that tokens are verified with, without their secrets.");
    let rotate = post(
        "/operator/signing-key/rotate",
        rotate,
        "A new key signs all tokens from now on. Earlier ones verify what they signed until the last of it has ended: \
         nobody is logged out.",
    );
    Routes::new().with(read).with(rotate.refuses(&[ErrorCode::RateLimited]))
}

async fn read(State(app): State<App>, _: ServerOperator) -> Answer<Reply<SigningKeys>> {
    let now = app.platform.now();
    Ok(Reply::ok(app.store.read(move |view| signing::list(view, now)).await?))
}

async fn rotate(
    State(app): State<App>,
    _: ServerOperator,
    Correlation(correlation): Correlation,
) -> Answer<Reply<SigningKeys>> {
    let signing = app.signing.clone();
    let keys = app.store.write(&correlation, move |draft| signing::rotate(draft, &signing)).await?;
    let newest = keys.keys.last().map(|key| key.id.as_str());
    let count = keys.keys.len();
    info!(target: "stormglass::operator", newest, count, correlation_id = correlation, "signing key rotated");
    Ok(Reply::ok(keys))
}
