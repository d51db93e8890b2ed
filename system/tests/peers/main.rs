//! Programs of others against the real server: what was written by people who have never read our code, from the RFCs and
//! from our published documents alone.
//!
//! `.ci/peers` installs them below `target/peers/`. Where one is missing its test says so and passes, unless
//! `CI_PEERS=require` is set.

mod schemathesis;
mod support;
mod websockets;
