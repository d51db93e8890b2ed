//! `/users/me/status`: the status that the caller chose.

use axum::extract::State;

use crate::app::App;
use crate::domain::status;
use crate::http::{Body, Caller, Correlation, Reply};
use crate::protocol::{StatusSet, UserStatus};
use crate::refusal::Answer;
use crate::schema::{Routes, get, put};

pub(super) fn routes() -> Routes {
    const PATH: &str = "/users/me/status";
    let read = get(PATH, read, "The status that the caller chose.");
    let choose = put(PATH, choose, "Chooses how reachable the caller looks while they are connected.");
    Routes::new().with(read).with(choose).of("presence")
}

async fn read(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<UserStatus>> {
    app.store.read(move |view| status::get(view, actor)).await.map(Reply::ok)
}

async fn choose(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Body(wanted): Body<StatusSet>,
) -> Answer<Reply<UserStatus>> {
    let chosen = app.store.write(&correlation, move |draft| status::choose(draft, actor, wanted)).await?;
    Ok(Reply::ok(chosen.status))
}
