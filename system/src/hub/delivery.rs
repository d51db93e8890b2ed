//! How a commit reaches the connections, and what it does to their rights.

use tracing::{debug, error, info};

use super::queue::Closing;
use super::{Live, MEMORY, State};
use crate::domain::rights::follows_company;
use crate::protocol::{
    CloseCode, ErrorCode, Event, EventBody, MemberRemoved, ServerFrame, StreamId, StreamState, Unsubscribed, UserId,
};
use crate::store::Commit;

/// What a commit means for one connection's rights.
enum Effect {
    /// Nothing: deliver it if the stream is followed.
    None,
    /// The stream is theirs from this event on.
    Gain,
    /// The stream is no longer theirs; not even this event is.
    Lose(&'static str),
    /// The stream is over: this event is its last.
    End(&'static str),
    /// The connection ends.
    Close(CloseCode),
}

impl State {
    /// Delivers a commit to everybody concerned, and remembers it for those who are joining.
    pub(super) fn publish(&mut self, commit: &Commit) {
        self.published = commit.number;
        if self.memory.len() == MEMORY {
            self.memory.pop_front();
        }
        self.memory.push_back(commit.clone());
        if let EventBody::StatusUpdated(chosen) = &commit.event.body {
            self.choose(chosen);
        }
        let mut concerned = self.followers.get(&commit.event.stream).cloned().unwrap_or_default();
        if let Some(user) = whose_rights(&commit.event)
            && let Some(presence) = self.users.get(&user)
        {
            concerned.extend(&presence.connections);
        }
        for id in concerned {
            self.deliver(id, commit);
        }
    }

    /// Delivers a commit to one connection: the same for live commits and for those it missed while joining.
    pub(super) fn deliver(&mut self, id: u64, commit: &Commit) {
        let Some(live) = self.connections.get_mut(&id) else { return };
        let stream = commit.event.stream;
        match live.effect(commit) {
            Effect::None => {}
            Effect::Gain => {
                let seq = commit.event.seq - 1;
                live.delivered.insert(stream, seq);
                let state = StreamState { stream, seq, epoch: commit.event.epoch, recovered: false };
                live.handle.queue.push_state(stream, ServerFrame::Subscribed(None, state).to_text().into());
                self.followers.entry(stream).or_default().insert(id);
                if matches!(stream, StreamId::Company(_)) {
                    self.tell_presence(id);
                }
            }
            Effect::Lose(reason) => {
                if live.delivered.contains_key(&stream) {
                    live.handle.queue.purge(stream);
                    self.take_away(id, stream, ErrorCode::Forbidden, reason);
                }
                return;
            }
            Effect::End(reason) => {
                // What was said before the end is still theirs, and so is the end: nothing is purged.
                live.send(commit);
                self.take_away(id, stream, ErrorCode::NotFound, reason);
                return;
            }
            Effect::Close(code) => {
                live.handle.queue.close(Closing::at_once(code));
                // It ends: what else is published before its task has noticed is not for it.
                live.follows_all = false;
                for stream in std::mem::take(&mut live.delivered).into_keys() {
                    self.unfollow(id, stream);
                }
                return;
            }
        }
        if let Some(live) = self.connections.get_mut(&id) {
            live.send(commit);
        }
    }

    /// Takes a followed stream from a connection and tells it why. What waits of the stream is the caller's matter.
    fn take_away(&mut self, id: u64, stream: StreamId, code: ErrorCode, reason: &'static str) {
        let Some(live) = self.connections.get_mut(&id) else { return };
        if live.delivered.remove(&stream).is_some() {
            let data = Unsubscribed { stream, code: Some(code), reason: Some(reason.to_owned()) };
            live.handle.queue.push_reply(ServerFrame::Unsubscribed(None, data).to_text().into());
            info!(target: "stormglass::hub", connection = id, %stream, ?code, "stream taken away");
            self.unfollow(id, stream);
        }
    }
}

impl Live {
    /// Queues an event of a followed stream, if it is the next one. An earlier one was in what the connection joined
    /// with; a later one would be a gap, which must never leave the server.
    pub(super) fn send(&mut self, commit: &Commit) {
        let (stream, seq) = (commit.event.stream, commit.event.seq);
        let Some(delivered) = self.delivered.get_mut(&stream) else { return };
        if seq <= *delivered {
            return;
        }
        if seq != *delivered + 1 {
            error!(target: "stormglass::hub", connection = self.handle.id, %stream, seq, delivered, "gap in delivery");
            self.handle.queue.close(Closing::at_once(CloseCode::Internal));
            return;
        }
        *delivered = seq;
        let (connection, correlation_id) = (self.handle.id, &commit.event.correlation_id);
        debug!(target: "stormglass::delivery", connection, %stream, seq, correlation_id, "queued");
        self.handle.queue.push_event(stream, commit.text.clone());
    }

    fn effect(&self, commit: &Commit) -> Effect {
        let stream = commit.event.stream;
        let me = self.handle.actor.user;
        let follows = self.delivered.contains_key(&stream);
        // A connection that joined after this commit knows what it says already.
        if self.delivered.get(&stream).is_some_and(|delivered| commit.event.seq <= *delivered) {
            return Effect::None;
        }
        let gains = self.follows_all && !follows && !self.left.contains(&stream);
        let gain = || if gains { Effect::Gain } else { Effect::None };
        match &commit.event.body {
            EventBody::MemberAdded(member) if member.user == me => gain(),
            EventBody::MemberRemoved(MemberRemoved { user, .. }) if *user == me => {
                Effect::Lose("you are no longer a member of the room")
            }
            EventBody::RoomDeleted(deleted) if stream == StreamId::Room(deleted.room) && follows => {
                Effect::End("the room was deleted")
            }
            EventBody::UserUpdated(user) if user.id == me && matches!(stream, StreamId::Company(_)) => {
                if !user.active {
                    Effect::Close(CloseCode::Forbidden)
                } else if follows_company(user) {
                    gain()
                } else {
                    Effect::Lose("guests do not follow the company")
                }
            }
            EventBody::SessionRevoked(revoked) if revoked.session == self.handle.actor.session => {
                Effect::Close(CloseCode::Unauthorized)
            }
            _ => Effect::None,
        }
    }
}

/// Whose rights an event may change: all of their connections must hear of it, whatever they follow.
fn whose_rights(event: &Event) -> Option<UserId> {
    match (&event.body, event.stream) {
        (EventBody::MemberAdded(member), _) => Some(member.user),
        (EventBody::MemberRemoved(removed), _) => Some(removed.user),
        (EventBody::UserUpdated(user), _) => Some(user.id),
        (EventBody::SessionRevoked(_), StreamId::User(user)) => Some(user),
        _ => None,
    }
}
