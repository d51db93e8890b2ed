//! The HTTP side of every REST handler: who calls, what they sent, how a refusal looks.

mod allowance;
mod body;
mod caller;
mod correlation;
mod cors;
mod idempotency;
mod if_match;
mod method_override;
mod operator;
mod paging;
mod path;
mod patience;
mod peer;
mod range;
mod reply;
mod serving;
mod stalling;
mod tus;

pub use allowance::{is_limited, limit_requests};
pub use body::{Body, Params};
pub use caller::{Caller, bearer, read_token};
pub use correlation::{Correlation, correlate};
pub use cors::cors;
pub use idempotency::IdempotencyKey;
pub use if_match::IfMatch;
use method_override::meant;
pub use operator::{Operator, ServerOperator};
pub use paging::{Paged, page_limit};
pub use path::{Id, Ids, StreamPath};
pub use patience::Patience;
pub use range::{ByteRange, Wanted, disposition};
pub use reply::Reply;
pub use serving::{Refused, serve_stream, turn_away};
pub use tus::{Creation, TUS_HEADERS, TusVersion, UploadBody, UploadChecksum, UploadOffset, tus_headers};
