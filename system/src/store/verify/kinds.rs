//! The list: each kind of record, its name in the report, and its check.

use super::look::{Checked, Look};
use super::{accounts, feed, files, idempotency, invitations, messages, rooms, server, statuses, streams, threads};
use crate::store::key::Kind;

/// The name of a kind and what its records must be.
pub(super) fn check_of(kind: Kind) -> (&'static str, fn(&mut Look<'_>) -> Checked) {
    match kind {
        Kind::CompanyKey => ("companies", accounts::company),
        Kind::UserKey => ("users", accounts::user),
        Kind::EmailKey => ("emails", accounts::email),
        Kind::CompanyUserKey => ("users of companies", accounts::company_user),
        Kind::SessionKey => ("sessions", accounts::session),
        Kind::UserSessionKey => ("sessions of users", accounts::user_session),
        Kind::StatusKey => ("statuses", statuses::status),
        Kind::InvitationKey => ("invitations", invitations::invitation),
        Kind::CompanyInvitationKey => ("invitations of companies", invitations::company_invitation),
        Kind::RoomKey => ("rooms", rooms::room),
        Kind::CompanyRoomKey => ("rooms of companies", rooms::company_room),
        Kind::MemberKey => ("members", rooms::member),
        Kind::UserRoomKey => ("rooms of users", rooms::user_room),
        Kind::MessageKey => ("messages", messages::message),
        Kind::MessagePlaceKey => ("places of messages", messages::place),
        Kind::CountKey => ("counts of messages", messages::count),
        Kind::ThreadKey => ("threads", threads::thread),
        Kind::ThreadPlaceKey => ("places of threads", threads::place),
        Kind::RootThreadKey => ("threads of messages", threads::of_root),
        Kind::ReplyKey => ("replies", threads::reply),
        Kind::ThreadFollowerKey => ("followers of threads", threads::follower),
        Kind::ReadKey => ("read markers", rooms::read),
        Kind::FeedUserKey => ("feed users", feed::user),
        Kind::FeedConversationKey => ("conversations", feed::conversation),
        Kind::FeedIdKey => ("identifiers of conversations", feed::id),
        Kind::FeedLineKey => ("lines of conversations", feed::line),
        Kind::FeedBadLineKey => ("unreadable lines", feed::bad_line),
        Kind::FileKey => ("files", files::file),
        Kind::UserFileKey => ("files of users", files::user_file),
        Kind::RoomFileKey => ("files of rooms", files::room_file),
        Kind::RoomUploadKey => ("uploads for rooms", files::room_upload),
        Kind::ExpiryKey => ("ends of uploads", files::expiry),
        Kind::DiscardedKey => ("discarded files", files::discarded),
        Kind::QuotaKey => ("quotas", files::quota),
        Kind::IdempotencyKey => ("idempotency keys", idempotency::record),
        Kind::StreamKey => ("streams", streams::head),
        Kind::LastCommitKey => ("server's own", server::last_commit),
        Kind::FormatKey => ("server's own", server::format),
        Kind::KeyringKey => ("server's own", server::keyring),
    }
}
