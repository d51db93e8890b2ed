//! What the documents promise and no scenario can provoke, each with the reason. Whatever stands here is printed in every
//! report; what a scenario does provoke may not stand here.

/// One promise that cannot be provoked: what, as a report names it, and why.
pub const UNPROVOKABLE: &[(&str, &str)] = &[];
