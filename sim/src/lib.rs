//! Stormglass: seeded histories of users and faults, run against the real server in a simulated world.

pub mod campaign;
pub mod command;
pub mod faults;
pub mod heap_noise;
pub mod history;
pub mod judge;
pub mod report;
pub mod seeds;
pub mod world;
