//! How devices find back.

mod within_30s;

pub(crate) use within_30s::Within30s;
