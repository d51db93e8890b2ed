//! One WebSocket connection, frame by frame, as its device saw it.

use system::protocol::{ClientFrame, Command, Event, FileId, ServerFrame, UserId, Welcome};

use crate::trace::DeviceName;

/// One WebSocket connection of one device.
#[derive(Debug)]
pub(crate) struct Connection<'t> {
    /// Whose.
    pub(crate) device: &'t DeviceName,
    /// The user that it was welcomed as; absent when it never was.
    pub(crate) user: Option<UserId>,
    /// What went over it, in the order that the device saw.
    pub(crate) frames: Vec<Frame<'t>>,
    /// The entry of its end.
    pub(crate) closed: Option<usize>,
}

/// One frame on a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'t> {
    /// The entry that tells of it.
    pub(crate) entry: usize,
    /// What it was.
    pub(crate) seen: Seen<'t>,
}

/// A frame, and which way it went.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen<'t> {
    /// To the server.
    Sent(&'t ClientFrame),
    /// To the server: a chunk of an upload.
    Chunk(Chunk),
    /// From the server.
    Received(&'t ServerFrame),
    /// From the server, and none of the protocol's: whatever it said is missing from here on.
    Unreadable,
}

/// A chunk of an upload in a binary frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Chunk {
    /// The number that comes back as the `id` of the answer.
    pub(crate) request: u32,
    /// Of which file.
    pub(crate) file: FileId,
    /// The first byte after it.
    pub(crate) end: u64,
}

impl<'t> Connection<'t> {
    pub(crate) fn new(device: &'t DeviceName) -> Self {
        Self { device, user: None, frames: Vec::new(), closed: None }
    }

    /// The frames from the server, with their entries.
    pub(crate) fn received(&self) -> impl Iterator<Item = (usize, &'t ServerFrame)> {
        self.frames.iter().filter_map(|frame| match frame.seen {
            Seen::Received(received) => Some((frame.entry, received)),
            Seen::Sent(_) | Seen::Chunk(_) | Seen::Unreadable => None,
        })
    }

    /// The committed events that the server pushed, with their entries.
    pub(crate) fn events(&self) -> impl Iterator<Item = (usize, &'t Event)> {
        self.received().filter_map(|(entry, frame)| match frame {
            ServerFrame::Event(event) => Some((entry, event)),
            _ => None,
        })
    }

    /// The entry at which the device sent its `hello`: whatever was committed before, the server knew by then.
    pub(crate) fn hello(&self) -> Option<usize> {
        self.frames.iter().find_map(|frame| match frame.seen {
            Seen::Sent(ClientFrame { command: Command::Hello(_), .. }) => Some(frame.entry),
            _ => None,
        })
    }

    /// The server's welcome, with its entry.
    pub(crate) fn welcome(&self) -> Option<(usize, &'t Welcome)> {
        self.received().find_map(|(entry, frame)| match frame {
            ServerFrame::Welcome(_, welcome) => Some((entry, welcome)),
            _ => None,
        })
    }
}
