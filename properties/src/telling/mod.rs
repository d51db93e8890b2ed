//! Telling: observations in a person's words, with names in the place of identifiers. The one teller of this workspace:
//! the evidence of violations and the stories of replays are told here, so that they say the same thing alike.
//!
//! - `names` is what people call users, rooms and places;
//! - `words` says who did or saw what, with `frames` for WebSocket frames and `requests` for REST;
//! - `whom` says whom a fault is about;
//! - `story` chooses what of a trace is told to somebody who wants to know what happened;
//! - `teller` tells any observation, for a view that shows all of them.
//!
//! Nothing is judged here.

mod frames;
mod names;
mod requests;
mod shortened;
mod story;
mod teller;
mod whom;
mod words;

pub(crate) use frames::{event, looks};
pub(crate) use names::{Names, possessive, user_of};
pub use story::{Line, Scope, tell};
pub use teller::{Teller, fault_concerns};
pub(crate) use whom::{names_everybody, touches};
pub(crate) use words::who_and_what;
