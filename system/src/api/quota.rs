//! `/quota`: how much of their quotas the caller and their company have taken.

use axum::extract::State;

use crate::app::App;
use crate::domain::files;
use crate::http::{Caller, Reply};
use crate::protocol::Quotas;
use crate::refusal::Answer;
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    Routes::new()
        .with(get("/quota", read, "How much of their quotas the caller and their company have taken."))
        .of("files")
}

async fn read(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<Quotas>> {
    let limits = app.config.quota.clone();
    app.store.read(move |view| files::quotas(view, actor, &limits)).await.map(Reply::ok)
}
