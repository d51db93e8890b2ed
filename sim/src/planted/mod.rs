//! Planted bugs: what the properties can see, measured with mistakes that are known (SIM-7).
//!
//! A planted bug is a patch against `system/`, in `sim/planted/`: a mistake that a good engineer could make and that
//! reviews miss. Each is applied to a copy of the workspace, built and searched for as if nobody knew of it. `system` has
//! no switch for any of them: what is searched is a program that somebody could have shipped. `docs/planted.md` tells the
//! same to who writes one.

mod bug;
mod copy;
mod errand;
mod error;
mod hunt;
mod results;
mod scoreboard;
mod search;
mod surroundings;

pub use bug::{Bug, catalogue, check};
pub use copy::WorkspaceCopy;
pub(crate) use copy::{copy_workspace, digest_workspace};
pub use errand::{Brought, Errand};
pub use error::PlantedError;
pub use hunt::hunt;
pub use scoreboard::{Plan, Stage, Way, scoreboard};
pub use search::{Find, Search, Searched};
