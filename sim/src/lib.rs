//! Stormglass: seeded histories of users and faults, run against the real server in a simulated world.

pub mod faults;
pub mod history;
pub mod shrink;
pub mod words;
pub mod world;
