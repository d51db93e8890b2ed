//! Streams over REST and for subscriptions: which there are, their state, their events.

use super::messages::newest;
use super::rights::{acting, follows_company, may_read};
use super::{reads, rooms, threads, users};
use crate::config::ResumeConfig;
use crate::protocol::{Epoch, ErrorCode, EventPage, Position, Snapshot, SnapshotState, StreamId, Timestamp, User};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{CompanyKey, RoomKey, RoomMembers, UserKey, UserRooms};
use crate::store::{Actor, Commit, LogSlice, StreamHead, View};

/// Every stream that the user may follow: their own, the company's unless they are a guest, their rooms'.
///
/// # Errors
/// The store fails.
pub fn followed_by(view: &View<'_>, user: &User) -> Answer<Vec<StreamId>> {
    let mut streams = vec![StreamId::User(user.id)];
    if follows_company(user) {
        streams.push(StreamId::Company(user.company));
    }
    streams.extend(view.list(&UserRooms(user.id))?.into_iter().map(StreamId::Room));
    Ok(streams)
}

/// Where a stream is delivered from, and what comes first.
#[derive(Debug)]
pub struct Joined {
    /// The stream.
    pub stream: StreamId,
    /// How far it is.
    pub head: StreamHead,
    /// What the client is missing, if it can be recovered whole.
    pub missing: Option<Vec<Commit>>,
}

/// Joins a stream at the client's position, all or nothing (PROTOCOL.md, promise 5).
///
/// # Errors
/// [`ErrorCode::NotFound`] if nothing ever happened in the stream; the store fails.
pub fn join(
    view: &View<'_>,
    stream: StreamId,
    position: Option<Position>,
    window: &ResumeConfig,
    now: Timestamp,
) -> Answer<Joined> {
    let head = view.head(stream)?.ok_or_else(|| Refusal::not_found("stream"))?;
    let missing = match position {
        Some(position) => {
            view.slice_after(stream, position, window.events)?.and_then(|slice| within(slice, window, now))
        }
        None => None,
    };
    Ok(Joined { stream, head, missing })
}

/// The whole slice, if it is inside the window.
fn within(slice: LogSlice, window: &ResumeConfig, now: Timestamp) -> Option<Vec<Commit>> {
    let bytes: usize = slice.commits.iter().map(|commit| commit.text.len()).sum();
    let young = slice.commits.first().is_none_or(|oldest| now.ms_since(oldest.event.timestamp) <= window.window_ms);
    (slice.commits.len() <= window.events && bytes <= window.bytes && young).then_some(slice.commits)
}

/// How much of a room its snapshot holds.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotLimits {
    /// How many of the newest messages.
    pub messages: usize,
    /// How many of the newest threads.
    pub threads: usize,
}

/// The state of a stream as of its newest position.
///
/// # Errors
/// [`ErrorCode::NotFound`]: there is no such stream, or the caller may not read it.
pub fn snapshot(view: &View<'_>, actor: Actor, stream: StreamId, limits: SnapshotLimits) -> Answer<Snapshot> {
    let hidden = || Refusal::not_found("stream");
    let head = readable(view, actor, stream)?;
    let mut read = None;
    let state = match stream {
        StreamId::Company(id) => SnapshotState::Company {
            company: view.get(&CompanyKey(id))?.ok_or_else(hidden)?,
            users: users::company_users(view, id)?,
            rooms: rooms::public_rooms(view, id)?,
        },
        StreamId::Room(id) => {
            let (messages, earlier) = newest(view, id, u64::MAX, limits.messages)?;
            let (threads, earlier_threads) = threads::newest(view, id, u64::MAX, limits.threads)?;
            read = reads::of_member(view, id, actor.user)?;
            SnapshotState::Room {
                room: view.get(&RoomKey(id))?.ok_or_else(hidden)?,
                members: view.list(&RoomMembers(id))?,
                messages,
                earlier,
                threads,
                earlier_threads,
            }
        }
        StreamId::User(id) => SnapshotState::User {
            user: view.get(&UserKey(id))?.ok_or_else(hidden)?.user,
            rooms: view.list(&UserRooms(id))?,
            reads: reads::all(view, id)?,
        },
    };
    Ok(Snapshot { stream, seq: head.seq, epoch: head.epoch, state, read })
}

/// What came after a position, for clients without a WebSocket.
///
/// # Errors
/// [`ErrorCode::NotFound`] as for [`snapshot`]; [`ErrorCode::PositionLost`] if the epoch is another or the position
/// is ahead of the stream.
pub fn events(
    view: &View<'_>,
    actor: Actor,
    stream: StreamId,
    after: u64,
    epoch: Option<Epoch>,
    limit: usize,
) -> Answer<EventPage> {
    let head = readable(view, actor, stream)?;
    let lost =
        || Refusal::new(ErrorCode::PositionLost, "the position is of another history: take the stream's snapshot");
    let position = Position { seq: after, epoch: epoch.unwrap_or(head.epoch) };
    if position.epoch != head.epoch || position.seq > head.seq {
        return Err(lost());
    }
    let commits = view.events_after(stream, after, limit)?;
    let last = commits.last().map_or(after, |commit| commit.event.seq);
    let events = commits.into_iter().map(|commit| std::sync::Arc::unwrap_or_clone(commit.event)).collect();
    Ok(EventPage { stream, events, seq: head.seq, epoch: head.epoch, more: last < head.seq })
}

fn readable(view: &View<'_>, actor: Actor, stream: StreamId) -> Answer<StreamHead> {
    let hidden = || Refusal::not_found("stream");
    let caller = acting(view, actor)?;
    if !may_read(view, &caller, stream)? {
        return Err(hidden());
    }
    view.head(stream)?.ok_or_else(hidden)
}
