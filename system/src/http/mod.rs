//! The HTTP side of every REST handler: who calls, what they sent, how a refusal looks.

mod body;
mod caller;
mod correlation;
mod cors;
mod idempotency;
mod if_match;
mod operator;
mod paging;
mod path;
mod peer;
mod reply;

pub use body::{Body, Params};
pub use caller::{Caller, bearer, read_token};
pub use correlation::{Correlation, correlate};
pub use cors::cors;
pub use idempotency::IdempotencyKey;
pub use if_match::IfMatch;
pub use operator::{Operator, ServerOperator};
pub use paging::{Paged, page_limit};
pub use path::{Id, Ids, StreamPath};
pub use reply::Reply;
