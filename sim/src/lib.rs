//! Stormglass: seeded histories of users and faults, run against the real server in a simulated world.

pub mod clock;
pub mod disk;
pub mod faults;
pub mod history;
pub mod interpose;
pub mod keyed;
pub mod network;
pub mod platform;
pub mod shrink;
pub mod words;
pub mod world;
