//! Reports: what a campaign, a failure, a replay and a check of determinism have to say, as data; and views of it.
//!
//! - [`summary`], [`recovery`], [`failure`], [`own_error`], [`divergence`], [`planted`], [`mutants`], [`replay`], [`judged`],
//!   [`list`] and [`schemas`] are data, made of runs and verdicts, and of what exists;
//! - [`timeline`] is data too: a whole trace, ready to be drawn;
//! - [`text`], [`page`], [`json`] and [`junit`] are views: the first two for people, the others for machines and CI systems;
//! - [`published`] has the name, the version and the schema of each that is written as JSON.
//!
//! Nothing here runs anything, reads a clock or writes to a terminal.

pub mod divergence;
pub mod failure;
pub mod fuzz;
pub mod json;
pub mod judged;
pub mod junit;
pub mod list;
pub mod moment;
pub mod mutants;
pub mod own_error;
pub mod page;
pub mod planted;
pub mod published;
pub mod recovery;
pub mod replay;
pub mod schemas;
pub mod summary;
pub mod text;
pub mod timeline;
pub mod worst;

pub use divergence::{Cause, DeterminismReport, Divergence};
pub use failure::{FailureReport, FaultWindow, Origin};
pub use fuzz::FuzzReport;
pub use judged::JudgeReport;
pub use list::ListReport;
pub use moment::Moment;
pub use mutants::MutantsReport;
pub use own_error::OwnError;
pub use planted::{AppliedReport, PlantedReport};
pub use published::Published;
pub use replay::ReplayReport;
pub use schemas::SchemasReport;
pub use summary::{CampaignReport, Conclusion, Summary};
pub use worst::WorstReport;
