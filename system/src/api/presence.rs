//! `/presence`: who of the company is not offline.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::domain::rights::{acting, require_role};
use crate::http::{Caller, Params, Reply};
use crate::protocol::{ErrorCode, PresenceList, Role};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get};

pub(super) fn routes() -> Routes {
    let list = get("/presence", list, "Who of the company is not offline.")
        .refuses(&[ErrorCode::Forbidden, ErrorCode::InvalidValue]);
    Routes::new().with(list).of("presence")
}

/// Which page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paging {
    /// The `next` of an earlier page; absent: the first page.
    cursor: Option<String>,
    /// How many at most; the server has a limit of its own.
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    Params(Paging { cursor, limit }): Params<Paging>,
) -> Answer<Reply<PresenceList>> {
    let most = app.config.http.page_items;
    let limit = limit.unwrap_or(most).clamp(1, most);
    let wrong = || Refusal::field("cursor", "must be the `next` of an earlier page");
    let after = cursor.map(|cursor| cursor.parse().map_err(|_| wrong())).transpose()?;
    let caller = app
        .store
        .read(move |view| {
            let caller = acting(view, actor)?;
            require_role(&caller, Role::Member)?;
            Ok::<_, Refusal>(caller)
        })
        .await?;
    Ok(Reply::ok(app.hub.presence(caller.company, after, limit)))
}
