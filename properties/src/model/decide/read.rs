//! What is read: what the contract says that somebody sees in a state.
//!
//! How much of a list is on a page is the server's to decide: so many are expected as were given, and that there are more
//! exactly when it said so. Cursors are opaque.

use system::protocol::{
    Epoch, ErrorCode, Event, EventPage, Message, Page, Quotas, ReadPosition, RoomId, Snapshot, SnapshotState, StreamId,
    Thread, User, UserId, Visibility,
};

use super::super::answer::Answer;
use super::super::order::Order;
use super::super::state::{RoomState, State};
use super::super::wanted::Reading;
use super::Actor;
use super::files::visible_file;
use super::rights::{acting, joined, may_read, readable, require, visible};
use super::users::status_of;
use crate::index::Log;

/// What somebody sees who reads in a state, on a page as long as the one that was `given`.
///
/// # Errors
/// The refusal.
pub(in crate::model) fn read(
    state: &State,
    (log, order): (&Log<'_>, &Order<'_>),
    actor: Actor,
    reading: &Reading,
    given: Option<&Answer>,
) -> Result<Answer, ErrorCode> {
    let caller = acting(state, actor)?;
    Ok(match reading {
        Reading::Profile => Answer::User(caller.clone()),
        Reading::Status => Answer::Status(status_of(state, caller.id)),
        Reading::Users => {
            require(caller.role >= system::protocol::Role::Member)?;
            Answer::Users(first(state.users.values().cloned(), given, |given| match given {
                Answer::Users(page) => Some((page.items.len(), page.next.clone())),
                _ => None,
            }))
        }
        Reading::Rooms => {
            let rooms = state.rooms.keys().filter_map(|room| visible(state, caller, *room).ok());
            Answer::Rooms(first(rooms.map(|room| room.room.clone()), given, |given| match given {
                Answer::Rooms(page) => Some((page.items.len(), page.next.clone())),
                _ => None,
            }))
        }
        Reading::Room(room) => Answer::Room(visible(state, caller, *room)?.room.clone()),
        Reading::Members(room) => {
            let members = visible(state, caller, *room)?.members.values().cloned();
            Answer::Members(first(members, given, |given| match given {
                Answer::Members(page) => Some((page.items.len(), page.next.clone())),
                _ => None,
            }))
        }
        Reading::Messages(room) => {
            messages(readable(state, caller, *room)?.messages.values().cloned().collect(), given)
        }
        Reading::Search(room, query) => {
            let query = query.to_lowercase();
            let holds = |message: &&Message| message.body.to_lowercase().contains(&query);
            messages(readable(state, caller, *room)?.messages.values().filter(holds).cloned().collect(), given)
        }
        Reading::Message(room, message) => {
            let found = readable(state, caller, *room)?.message(*message);
            Answer::Message(found.ok_or(ErrorCode::NotFound)?.clone())
        }
        Reading::Threads(room) => {
            let threads = by_opening(readable(state, caller, *room)?);
            let told = given.and_then(|given| match given {
                Answer::Threads(page) => Some((page.items.len(), page.next.clone())),
                _ => None,
            });
            Answer::Threads(last(threads, told))
        }
        Reading::Thread(room, thread) => {
            let found = readable(state, caller, *room)?.threads.get(thread);
            Answer::Thread(found.ok_or(ErrorCode::NotFound)?.clone())
        }
        Reading::Replies(room, thread) => {
            let found = readable(state, caller, *room)?;
            found.threads.get(thread).ok_or(ErrorCode::NotFound)?;
            let replies = found.messages.values().filter(|message| message.thread == Some(*thread));
            messages(replies.cloned().collect(), given)
        }
        Reading::Marker(room) => {
            let (found, member) = joined(state, caller, *room)?;
            Answer::Marker(found.marker(member))
        }
        Reading::Snapshot(stream) => snapshot(state, caller, *stream, given)?,
        Reading::Events(stream, after, epoch) => events(state, (log, order), caller, (*stream, *after, *epoch), given)?,
        Reading::File(file) => Answer::File(visible_file(state, caller, *file)?.clone()),
        Reading::RoomFiles(room) => {
            readable(state, caller, *room)?;
            let complete = |file: &&system::protocol::File| {
                file.room == Some(*room) && file.state == system::protocol::FileState::Complete
            };
            Answer::Files(first(state.files.values().filter(complete).cloned(), given, files_given))
        }
        Reading::OwnFiles => {
            let own = state.files.values().filter(|file| file.owner == caller.id);
            Answer::Files(first(own.cloned(), given, files_given))
        }
        Reading::Quota => {
            // The limits are the server's own.
            let (user, company) = match given {
                Some(Answer::Quota(quotas)) => (quotas.user.limit_bytes, quotas.company.limit_bytes),
                _ => (u64::MAX, u64::MAX),
            };
            Answer::Quota(Quotas { user: state.taken(Some(caller.id), user), company: state.taken(None, company) })
        }
    })
}

