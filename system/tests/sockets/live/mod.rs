//! What of the live side is no resource: presence, typing, limits, pace, other origins.

mod limits;
mod origins;
mod pace;
mod presence;
mod requests;
mod typing;
