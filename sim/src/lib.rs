//! Stormglass: seeded histories of users and faults, run against the real server in a simulated world.

pub mod activity;
pub mod campaign;
pub mod clock;
pub mod command;
pub mod disk;
pub mod explain;
pub mod failure;
pub mod faults;
pub mod fuzz;
pub mod heap_noise;
pub mod history;
pub mod interpose;
pub mod judge;
pub mod keyed;
pub mod load;
pub mod network;
pub mod operations;
pub mod platform;
pub mod recovery;
pub mod report;
pub mod search;
pub mod seeds;
pub mod shrink;
pub mod words;
pub mod workspace;
pub mod world;
