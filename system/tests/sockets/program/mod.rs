//! The real program: how it starts, what it refuses, how it stops.

mod settings;
mod starting;
mod stopping;
