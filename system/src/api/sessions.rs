//! `/auth/sessions`: the caller's own sessions on all of their devices.

use axum::extract::State;
use http::StatusCode;

use crate::app::App;
use crate::domain::sessions;
use crate::http::{Caller, Correlation, Id, Paged, Reply};
use crate::protocol::{Page, SessionId, SessionInfo};
use crate::refusal::Answer;
use crate::schema::{Routes, delete, get};

pub(super) fn routes() -> Routes {
    let list = get("/auth/sessions", list, "The caller's sessions that have not ended.");
    let revoke = delete("/auth/sessions/{id}", revoke, "Ends one of the caller's sessions, and its connections.");
    Routes::new().with(list).with(revoke).of("auth")
}

async fn list(State(app): State<App>, Caller(actor): Caller, Paged(paging): Paged) -> Answer<Reply<Page<SessionInfo>>> {
    let now = app.platform.now();
    app.store.read(move |view| sessions::list(view, actor, &paging, now)).await.map(Reply::ok)
}

async fn revoke(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(session): Id<SessionId>,
) -> Answer<StatusCode> {
    app.store.write(&correlation, move |draft| sessions::revoke(draft, actor, session)).await?;
    Ok(StatusCode::NO_CONTENT)
}
