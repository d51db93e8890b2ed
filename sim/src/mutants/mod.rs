//! Mutation testing: small mistakes that a machine makes, all over the server's core, and which of them anybody notices.
//!
//! A planted bug is a mistake that a person thought of; a mutant is one that nobody did: `<` becomes `<=`, a function
//! answers `Ok(())` and does nothing. cargo-mutants lists them. To build the workspace once for each would take days, so
//! all of them are written into one copy, each behind a switch that is read once for each process (mutant schemata,
//! Untch, Offutt and Harrold 1993). `system` has none of these switches: only the copy does. `docs/mutants.md` tells the
//! same to who reads a score.

mod area;
mod baseline;
mod blame;
mod build;
mod build_loop;
mod error;
mod listing;
mod measure;
mod mutant;
mod process;
mod results;
mod reviewed;
mod sites;
mod stages;
mod switched;
mod trial;
mod unfit_kept;
mod written;

pub use area::{Area, CORE};
pub use error::MutantsError;
pub use listing::list;
pub use measure::{Plan, Stage, areas, check, measure};
pub use mutant::Mutant;
pub use trial::{Case, Trial, Tried};
