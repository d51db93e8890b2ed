//! Input that nobody would send, to everything that reads what comes from outside: no panic, no hang, no answer that is
//! larger than its question, and what is accepted is understood the same again (REQUIREMENTS.md WS-12, WS-13).
//!
//! One file for each reader. `cargo test` tries a few thousand inputs of each; for as long as you like:
//!
//!     PROPTEST_CASES=5000000 cargo test -p system --test fuzz
//!
//! The inputs are good ones that were harmed, since random bytes do not get past the first check of a reader. This is
//! no coverage-guided fuzzing, which needs a nightly compiler: what it would find deeper, this finds later or not.

mod backups;
mod bodies;
mod chunks;
mod feed;
mod frames;
mod harm;
mod uploads;
