//! REST and bad input: a problem body that says what was wrong, and nothing changed.

mod bodies;
mod bombs;
mod idempotency;
mod paging;
mod paths;
mod patience;
mod routes;
mod tenants;
pub mod things;
mod tokens;
mod unchanged;
