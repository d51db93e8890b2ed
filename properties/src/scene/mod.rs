//! Hand-made traces for the properties' tests, told like sentences: `scene.says("ana/phone", "general", "m1")`.
//!
//! A scene plays the honest server and the honest world. A test lets something honest happen, then leaves out, adds or
//! changes one thing, and asks a property.

mod builder;
mod conversing;
mod ending;
mod filing;
mod inviting;
mod session;
mod verdict;

pub(crate) use builder::{Scene, kind_of_fault};
pub(crate) use filing::LIMIT_BYTES;
pub(crate) use session::problem;
pub(crate) use verdict::{chain, held, vacuous, violated};
