//! Reports: what a campaign, a failure, a replay and a check of determinism have to say, as data; and views of it.
//!
//! - [`summary`], [`recovery`], [`failure`], [`own_error`], [`divergence`], [`planted`] and [`replay`] are data, made of runs
//!   and verdicts;
//! - [`timeline`] is data too: a whole trace, ready to be drawn;
//! - [`text`], [`page`] and [`json`] are views: the first two for people, the last for machines.
//!
//! Nothing here runs anything, reads a clock or writes to a terminal.

pub mod divergence;
pub mod failure;
pub mod fuzz;
pub mod json;
pub mod moment;
pub mod own_error;
pub mod page;

pub mod planted;
pub mod recovery;
pub mod replay;
pub mod summary;
pub mod text;
pub mod timeline;
pub mod worst;

pub use divergence::{Cause, DeterminismReport, Divergence};
pub use failure::{FailureReport, FaultWindow, Origin};
pub use fuzz::FuzzReport;
pub use moment::Moment;
pub use own_error::OwnError;
pub use planted::PlantedReport;
pub use replay::ReplayReport;
pub use summary::{CampaignReport, Conclusion, Summary};
