//! The evidence of a violation: the shortest chain of observations that proves it, by time.
//!
//! A property names the links that matter; what befell them meanwhile is added here.

use std::collections::BTreeMap;

use system::protocol::{Command, Event, EventBody, PostMessage, StreamId};

use super::befell;
use crate::index::{Connection, Index};
use crate::property::Evidence;
use crate::telling;
use crate::trace::Observation;

/// A chain of observations in the making.
#[derive(Debug)]
pub(crate) struct Story<'i, 't> {
    index: &'i Index<'t>,
    links: BTreeMap<usize, Option<String>>,
    breaking: Option<usize>,
    /// Where the event came from: what befell its sender afterwards is not part of the story.
    origin: Option<usize>,
}

impl<'i, 't> Story<'i, 't> {
    pub(crate) fn new(index: &'i Index<'t>) -> Self {
        Self { index, links: BTreeMap::new(), breaking: None, origin: None }
    }

    /// Adds what was observed at `entry`, if there is such an entry.
    pub(crate) fn link(mut self, entry: impl Into<Option<usize>>) -> Self {
        if let Some(entry) = entry.into() {
            self.links.entry(entry).or_insert(None);
        }
        self
    }

    /// Adds what was observed at `entry`, in words that say what matters of it.
    pub(crate) fn say(mut self, entry: usize, what: impl Into<String>) -> Self {
        self.links.insert(entry, Some(what.into()));
        self
    }

    /// Adds the commit of an event, where the server told of it.
    pub(crate) fn commit(self, stream: StreamId, seq: u64) -> Self {
        let committed = self.index.log.committed(stream, seq);
        self.link(committed)
    }

    /// Adds where an event came from: the sending of its message, and its commit.
    pub(crate) fn origin(mut self, event: &Event) -> Self {
        let sent = sending(self.index, event);
        self.origin = sent;
        self.link(sent).commit(event.stream, event.seq)
    }

    /// Adds how the device of a connection came to be away before it: the end of its previous one.
    pub(crate) fn departure(self, connection: &Connection<'_>) -> Self {
        let began = connection.frames.first().map_or(0, |frame| frame.entry);
        let others = self.index.connections.iter().filter(|other| other.device == connection.device);
        let last = others.filter_map(|other| other.closed).filter(|closed| *closed < began).max();
        self.link(last)
    }

    /// Adds the link that breaks the property.
    pub(crate) fn breaks(mut self, entry: usize) -> Self {
        self.breaking = Some(entry);
        self.link(entry)
    }

    /// Adds the link that breaks the property, in words that say how.
    pub(crate) fn breaks_because(mut self, entry: usize, what: impl Into<String>) -> Self {
        self.breaking = Some(entry);
        self.say(entry, what)
    }

    /// The chain, with the faults that belong to it.
    pub(crate) fn tell(mut self) -> Vec<Evidence> {
        for fault in self.befell() {
            self.links.entry(fault).or_insert(None);
        }
        let Self { index, links, breaking, origin: _ } = self;
        let tell = |(entry, said): (usize, Option<String>)| {
            let (who, what) = telling::who_and_what(index, entry);
            let breaks_it = breaking == Some(entry);
            Evidence { at: index.trace.entries[entry].at, who, what: said.unwrap_or(what), breaks_it }
        };
        links.into_iter().map(tell).collect()
    }

    /// What befell the devices of the chain, and the server, while it came about.
    fn befell(&self) -> Vec<usize> {
        let (Some((&first, _)), Some((&last, _))) = (self.links.first_key_value(), self.links.last_key_value()) else {
            return Vec::new();
        };
        let concerned = self.links.keys().filter(|entry| self.origin != Some(**entry));
        befell::befell(self.index, first, last, concerned.copied())
    }
}

/// Where a message was first sent by a device of its author's.
fn sending(index: &Index<'_>, event: &Event) -> Option<usize> {
    let EventBody::MessageCreated(message) = &event.body else { return None };
    let is_authors = |device: &str| index.users.get(device) == Some(&message.author);
    index.trace.entries.iter().position(|entry| match &entry.what {
        Observation::FrameSent { device, frame, .. } if is_authors(device) => match &frame.command {
            Command::MessageSend(send) => send.room == message.room && send.body == message.body,
            _ => false,
        },
        Observation::Requested { device, method, path, body, .. } if method == "POST" && is_authors(device) => {
            path.ends_with("/messages")
                && serde_json::from_str::<PostMessage>(body).is_ok_and(|post| post.body == message.body)
        }
        _ => false,
    })
}
