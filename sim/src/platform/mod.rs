//! The platform of a simulated machine: what the server, or a device, has instead of an operating system.
//!
//! Every answer is a function of the run's seed, the machine's name and the simulated time. One platform is one
//! incarnation of a machine: a restarted server gets a new one, with the same [`Disk`](crate::disk::Disk) and the same
//! [`WallClock`](crate::clock::WallClock).

mod burden;
mod draws;
mod feed;
mod machine;
#[cfg(test)]
mod tests;

pub use burden::Burden;
pub use feed::FeedFiles;
pub use machine::SimPlatform;
