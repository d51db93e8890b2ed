//! What files take of quotas, by time: replayed from what users' own streams say of files, never from what they say of
//! quotas.

use std::collections::BTreeMap;

use system::protocol::{EventBody, FileId, FileState, StreamId, UserId};

use crate::index::{Index, Span, StreamLog};

/// Bytes of complete files, and of uploads under way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Taken {
    pub(super) used: u64,
    pub(super) reserved: u64,
}

/// One mutation of one user's files: what is taken from then on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) user: UserId,
    /// The place of its last event on the user's stream.
    pub(super) seq: u64,
    pub(super) span: Span,
    pub(super) after: Taken,
}

/// More moments than these are not told apart: nothing is then said about a sum.
const MOST_MOMENTS: usize = 10;

/// The changes of one user, in the order of their stream. What one request does in several mutations has one correlation
/// id; each of them ends with what the stream says of the quota.
pub(super) fn changes(index: &Index<'_>, user: UserId, log: &StreamLog<'_>) -> Vec<Change> {
    let mut files: BTreeMap<FileId, (FileState, u64)> = BTreeMap::new();
    let mut changes: Vec<Change> = Vec::new();
    let mut under_way: Option<&str> = None;
    for event in log.events {
        match &event.body {
            EventBody::FileCreated(file) => drop(files.insert(file.id, (FileState::Uploading, file.size))),
            EventBody::FileCompleted(file) => drop(files.insert(file.id, (FileState::Complete, file.size))),
            EventBody::FileFailed(failed) => drop(files.remove(&failed.file)),
            EventBody::FileDeleted(deleted) => drop(files.remove(&deleted.file)),
            EventBody::QuotaUpdated(_) => {
                under_way = None;
                continue;
            }
            _ => continue,
        }
        if under_way == Some(&event.correlation_id) {
            changes.pop();
        }
        under_way = Some(&event.correlation_id);
        let (seq, span) = (event.seq, index.log.span(StreamId::User(user), event.seq));
        changes.push(Change { user, seq, span, after: sum(files.values().copied()) });
    }
    changes
}

/// What files take together.
pub(super) fn sum(files: impl Iterator<Item = (FileState, u64)>) -> Taken {
    files.fold(Taken::default(), |taken, (state, size)| match state {
        FileState::Uploading => Taken { reserved: taken.reserved + size, ..taken },
        FileState::Complete => Taken { used: taken.used + size, ..taken },
    })
}

/// Every sum that can have been told to whoever asked at an entry and was answered at another; none if there are too
/// many to say.
pub(super) fn possible<'c>(
    index: &Index<'_>,
    changes: impl Iterator<Item = &'c Change> + Clone,
    asked: usize,
    answered: usize,
) -> Option<Vec<Taken>> {
    let known = index.log.horizon(answered);
    // What was committed before the question is in the answer, what was committed after the answer is not.
    let mut base = BTreeMap::new();
    for change in changes.clone().filter(|change| change.span.to < asked) {
        base.insert(change.user, change.after);
    }
    let open: Vec<&Change> = changes.filter(|change| change.span.to >= asked && change.span.from <= known).collect();
    if open.len() > MOST_MOMENTS {
        return None;
    }
    let total = |of: &BTreeMap<UserId, Taken>| {
        of.values().fold(Taken::default(), |sum, taken| Taken {
            used: sum.used + taken.used,
            reserved: sum.reserved + taken.reserved,
        })
    };
    let mut sums = Vec::new();
    // Which of two users' mutations came first may not be known: each set is possible that has, of each user, the first.
    for set in 0_u32..1 << open.len() {
        let mut of = base.clone();
        let chosen = |place: usize| set & 1 << place != 0;
        let gapless = open.iter().enumerate().all(|(place, change)| {
            let earlier = |other: &&Change| other.user == change.user && other.seq < change.seq;
            let missing = open.iter().enumerate().any(|(at, other)| earlier(other) && !chosen(at));
            !(chosen(place) && missing)
        });
        if gapless {
            for (place, change) in open.iter().enumerate() {
                if chosen(place) {
                    of.insert(change.user, change.after);
                }
            }
            sums.push(total(&of));
        }
    }
    Some(sums)
}
