//! One history made into another that is like it: for campaigns, which look for new behaviour, and for the search for the
//! worst.
//!
//! All chance is keyed, so a mutant is a function of its parents and its key. What comes out can be run: it passes the
//! history's own validation, or it is not handed out.
//!
//! - [`way`] chooses the changes and hands out what came of them; [`steps`] and [`faults`] are the changes;
//! - `draw` draws a fault as the profile does, `graft` puts steps of one history into another, `repair` leaves out what names
//!   nothing any more, and [`pick`] chooses one of many.

mod draw;
pub mod faults;
mod graft;
mod material;
pub mod pick;
mod repair;
pub mod steps;
pub mod way;

pub use material::Material;
pub use way::Mutation;
