//! `/rooms/{id}/members/{user}`: add and join, remove and leave.

use axum::Router;
use axum::extract::State;
use axum::routing::put;
use http::StatusCode;

use crate::app::App;
use crate::domain::members;
use crate::http::{Caller, Correlation, Ids, Reply};
use crate::protocol::{Member, RoomId, UserId};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/rooms/{id}/members/{user}", put(add).delete(remove))
}

async fn add(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Answer<Reply<Member>> {
    app.store.write(&correlation, move |draft| members::add(draft, actor, room, user)).await.map(Reply::ok)
}

async fn remove(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Answer<StatusCode> {
    app.store.write(&correlation, move |draft| members::remove(draft, actor, room, user)).await?;
    Ok(StatusCode::NO_CONTENT)
}
