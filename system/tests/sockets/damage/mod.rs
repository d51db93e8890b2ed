//! Damage to the database file: refused with the reason, or, where it hit nothing that is used, served correctly.

mod files;
mod flips;
pub mod image;
