//! `/operator`: what an admin may see of the running server, for their own company.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::app::App;
use crate::domain::rights::{acting, require_role};
use crate::http::{Caller, Reply};
use crate::protocol::{ConnectionList, Role};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/operator/connections", get(connections))
}

async fn connections(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<ConnectionList>> {
    let caller = app
        .store
        .read(move |view| {
            let caller = acting(view, actor)?;
            require_role(&caller, Role::Admin)?;
            Ok::<_, Refusal>(caller)
        })
        .await?;
    Ok(Reply::ok(app.hub.connections(caller.company)))
}
