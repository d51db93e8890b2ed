//! `/operator`: the running server, as those see it who answer for it (REQUIREMENTS.md WS-4).

mod backup;
mod connections;
mod drain;
mod limits;
mod signing_key;

use crate::schema::Routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(backup::routes())
        .merge(connections::routes())
        .merge(drain::routes())
        .merge(limits::routes())
        .merge(signing_key::routes())
        .of("operator")
}
