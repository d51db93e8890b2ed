//! Operations: what users do. One file each: its data, its words, how it is drawn, and what a device does for it.
//!
//! A new one is its file, its `mod` line and its line in the list below; its draws, shrinking, validation, replay and its
//! place in the campaign's summary follow from what the file says.

mod action;
mod add_member;
mod book;
mod change_role;
mod close;
mod create_room;
mod deactivate;
mod deed;
mod list;
mod name;
mod open;
mod post;
mod read_room;
mod refresh_token;
mod remove_member;
mod send;

#[cfg(test)]
mod tests;

pub use add_member::AddMember;
pub(crate) use book::{Book, lock};
pub use change_role::ChangeRole;
pub use close::Close;
pub use create_room::CreateRoom;
pub use deactivate::Deactivate;
pub use deed::Kind;
pub(crate) use deed::{Begun, Deed, answer_of};
pub(crate) use name::names;
pub use name::{Name, Noun};
pub use open::Open;
pub use post::Post;
pub use read_room::ReadRoom;
pub use refresh_token::RefreshToken;
pub use remove_member::RemoveMember;
pub use send::Send;

use crate::faults::Fault;

list::operations! {
    /// A device sends a message on its WebSocket.
    Send in send;
    /// A device posts a message over REST.
    Post in post;
    /// A device creates a room.
    CreateRoom in create_room;
    /// A device adds a user to a room; itself: joins it.
    AddMember in add_member;
    /// A device removes a user from a room; itself: leaves it.
    RemoveMember in remove_member;
    /// A device changes a user's role.
    ChangeRole in change_role;
    /// A device deactivates a user.
    Deactivate in deactivate;
    /// A device reads a room's messages over REST.
    ReadRoom in read_room;
    /// A device refreshes its access token now, rather than when it must.
    RefreshToken in refresh_token;
    /// A device closes its connection and stays away.
    Close in close;
    /// A device that stayed away comes back.
    Open in open;
}
