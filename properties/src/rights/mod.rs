//! Who may see and do what.

mod deleted_rooms;
mod expiry;
mod owner_remains;
mod revocation;
mod unauthorized;

pub(crate) use deleted_rooms::DeletedRooms;
pub(crate) use expiry::Expiry;
pub(crate) use owner_remains::OwnerRemains;
pub(crate) use revocation::Revocation;
pub(crate) use unauthorized::Unauthorized;
