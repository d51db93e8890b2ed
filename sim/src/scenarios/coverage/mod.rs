//! What of the published documents the scenarios exercised (SC-8): counted from what crossed the wire, never from what a
//! scenario says of itself.

mod documented;
mod exercised;
mod report;
mod unprovokable;

pub use documented::{Documented, Endpoint};
pub use exercised::Exercised;
pub use report::{Coverage, CoverageRow, Excused};
pub use unprovokable::UNPROVOKABLE;
