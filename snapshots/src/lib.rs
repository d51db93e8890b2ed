//! Accepted behaviour: histories told as stories, help texts and reports, under insta. All of it is in `tests/`; it is a
//! crate of its own because cargo-insta finds pending snapshots only inside packages.
