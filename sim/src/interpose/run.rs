//! Which run, if any, this thread belongs to, and what that run answers.
//!
//! All state is plain cells in one thread-local without initialiser or destructor: it may be read at any moment of a
//! thread's life, before `main` and during its last breath included, and never allocates.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::Duration;

use crate::clock::WALL_EPOCH_MS;
use crate::keyed::Key;

/// What the monotonic clock shows when a run begins. Small, so that a wait until some simulated moment, should one
/// ever reach the kernel, is over at once on every machine that has been up for longer.
const MONOTONIC_BASE: Duration = Duration::from_secs(100);

/// Ends the thread's membership of its run when dropped. Stays on its thread.
#[derive(Debug)]
pub struct Guard {
    _not_send: PhantomData<*const ()>,
}

/// Makes this thread a simulation's: from now on libc's entropy and clocks are functions of `seed` and
/// [`set_elapsed`].
///
/// Call it first thing on a fresh thread: the standard library draws the seeds of `HashMap` once per thread.
///
/// # Panics
/// The thread is inside a run already.
pub fn enter(seed: u64) -> Guard {
    RUN.with(|run| {
        assert!(!run.entered.get(), "this thread is inside a run already: give each run a thread of its own");
        run.entered.set(true);
        run.seed.set(seed);
        run.entropy_calls.set(0);
        run.clock_calls.set(0);
        run.elapsed.set(Duration::ZERO);
        run.wall_offset_ms.set(0);
    });
    Guard { _not_send: PhantomData }
}

impl Drop for Guard {
    fn drop(&mut self) {
        RUN.with(|run| run.entered.set(false));
    }
}

/// Tells the clocks how much simulated time has passed. The world calls it at each tick.
pub fn set_elapsed(elapsed: Duration) {
    RUN.with(|run| run.elapsed.set(elapsed));
}

/// How much simulated time has passed, as last told.
pub fn elapsed() -> Duration {
    RUN.with(|run| run.elapsed.get())
}

/// Puts the wall clock ahead of the simulated time; negative is behind.
pub fn set_wall_offset_ms(offset_ms: i64) {
    RUN.with(|run| run.wall_offset_ms.set(offset_ms));
}

/// How often somebody drew entropy past the platform since this thread entered its run. Two equal runs agree on it.
pub fn entropy_calls() -> u64 {
    RUN.with(|run| run.entropy_calls.get())
}

/// How often somebody read a clock past the platform since this thread entered its run. Two equal runs agree on it.
pub fn clock_calls() -> u64 {
    RUN.with(|run| run.clock_calls.get())
}

/// Whether this thread is inside a run.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn is_entered() -> bool {
    RUN.with(|run| run.entered.get())
}

/// Fills the buffer from the thread's run; false outside of one.
///
/// # Safety
/// `buffer` must be valid for writes of `length` bytes.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[expect(unsafe_code, reason = "libc's callers hand over plain memory")]
pub(super) unsafe fn fill_buffer(buffer: *mut std::ffi::c_void, length: usize) -> bool {
    if !is_entered() {
        return false;
    }
    // The getrandom crate asks for nothing, once per process, to see whether the function works: drawing a number for
    // that would make the first run of a process another one than the second.
    if !buffer.is_null() && length > 0 {
        // SAFETY: the caller vouches for `length` writable bytes; zeroing first makes them initialised before they are
        // borrowed as a slice.
        let bytes = unsafe {
            std::ptr::write_bytes(buffer.cast::<u8>(), 0, length);
            std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length)
        };
        fill_entropy(bytes);
    }
    true
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn fill_entropy(bytes: &mut [u8]) {
    RUN.with(|run| {
        let call = run.entropy_calls.get();
        run.entropy_calls.set(call + 1);
        Key::new(run.seed.get()).with("libc entropy").with(call).fill(bytes);
    });
}

/// The wall clock of the thread's run, as time since the Unix epoch; none outside of one.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn wall_time() -> Option<Duration> {
    RUN.with(|run| {
        let wall_ms = WALL_EPOCH_MS.saturating_add(run.wall_offset_ms.get());
        run.count_clock_call().then(|| Duration::from_millis(u64::try_from(wall_ms).unwrap_or(0)) + run.elapsed.get())
    })
}

/// The monotonic clock of the thread's run; none outside of one.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn monotonic_time() -> Option<Duration> {
    RUN.with(|run| run.count_clock_call().then(|| MONOTONIC_BASE + run.elapsed.get()))
}

struct Run {
    entered: Cell<bool>,
    seed: Cell<u64>,
    entropy_calls: Cell<u64>,
    clock_calls: Cell<u64>,
    elapsed: Cell<Duration>,
    wall_offset_ms: Cell<i64>,
}

impl Run {
    /// Counts one reading of a clock; false outside of a run.
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn count_clock_call(&self) -> bool {
        let entered = self.entered.get();
        if entered {
            self.clock_calls.set(self.clock_calls.get() + 1);
        }
        entered
    }
}

thread_local! {
    static RUN: Run = const {
        Run {
            entered: Cell::new(false),
            seed: Cell::new(0),
            entropy_calls: Cell::new(0),
            clock_calls: Cell::new(0),
            elapsed: Cell::new(Duration::ZERO),
            wall_offset_ms: Cell::new(0),
        }
    };
}
