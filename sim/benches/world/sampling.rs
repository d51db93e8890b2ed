//! Samples what the processor does: every four milliseconds of processor time the kernel interrupts, and the return
//! addresses that lie on the stack are written down. What they mean is asked afterwards (see `attribution`).

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Microseconds of the processor between two samples: many kernels look no more often.
const PERIOD_US: libc::suseconds_t = 4_000;

/// How many samples are kept at most: a minute of the processor.
const SAMPLES: usize = 15_000;

/// How many return addresses of each, from the innermost out.
const DEPTH: usize = 128;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// One after another; 0 where a stack was less deep.
static ADDRESSES: [AtomicUsize; SAMPLES * DEPTH] = [const { AtomicUsize::new(0) }; SAMPLES * DEPTH];

/// Does `work` under samples. The return addresses of each, from the innermost out.
///
/// # Panics
/// The system refuses the timer or the handler.
pub fn sample(work: impl FnOnce()) -> Vec<Vec<usize>> {
    // The unwinder finds its tables at its first use, which must not happen in a handler.
    backtrace::trace(|_| true);
    TAKEN.store(0, Relaxed);
    ADDRESSES.iter().for_each(|address| address.store(0, Relaxed));
    handle_signals();
    set_timer(PERIOD_US);
    work();
    set_timer(0);
    let taken = TAKEN.load(Relaxed).min(SAMPLES);
    let stack =
        |sample: &[AtomicUsize]| sample.iter().map(|address| address.load(Relaxed)).take_while(|it| *it > 0).collect();
    ADDRESSES.chunks(DEPTH).take(taken).map(stack).collect()
}

/// Runs on whichever thread used the processor. It allocates nothing and takes no lock.
extern "C" fn write_down(_: libc::c_int) {
    let sample = TAKEN.fetch_add(1, Relaxed);
    let Some(mut free) = ADDRESSES.get(sample * DEPTH..(sample + 1) * DEPTH) else { return };
    #[expect(unsafe_code, reason = "what synchronises it is a lock, and the thread that was interrupted may hold it")]
    // SAFETY: the synchronisation that is left out protects the search for symbols, and none is searched for here.
    unsafe {
        backtrace::trace_unsynchronized(|frame| {
            let [first, rest @ ..] = free else { return false };
            first.store(frame.ip().addr(), Relaxed);
            free = rest;
            true
        });
    }
}

fn handle_signals() {
    #[expect(unsafe_code, reason = "the standard library handles no signals")]
    // SAFETY: a zeroed sigaction is a valid one; `write_down` may be called at any moment of any thread.
    let refused = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = write_down as extern "C" fn(libc::c_int) as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGPROF, &raw const action, ptr::null_mut())
    };
    assert_eq!(refused, 0, "the system takes no handler for SIGPROF");
}

/// 0 stops it.
fn set_timer(period_us: libc::suseconds_t) {
    let period = libc::timeval { tv_sec: 0, tv_usec: period_us };
    let timer = libc::itimerval { it_interval: period, it_value: period };
    #[expect(unsafe_code, reason = "the standard library has no timer of the processor")]
    // SAFETY: `timer` is valid for a read, and the old one is not asked for.
    let refused = unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, ptr::null_mut()) };
    assert_eq!(refused, 0, "the system has no timer of the processor");
}
