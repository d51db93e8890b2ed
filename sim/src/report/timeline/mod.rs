//! A trace as a timeline: who did what when, what led to what, and what was wrong meanwhile. Data for a page to draw.
//!
//! - `model` is the data; `build` makes it from a trace;
//! - `kind` sorts observations, `exchanges` pairs questions with answers and commits, `causes` gives each its correlation id;
//! - `arrows`, `bands` and `changes` are what follows from that: what went over the wire, what lasted, what is true when;
//! - `cut` keeps it small enough to be looked at, `texts` keeps each text once.
//!
//! Every sentence in it comes from [`properties::telling`]. Nothing here is judged, and nothing knows of HTML.

mod arrows;
mod bands;
mod build;
mod causes;
mod changes;
mod cut;
mod exchanges;
mod kind;
mod model;
mod texts;

#[cfg(test)]
mod tests;

pub use kind::Kind;
pub use model::{Arrow, ArrowKind, Band, BandKind, Change, Lane, LaneKind, Marks, News, ProofLink, Timeline};