fn snapshot(state: &State, caller: &User, stream: StreamId, given: Option<&Answer>) -> Result<Answer, ErrorCode> {
    if !may_read(state, caller, stream) || state.head(stream) == 0 {
        return Err(ErrorCode::NotFound);
    }
    let given = match given {
        Some(Answer::Snapshot(given)) => &**given,
        _ => return Ok(Answer::Nothing),
    };
    let mut read = None;
    let snapshot = match stream {
        StreamId::Company(_) => SnapshotState::Company {
            company: state.company.clone().ok_or(ErrorCode::NotFound)?,
            users: state.users.values().cloned().collect(),
            rooms: rooms(state, |room| room.room.visibility == Visibility::Public)
                .map(|room| room.room.clone())
                .collect(),
        },
        StreamId::Room(room) => {
            let found = state.rooms.get(&room).ok_or(ErrorCode::NotFound)?;
            let told = |count: usize, earlier: bool| Some((count, earlier.then(String::new)));
            let (of_messages, of_threads) = match &given.state {
                SnapshotState::Room { messages, earlier, threads, earlier_threads, .. } => {
                    (told(messages.len(), *earlier), told(threads.len(), *earlier_threads))
                }
                _ => (None, None),
            };
            let messages = last(found.messages.values().cloned().collect(), of_messages);
            let threads = last(by_opening(found), of_threads);
            read = found.members.get(&caller.id).map(|member| found.marker(member));
            SnapshotState::Room {
                room: found.room.clone(),
                members: found.members.values().cloned().collect(),
                messages: messages.items,
                earlier: messages.next.is_some(),
                threads: threads.items,
                earlier_threads: threads.next.is_some(),
            }
        }
        StreamId::User(user) => SnapshotState::User {
            user: state.users.get(&user).ok_or(ErrorCode::NotFound)?.clone(),
            rooms: rooms(state, |room| room.members.contains_key(&user)).map(|room| room.room.id).collect(),
            reads: reads(state, user),
        },
    };
    // A stream's epoch is drawn; that it stays the same is ordering's to judge.
    let (seq, epoch) = (state.head(stream), given.epoch);
    Ok(Answer::Snapshot(Box::new(Snapshot { stream, seq, epoch, state: snapshot, read })))
}

fn events(
    state: &State,
    (log, order): (&Log<'_>, &Order<'_>),
    caller: &User,
    (stream, after, epoch): (StreamId, u64, Option<Epoch>),
    given: Option<&Answer>,
) -> Result<Answer, ErrorCode> {
    let head = state.head(stream);
    if !may_read(state, caller, stream) || head == 0 {
        return Err(ErrorCode::NotFound);
    }
    // A stream has one history in a run: what its log counts in is what it always counted in.
    let another = log.stream(stream).is_some_and(|log| epoch.is_some_and(|epoch| epoch != log.epoch));
    if after > head || another {
        return Err(ErrorCode::PositionLost);
    }
    let Some(Answer::Events(page)) = given else { return Ok(Answer::Nothing) };
    let until = after.saturating_add(page.events.len() as u64).min(head);
    let epoch = page.epoch;
    let gone = |seq| order.gone(stream, seq).map(|event| Event { epoch, ..event.clone() });
    let events = (after + 1..=until).filter_map(|seq| log.event(stream, seq).cloned().or_else(|| gone(seq))).collect();
    let more = until < head;
    Ok(Answer::Events(Box::new(EventPage { stream, events, seq: head, epoch, more })))
}

fn rooms(state: &State, which: impl Fn(&RoomState) -> bool) -> impl Iterator<Item = &RoomState> {
    state.rooms.values().filter(move |room| which(room))
}

/// How far a user has read the rooms that they marked as read.
fn reads(state: &State, user: UserId) -> Vec<ReadPosition> {
    let read = |room: (&RoomId, &RoomState)| {
        let seq = room.1.read.get(&user).copied()?;
        Some(ReadPosition { room: *room.0, seq })
    };
    state.rooms.iter().filter_map(read).collect()
}

fn by_opening(room: &RoomState) -> Vec<Thread> {
    let mut threads: Vec<_> = room.threads.values().cloned().collect();
    threads.sort_by_key(|thread| thread.seq);
    threads
}

fn messages(all: Vec<Message>, given: Option<&Answer>) -> Answer {
    Answer::Messages(last(
        all,
        given.and_then(|given| match given {
            Answer::Messages(page) => Some((page.items.len(), page.next.clone())),
            _ => None,
        }),
    ))
}

fn files_given(given: &Answer) -> Option<(usize, Option<String>)> {
    match given {
        Answer::Files(page) => Some((page.items.len(), page.next.clone())),
        _ => None,
    }
}

/// The first page of a list in the order of identifiers.
fn first<T>(
    all: impl Iterator<Item = T>,
    given: Option<&Answer>,
    told: impl FnOnce(&Answer) -> Option<(usize, Option<String>)>,
) -> Page<T> {
    let mut items: Vec<T> = all.collect();
    let next = match given.and_then(told) {
        Some((count, Some(next))) if count < items.len() => {
            items.truncate(count);
            Some(next)
        }
        _ => None,
    };
    Page { items, next }
}

/// The last page of a list that is read from its end.
fn last<T>(mut items: Vec<T>, told: Option<(usize, Option<String>)>) -> Page<T> {
    let next = match told {
        Some((count, Some(next))) if count < items.len() => {
            items.drain(..items.len() - count);
            Some(next)
        }
        _ => None,
    };
    Page { items, next }
}
