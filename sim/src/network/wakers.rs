//! One waker for two tasks: the one that reads a wire and the one that writes it.
//!
//! The halves of a wire may be polled by different tasks, but its timer and its inner stream know one waker only.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

/// Whoever waits for a wire.
#[derive(Default)]
pub(super) struct Wakers {
    reader: Mutex<Option<Waker>>,
    writer: Mutex<Option<Waker>>,
}

impl Wakers {
    /// The task of `context` waits to read.
    pub(super) fn set_reader(&self, context: &Context<'_>) {
        set(&self.reader, context);
    }

    /// The task of `context` waits to write.
    pub(super) fn set_writer(&self, context: &Context<'_>) {
        set(&self.writer, context);
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        for slot in [&self.reader, &self.writer] {
            let waiting = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(waker) = waiting {
                waker.wake();
            }
        }
    }
}

fn set(slot: &Mutex<Option<Waker>>, context: &Context<'_>) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *slot {
        Some(waker) => waker.clone_from(context.waker()),
        None => *slot = Some(context.waker().clone()),
    }
}
