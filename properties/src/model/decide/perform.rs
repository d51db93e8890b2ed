//! Each wish to its rule.

use system::protocol::ErrorCode;

use super::super::state::State;
use super::super::wanted::Wanted;
use super::rights::acting;
use super::{Actor, Decided, Drawn, files, members, messages, rooms, threads, users};

/// What the contract says to a wish in a state.
///
/// # Errors
/// The refusal.
pub(in crate::model) fn decide(state: &State, actor: Actor, wanted: &Wanted, drawn: Drawn) -> Decided {
    if let Wanted::Register { company, email, name } = wanted {
        return users::register(state, (company, email, name), drawn);
    }
    let caller = acting(state, actor)?;
    match wanted {
        Wanted::Register { .. } | Wanted::Read(_) => Err(ErrorCode::Internal),
        Wanted::CreateUser { email, name, role } => users::create(state, caller, (email, name, *role), drawn),
        Wanted::ChangeRole { user, role } => users::change_role(state, caller, *user, *role),
        Wanted::SetActive { user, active } => users::set_active(state, caller, *user, *active),
        Wanted::UpdateProfile { name, email } => users::update_profile(state, caller, name.as_ref(), email.as_ref()),
        Wanted::RevokeSession(session) => users::revoke_session(state, caller, *session),
        Wanted::EndSessions => users::end_sessions(),
        Wanted::SetStatus { status, text } => users::set_status(state, caller, *status, text.clone()),
        Wanted::CreateRoom { name, visibility } => rooms::create(caller, name, *visibility, drawn),
        Wanted::UpdateRoom { room, name, visibility } => {
            rooms::update(state, caller, *room, name.as_ref(), *visibility)
        }
        Wanted::Archive { room, archived } => rooms::archive(state, caller, *room, *archived, drawn),
        Wanted::DeleteRoom(room) => rooms::delete(state, caller, *room, drawn),
        Wanted::AddMember(room, user) => members::add(state, caller, *room, *user, drawn),
        Wanted::RemoveMember(room, user) => members::remove(state, caller, *room, *user),
        Wanted::MarkRead { room, seq } => members::mark_read(state, caller, *room, *seq),
        Wanted::Send { room, thread, body, feed } => {
            messages::send(state, caller, *room, *thread, (body, feed.clone()), drawn)
        }
        Wanted::Edit { room, message, body, version, feed } => {
            messages::edit(state, caller, (*room, *message), (body, feed.clone()), *version, drawn)
        }
        Wanted::Delete { room, message } => messages::delete(state, caller, *room, *message, drawn),
        Wanted::OpenThread { room, root } => threads::open(state, caller, *room, *root, drawn),
        Wanted::CreateUpload(file) => files::create(state, caller, file, drawn),
        Wanted::FinishUpload(file) => files::finish(state, caller, *file, drawn),
        Wanted::DeleteFile(file) => files::delete(state, caller, *file, drawn),
    }
}
