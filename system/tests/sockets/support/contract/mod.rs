//! Everything that a server of the tests says is checked against the documents that it publishes (REQUIREMENTS.md WS-13):
//! each REST answer against the OpenAPI document, each frame against the AsyncAPI document. So the whole suite is the
//! proof that both are true.
//!
//! It listens where the server writes, below every client, so no test can forget it. The published schemas let a newer
//! server say more; here a field that no schema names is a mistake.

mod answers;
mod bytes;
mod frames;
mod schemas;
mod tap;

pub use answers::{mistake as answer_mistake, mistake_in_body as body_mistake};
pub use frames::mistake as frame_mistake;
pub use schemas::Schemas;
pub use tap::{Findings, Tap};
