//! Operations: what users do. One file each: its data, its words, how it is drawn, and what a device does for it.
//!
//! A new one is its file, its `mod` line and its line in the list below; its draws, shrinking, validation, replay and its
//! place in the campaign's summary follow from what the file says.

mod accept;
mod action;
mod activate;
mod add_member;
mod archive_room;
mod book;
mod catch_up;
mod change_password;
mod change_role;
mod close;
mod content;
mod create_room;
mod deactivate;
mod deed;
mod delete_file;
mod delete_message;
mod delete_room;
mod download_file;
mod edit_message;
mod end_upload;
mod feed;
mod invite;
mod list;
mod look_around;
mod looking;
mod mark_read;
mod name;
mod open;
mod open_thread;
mod post;
mod read_files;
mod read_marker;
mod read_members;
mod read_own_files;
mod read_presence;
mod read_profile;
mod read_quota;
mod read_replies;
mod read_room;
mod read_snapshot;
mod read_status;
mod read_threads;
mod reading;
mod refresh_token;
mod remove_member;
mod reply;
mod revoke_invitation;
mod revoke_session;
mod search;
mod send;
mod set_status;
mod subscribe;
mod topic;
mod typing;
mod unarchive_room;
mod unsubscribe;
mod update_profile;
mod update_room;
mod upload_file;
mod way;

#[cfg(test)]
mod tests;

pub use accept::Accept;
pub use activate::Activate;
pub use add_member::AddMember;
pub use archive_room::ArchiveRoom;
pub(crate) use book::{Book, lock};
pub use catch_up::CatchUp;
pub use change_password::ChangePassword;
pub use change_role::ChangeRole;
pub use close::Close;
pub(crate) use content::Part;
pub use create_room::CreateRoom;
pub use deactivate::Deactivate;
pub use deed::Kind;
pub(crate) use deed::{Begun, Deed, answer_of};
pub use delete_file::DeleteFile;
pub use delete_message::DeleteMessage;
pub use delete_room::DeleteRoom;
pub use download_file::DownloadFile;
pub use edit_message::EditMessage;
pub use end_upload::EndUpload;
pub use feed::{Feed, FeedEdit};
pub use invite::Invite;
pub use look_around::{List, LookAround};
pub use mark_read::MarkRead;
pub use name::{Name, Noun};
pub(crate) use name::{Named, names};
pub use open::Open;
pub use open_thread::OpenThread;
pub use post::Post;
pub use read_files::ReadFiles;
pub use read_marker::ReadMarker;
pub use read_members::ReadMembers;
pub use read_own_files::ReadOwnFiles;
pub use read_presence::ReadPresence;
pub use read_profile::ReadProfile;
pub use read_quota::ReadQuota;
pub use read_replies::ReadReplies;
pub use read_room::ReadRoom;
pub use read_snapshot::ReadSnapshot;
pub use read_status::ReadStatus;
pub use read_threads::ReadThreads;
pub use refresh_token::RefreshToken;
pub use remove_member::RemoveMember;
pub use reply::Reply;
pub use revoke_invitation::RevokeInvitation;
pub use revoke_session::RevokeSession;
pub use search::Search;
pub use send::Send;
pub use set_status::SetStatus;
pub use subscribe::Subscribe;
pub use topic::Topic;
pub use typing::Typing;
pub use unarchive_room::UnarchiveRoom;
pub use unsubscribe::Unsubscribe;
pub use update_profile::UpdateProfile;
pub use update_room::UpdateRoom;
pub use upload_file::UploadFile;
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
    /// A device renames a room, or changes who may join it.
    UpdateRoom in update_room;
    /// A device archives a room.
    ArchiveRoom in archive_room;
    /// A device takes a room out of the archive.
    UnarchiveRoom in unarchive_room;
    /// A device deletes a room.
    DeleteRoom in delete_room;
    /// A device puts a deactivated user back into service.
    Activate in activate;
    /// A device changes its user's name.
    UpdateProfile in update_profile;
    /// A device changes its user's password.
    ChangePassword in change_password;
    /// A device ends the session of a device of its user's.
    RevokeSession in revoke_session;
    /// A device invites somebody into the company.
    Invite in invite;
    /// Who was invited becomes a user, with a device of their own.
    Accept in accept;
    /// A device takes an invitation back.
    RevokeInvitation in revoke_invitation;
    /// A device reads who is in a room over REST.
    ReadMembers in read_members;
    /// A device reads a list of the company over REST.
    LookAround in look_around;
    /// A device uploads a file.
    UploadFile in upload_file;
    /// A device ends an upload that is under way.
    EndUpload in end_upload;
    /// A device reads a file's bytes.
    DownloadFile in download_file;
    /// A device deletes a file.
    DeleteFile in delete_file;
    /// A device reads which files a room has.
    ReadFiles in read_files;
    /// A device reads which files its user has.
    ReadOwnFiles in read_own_files;
    /// A device reads how much of their quotas its user and their company have taken.
    ReadQuota in read_quota;
    /// A device refreshes its access token now, rather than when it must.
    RefreshToken in refresh_token;
    /// A device chooses how reachable its user looks.
    SetStatus in set_status;
    /// A device shows a room that its user types.
    Typing in typing;
    /// A device follows a stream no longer.
    Unsubscribe in unsubscribe;
    /// A device follows a stream again.
    Subscribe in subscribe;
    /// A device reads the events of a stream after a position over REST.
    CatchUp in catch_up;
    /// A device reads the state of a stream over REST.
    ReadSnapshot in read_snapshot;
    /// A device reads its own user over REST.
    ReadProfile in read_profile;
    /// A device reads the status that its user chose over REST.
    ReadStatus in read_status;
    /// A device reads who of the company is there over REST.
    ReadPresence in read_presence;
    /// A device closes its connection and stays away.
    Close in close;
    /// A device that stayed away comes back.
    Open in open;
    /// Another program writes a conversation file.
    Feed in feed;
}
