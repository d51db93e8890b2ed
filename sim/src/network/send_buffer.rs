//! What the server's operating system keeps of a connection until the way takes it.
//!
//! turmoil counts segments and takes thousands; a real socket takes some bytes, and then a write waits. Without that no
//! server would ever see a client that does not read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How much it holds.
const CAPACITY_BYTES: usize = 64 * 1024;

/// How much it holds when the device does not keep up: in scale with the few messages of a history, for what fills
/// megabytes in production must be seen here too.
const BACKED_UP_BYTES: usize = 2 * 1024;

/// The buffer of one connection, shared by the server's end and the wire. Clones are the same buffer.
#[derive(Clone, Default)]
pub(super) struct SendBuffer(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    held_bytes: usize,
    is_backed_up: bool,
    is_gone: bool,
    writer: Option<Waker>,
}

impl SendBuffer {
    /// How much of `wanted_bytes` the server may write now.
    pub(super) fn poll_room(&self, context: &Context<'_>, wanted_bytes: usize) -> Poll<usize> {
        let mut state = self.lock();
        if state.is_gone {
            return Poll::Ready(wanted_bytes);
        }
        let capacity = if state.is_backed_up { BACKED_UP_BYTES } else { CAPACITY_BYTES };
        match capacity.saturating_sub(state.held_bytes) {
            0 if wanted_bytes > 0 => {
                state.writer = Some(context.waker().clone());
                Poll::Pending
            }
            room => Poll::Ready(room.min(wanted_bytes)),
        }
    }

    /// The server has written so much.
    pub(super) fn fill(&self, bytes: usize) {
        self.lock().held_bytes += bytes;
    }

    /// The way has taken so much.
    pub(super) fn drain(&self, bytes: usize) {
        let mut state = self.lock();
        state.held_bytes = state.held_bytes.saturating_sub(bytes);
        wake(state);
    }

    /// Whether the device keeps up.
    pub(super) fn set_backed_up(&self, is_backed_up: bool) {
        let mut state = self.lock();
        if state.is_backed_up != is_backed_up {
            state.is_backed_up = is_backed_up;
            wake(state);
        }
    }

    /// Nobody takes anything any more, and the server's end says so: writes go through to it.
    pub(super) fn give_up(&self) {
        let mut state = self.lock();
        state.is_gone = true;
        wake(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let writer = state.writer.take();
    drop(state);
    if let Some(writer) = writer {
        writer.wake();
    }
}

/// The buffers of all connections, by the address of the device's end. Clones are the same list.
#[derive(Clone, Default)]
pub(super) struct SendBuffers(Arc<Mutex<BTreeMap<SocketAddr, SendBuffer>>>);

impl SendBuffers {
    /// The buffer of that connection, for whichever end asks first.
    pub(super) fn of(&self, device_end: SocketAddr) -> Lease {
        let buffer = self.lock().entry(device_end).or_default().clone();
        Lease { buffers: self.clone(), device_end, buffer }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, SendBuffer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One end's use of a connection's buffer; the last to drop it ends the buffer.
pub(super) struct Lease {
    buffers: SendBuffers,
    device_end: SocketAddr,
    buffer: SendBuffer,
}

impl std::ops::Deref for Lease {
    type Target = SendBuffer;

    fn deref(&self) -> &SendBuffer {
        &self.buffer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut buffers = self.buffers.lock();
        // The list's own, and this one.
        if Arc::strong_count(&self.buffer.0) <= 2 {
            buffers.remove(&self.device_end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(buffer: &SendBuffer, wanted: usize) -> Poll<usize> {
        buffer.poll_room(&Context::from_waker(Waker::noop()), wanted)
    }

    #[test]
    fn a_full_buffer_takes_nothing_until_it_is_drained() {
        let buffer = SendBuffer::default();
        assert_eq!(room(&buffer, CAPACITY_BYTES + 1), Poll::Ready(CAPACITY_BYTES));
        buffer.fill(CAPACITY_BYTES);
        assert_eq!(room(&buffer, 1), Poll::Pending);
        buffer.drain(10);
        assert_eq!(room(&buffer, 100), Poll::Ready(10));
        buffer.set_backed_up(true);
        assert_eq!(room(&buffer, 1), Poll::Pending);
        buffer.give_up();
        assert_eq!(room(&buffer, 100), Poll::Ready(100));
    }

    #[test]
    fn both_ends_share_a_buffer_and_the_last_ends_it() {
        let buffers = SendBuffers::default();
        let end = SocketAddr::from(([127, 0, 0, 1], 4));
        let (server, device) = (buffers.of(end), buffers.of(end));
        server.fill(CAPACITY_BYTES);
        assert_eq!(room(&device, 1), Poll::Pending);
        drop(server);
        assert_eq!(room(&buffers.of(end), 1), Poll::Pending);
        drop(device);
        assert!(buffers.lock().is_empty());
    }
}
