//! The view for people who want to look around: one HTML file with everything in it, which asks nothing of any network.
//!
//! - `model` is what a page shows: a verdict, runs with their timelines, tables, commands. Whoever has these can have a page;
//! - `of_run` and `of_campaign` make it of a failure, of a run and of a campaign;
//! - `html` writes it, with `page.css` and the scripts beside it; `embed` puts data into it safely.
//!
//! A page holds no measured time and no name of a machine, so equal runs give equal bytes.

mod embed;
mod html;
mod model;
mod of_campaign;
mod of_run;

pub use html::html;
pub use model::{Broken, Cell, Command, Fact, Page, ProofLine, ShownRun, Table, Verdict};
pub use of_campaign::campaign;
pub use of_run::{failure, replay};
