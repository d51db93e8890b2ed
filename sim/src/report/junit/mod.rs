//! The view for CI systems: JUnit XML, as Jenkins, GitLab and GitHub's actions read it.
//!
//! `suite.rs` knows suites and cases, whatever they are of; `campaign.rs` makes them of a campaign.

mod campaign;
mod suite;

pub use campaign::campaign;
pub use suite::{Case, Outcome, Suite, to_xml};
