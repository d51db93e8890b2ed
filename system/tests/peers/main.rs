//! Programs of others against the real server: what was written by people who have never read our code, from the RFCs and
//! from our published documents alone.
//!
//! `.ci/peers` installs them below `target/peers/`, and a browser on the machine. Where one is missing its test says so and
//! passes, unless `CI_PEERS=require` is set.

mod browser;
mod documents;
mod prometheus;
mod schemathesis;
mod support;
mod uploads;
mod websockets;
