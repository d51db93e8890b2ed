//! Threads: opened.

use system::protocol::{ErrorCode, EventBody, MessageId, RoomId, StreamId, Thread, ThreadId, User};

use super::super::answer::Answer;
use super::super::state::State;
use super::rights::writable;
use super::{Decided, Drawn, Step};

/// A member opens the thread of a message that is no reply and not deleted. A message has at most one thread: it is
/// given as it is.
pub(super) fn open(state: &State, caller: &User, room: RoomId, root: MessageId, drawn: Drawn) -> Decided {
    let found = writable(state, caller, room)?;
    let message = found.message(root).ok_or(ErrorCode::NotFound)?;
    if message.thread.is_some() {
        return Err(ErrorCode::NestedThread);
    }
    if let Some(thread) = found.threads.values().find(|thread| thread.root == root) {
        return Step::same(Answer::Thread(thread.clone()));
    }
    if message.deleted_at.is_some() {
        return Err(ErrorCode::MessageDeleted);
    }
    let stream = StreamId::Room(room);
    let thread = Thread {
        id: ThreadId(drawn.ids[0]),
        room,
        root,
        opened_by: caller.id,
        opened_at: drawn.now,
        seq: state.head(stream) + 1,
        replies: 0,
        last_reply: None,
    };
    Step::does(vec![(stream, EventBody::ThreadOpened(thread.clone()))], Answer::Thread(thread))
}
