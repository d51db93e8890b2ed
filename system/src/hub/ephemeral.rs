//! Pushes without a position: what is only worth telling now. They are dropped for a connection whose queue is half
//! full, and never delay or displace what has a position (PROTOCOL.md, promise 11).

use axum::extract::ws::Utf8Bytes;

use super::Hub;
use crate::protocol::{ServerFrame, StreamId, UserId};

impl Hub {
    /// Pushes `frame` to every connection that follows `stream` now, but those of `except`. Rights are those of the
    /// stream: who lost it gets nothing, even of what waits already.
    pub fn push_ephemeral(&self, stream: StreamId, frame: &ServerFrame, except: Option<UserId>) {
        let state = self.lock();
        let Some(followers) = state.followers.get(&stream) else { return };
        let text = Utf8Bytes::from(frame.to_text());
        let followers = followers.iter().filter_map(|id| state.connections.get(id));
        for live in followers.filter(|live| Some(live.handle.actor.user) != except) {
            live.handle.queue.push_ephemeral(stream, text.clone());
        }
    }
}
