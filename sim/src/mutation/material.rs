//! What a change of a history has to work with.

use crate::history::{History, Profile};

/// What changes may be made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The history that lends steps.
    pub donor: &'a History,
    /// What is drawn anew is drawn as it says.
    pub profile: &'a Profile,
}
