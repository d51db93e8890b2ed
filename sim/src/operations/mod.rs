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
mod delete_message;
mod edit_message;
mod feed;
mod list;
mod mark_read;
mod name;
mod open;
mod open_thread;
mod post;
mod read_marker;
mod read_replies;
mod read_room;
mod read_threads;
mod reading;
mod refresh_token;
mod remove_member;
mod reply;
mod search;
mod send;
mod way;

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
pub use delete_message::DeleteMessage;
pub use edit_message::EditMessage;
pub use feed::{Feed, FeedEdit};
pub use mark_read::MarkRead;
pub(crate) use name::names;
pub use name::{Name, Noun};
pub use open::Open;
pub use open_thread::OpenThread;
pub use post::Post;
pub use read_marker::ReadMarker;
pub use read_replies::ReadReplies;
pub use read_room::ReadRoom;
pub use read_threads::ReadThreads;
pub use refresh_token::RefreshToken;
pub use remove_member::RemoveMember;
pub use reply::Reply;
pub use search::Search;
pub use send::Send;
pub use way::Way;

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
    /// A device changes the words of a message.
    EditMessage in edit_message;
    /// A device deletes a message.
    DeleteMessage in delete_message;
    /// A device opens the thread of a message.
    OpenThread in open_thread;
    /// A device replies in a thread.
    Reply in reply;
    /// A device says how far its user has read a room.
    MarkRead in mark_read;
    /// A device reads a room's threads over REST.
    ReadThreads in read_threads;
    /// A device reads the replies of a thread over REST.
    ReadReplies in read_replies;
    /// A device reads its user's read marker over REST.
    ReadMarker in read_marker;
    /// A device searches a room's messages.
    Search in search;
    /// A device refreshes its access token now, rather than when it must.
    RefreshToken in refresh_token;
    /// A device closes its connection and stays away.
    Close in close;
    /// A device that stayed away comes back.
    Open in open;
    /// Another program writes a conversation file.
    Feed in feed;
}
