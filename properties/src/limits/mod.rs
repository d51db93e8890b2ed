//! Limits: whom they meet.

mod fair;

pub(crate) use fair::Fair;
