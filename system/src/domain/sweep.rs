//! What nobody needs any more is removed, a few records at a time: idempotency keys that no client repeats any more
//! (PROTOCOL.md, promise 8), sessions and invitations that have ended long ago.
//!
//! A pass reads as others read, and writes only where something is to be removed: the writer is never held up by it.

use crate::config::RetentionConfig;
use crate::protocol::{CompanyId, Invitation, InvitationId, SessionId, Timestamp, UserId};
use crate::refusal::Answer;
use crate::store::key::{
    CompanyInvitationKey, IdempotencyRecords, InvitationKey, Invitations, Prefix, SessionKey, Sessions, UserSessionKey,
};
use crate::store::{Draft, View};

/// Which records a pass looks at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Swept {
    /// What idempotency keys did.
    IdempotencyKeys,
    /// Sessions.
    Sessions,
    /// Invitations.
    Invitations,
}

/// All of them, in the order in which they are swept.
pub const SWEPT: [Swept; 3] = [Swept::IdempotencyKeys, Swept::Sessions, Swept::Invitations];

/// A record that nobody needs any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Over {
    /// What an idempotency key did, by the key of its row.
    IdempotencyKey(Vec<u8>),
    /// A session.
    Session(UserId, SessionId),
    /// An invitation.
    Invitation(CompanyId, InvitationId),
}

/// What one look found.
#[derive(Debug, Default)]
pub struct Found {
    /// What is to be removed.
    pub over: Vec<Over>,
    /// Where to look next; nothing is left where this is absent.
    pub next: Option<Vec<u8>>,
}

/// Looks at the next few records after a key. What is over stays over, so it may be removed at any time later.
///
/// # Errors
/// The store fails.
pub fn look(
    view: &View<'_>,
    swept: Swept,
    after: Option<&[u8]>,
    retention: &RetentionConfig,
    now: Timestamp,
) -> Answer<Found> {
    let batch = retention.batch;
    // What ends later has not been over for 0 ms.
    let ended = |at: Timestamp| at <= now && now.ms_since(at) >= retention.ended_ms;
    match swept {
        Swept::IdempotencyKeys => rows(view, &IdempotencyRecords(), after, batch, |key, record| {
            let over = now.ms_since(record.created_at) >= retention.idempotency_ms;
            over.then(|| Over::IdempotencyKey(key.to_vec()))
        }),
        Swept::Sessions => rows(view, &Sessions(), after, batch, |_, session| {
            ended(session.ends_at()).then_some(Over::Session(session.user, session.id))
        }),
        Swept::Invitations => rows(view, &Invitations(), after, batch, |_, record| {
            let Invitation { company, id, .. } = record.invitation;
            ended(record.ends_at()).then_some(Over::Invitation(company, id))
        }),
    }
}

fn rows<P: Prefix>(
    view: &View<'_>,
    prefix: &P,
    after: Option<&[u8]>,
    batch: usize,
    over: impl Fn(&[u8], &P::Value) -> Option<Over>,
) -> Answer<Found> {
    let rows = view.rows_after(prefix, after, batch)?;
    let next = rows.last().filter(|_| rows.len() == batch).map(|(key, _)| key.clone());
    Ok(Found { over: rows.iter().filter_map(|(key, record)| over(key, record)).collect(), next })
}

/// Removes what a look found.
pub fn remove(draft: &mut Draft<'_>, over: Vec<Over>) {
    for record in over {
        match record {
            Over::IdempotencyKey(row) => draft.erase_row(row),
            Over::Session(user, session) => {
                draft.delete(&SessionKey(session));
                draft.delete(&UserSessionKey(user, session));
            }
            Over::Invitation(company, invitation) => {
                draft.delete(&InvitationKey(invitation));
                draft.delete(&CompanyInvitationKey(company, invitation));
            }
        }
    }
}
