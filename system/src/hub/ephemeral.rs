//! Pushes without a position: what is only worth telling now. They are dropped for a connection whose queue is half
//! full, and never delay or displace what has a position (PROTOCOL.md, promise 11).

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Hub, Live, State};
use crate::protocol::{ServerFrame, StreamId, UserId};
use crate::store::Announcement;

impl Hub {
    /// Pushes `frame` to every connection that follows `stream` now, but those of `except`. Rights are those of the
    /// stream: who lost it gets nothing, even of what waits already.
    pub fn push_ephemeral(&self, stream: StreamId, frame: &ServerFrame, except: Option<UserId>) {
        let state = self.lock();
        let (mut text, mut dropped) = (None::<Utf8Bytes>, 0);
        for live in state.followers_of(stream).filter(|live| Some(live.handle.actor.user) != except) {
            let text = text.get_or_insert_with(|| frame.to_text().into());
            dropped += u64::from(!live.handle.queue.push_ephemeral(stream, text.clone()));
        }
        self.metrics.websocket.dropped(dropped);
    }
}

impl State {
    /// Pushes what was announced with a commit. Who joined as of a later commit knows more already: to tell them would
    /// be to go back. Returns how many were dropped.
    pub(super) fn push_announced(&self, announcement: &Announcement) -> u64 {
        let Announcement { after, stream, text } = announcement;
        let concerned = self.followers_of(*stream).filter(|live| live.joined_as_of <= *after);
        concerned.map(|live| u64::from(!live.handle.queue.push_ephemeral(*stream, text.clone()))).sum()
    }

    fn followers_of(&self, stream: StreamId) -> impl Iterator<Item = &Live> {
        self.followers.get(&stream).into_iter().flatten().filter_map(|id| self.connections.get(id))
    }
}
