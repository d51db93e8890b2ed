//! `/presence`: who of the company is online.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::app::App;
use crate::domain::rights::{acting, require_role};
use crate::http::{Caller, Reply};
use crate::protocol::{PresenceList, Role};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/presence", get(list))
}

async fn list(State(app): State<App>, Caller(actor): Caller) -> Answer<Reply<PresenceList>> {
    let caller = app
        .store
        .read(move |view| {
            let caller = acting(view, actor)?;
            require_role(&caller, Role::Member)?;
            Ok::<_, Refusal>(caller)
        })
        .await?;
    Ok(Reply::ok(app.hub.presence(caller.company)))
}
