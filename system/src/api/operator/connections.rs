//! `/operator/connections` and `/operator/users/{id}/disconnect`: who is connected, and ending it.
//!
//! Owners and admins see and end the connections of their company, those of a higher rank excepted; the server's operator
//! those of all companies. An operator who wants somebody out for good deactivates them: a connection that is only ended
//! may be opened again.

use axum::extract::State;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::info;

use crate::app::App;
use crate::domain::rights::require_rank;
use crate::http::{Correlation, Id, Operator, Params, Reply};
use crate::hub::{Closing, Which};
use crate::protocol::{CloseCode, ConnectionList, Disconnected, UserId};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, delete, get, post};
use crate::store::key::UserKey;

pub(super) fn routes() -> Routes {
    let list = get("/operator/connections", list, "The live connections of the company, or of all companies.");
    let disconnect = delete("/operator/connections/{id}", disconnect, "Ends one connection.");
    let disconnect_user = post("/operator/users/{id}/disconnect", disconnect_user, "Ends a user's connections.");
    Routes::new().with(list).with(disconnect).with(disconnect_user)
}

/// The query of a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only this user's.
    user: Option<UserId>,
}

/// The query of a disconnect.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Manner {
    /// True, as by default: what waits is sent first, then the connection is closed with 1012, which says to come back.
    /// False: it is closed at once with 4503, which says not to.
    #[serde(default = "yes")]
    reconnect: bool,
}

fn yes() -> bool {
    true
}

impl Manner {
    fn closing(&self) -> Closing {
        match self.reconnect {
            true => Closing::after_queue(CloseCode::ServiceRestart, 0),
            false => Closing::at_once(CloseCode::Forbidden),
        }
    }
}

async fn list(
    State(app): State<App>,
    operator: Operator,
    Params(Filter { user }): Params<Filter>,
) -> Answer<Reply<ConnectionList>> {
    Ok(Reply::ok(app.hub.connections(Which { company: operator.company(), user, id: None })))
}

async fn disconnect(
    State(app): State<App>,
    operator: Operator,
    Correlation(correlation): Correlation,
    Id(id): Id<u64>,
    Params(manner): Params<Manner>,
) -> Answer<StatusCode> {
    let which = Which { company: operator.company(), user: None, id: Some(id) };
    let found = app.hub.connections(which).connections;
    let connection = found.first().ok_or_else(|| Refusal::not_found("connection"))?;
    require_reach(&app, &operator, connection.user).await?;
    app.hub.disconnect_all(which, manner.closing());
    let by = operator.name();
    info!(target: "stormglass::operator", connection = id, by, correlation_id = correlation, "connection ended");
    Ok(StatusCode::NO_CONTENT)
}

async fn disconnect_user(
    State(app): State<App>,
    operator: Operator,
    Correlation(correlation): Correlation,
    Id(user): Id<UserId>,
    Params(manner): Params<Manner>,
) -> Answer<Reply<Disconnected>> {
    require_reach(&app, &operator, user).await?;
    let which = Which { company: operator.company(), user: Some(user), id: None };
    let connections = app.hub.disconnect_all(which, manner.closing());
    let by = operator.name();
    info!(target: "stormglass::operator", %user, connections, by, correlation_id = correlation, "user disconnected");
    Ok(Reply::ok(Disconnected { connections }))
}

/// The user must be one whom the operator reaches: of their company, and not above them.
async fn require_reach(app: &App, operator: &Operator, user: UserId) -> Answer<()> {
    let record = app.store.read(move |view| view.get(&UserKey(user)).map_err(Refusal::from)).await?;
    let touched = record
        .map(|record| record.user)
        .filter(|user| operator.company().is_none_or(|company| company == user.company))
        .ok_or_else(|| Refusal::not_found("user"))?;
    match operator {
        Operator::Server => Ok(()),
        Operator::Company(admin) => require_rank(admin, touched.role),
    }
}
