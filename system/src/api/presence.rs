//! `/presence`: who of the company is online.

use axum::extract::State;

use crate::app::App;
use crate::domain::rights::{acting, require_role};
use crate::http::{Caller, Reply};
use crate::protocol::{ErrorCode, PresenceList, Role};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let list = get("/presence", list, "Who of the company is online.").refuses(&[ErrorCode::Forbidden]);
    Routes::new().with(list).of("presence")
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
