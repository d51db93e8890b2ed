//! Histories under every property: the committed ones first, then fresh seeds (SIM-5).
//!
//! `SIM_SEED`, `SIM_SEEDS` and `SIM_PROFILE` choose what is run, as for `cargo sim run`; `PROPTEST_CASES` says how many
//! fresh seeds there are. What fails is left under `target/sim/`, and the message of the failed test is its report.

mod committed;
mod drawn;
mod search;
mod trial;
mod trouble;
