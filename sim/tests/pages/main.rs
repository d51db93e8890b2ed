//! Pages as people see them: in a headless Chromium, which is a program of others.
//!
//! `.ci/peers` installs it. Where it is missing the tests that need it say so and pass, unless `CI_PEERS=require` is set.
mod browser;
mod campaign;
mod figures;
mod known_failure;
mod looking;
#[expect(dead_code, reason = "the tests of the server need more of it")]
#[path = "../../../system/tests/peers/support/peer.rs"]
mod peer;
