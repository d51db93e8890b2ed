//! What a run answers to the system calls that would tell one run from another.

#![expect(unsafe_code, reason = "a system call writes where its caller points")]

use std::ffi::{c_long, c_uint, c_void};

use libc::{clockid_t, timespec, timeval};

use super::kernel::Words;
use super::questions::{self, Question};
use super::run;

/// The number of the process in a run, and of its thread. The kernel gives it to nobody (`init` has 1), so that a signal
/// sent there by mistake reaches nobody: it is beyond the greatest that Linux gives (PID_MAX_LIMIT).
pub(super) const PROCESS_ID: i32 = 4_194_305;

/// A system call that a run answers.
pub(super) struct Answered {
    /// The result, as the kernel would give it.
    pub(super) result: isize,
    /// Asked by libc's function `syscall`.
    pub(super) by_function: &'static Question,
    /// Asked by an instruction of its own.
    pub(super) by_instruction: &'static Question,
}

/// The numbers of all system calls that [`answer`] answers.
#[cfg(target_arch = "x86_64")]
pub(super) const NUMBERS: [c_long; 6] = [
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettimeofday,
    libc::SYS_time,
    libc::SYS_getpid,
    libc::SYS_gettid,
];

/// The numbers of all system calls that [`answer`] answers.
#[cfg(target_arch = "aarch64")]
pub(super) const NUMBERS: [c_long; 5] =
    [libc::SYS_getrandom, libc::SYS_clock_gettime, libc::SYS_gettimeofday, libc::SYS_getpid, libc::SYS_gettid];

/// Answers a system call from this thread's run; nothing if it is none of [`NUMBERS`], or the thread is in no run.
///
/// # Safety
/// The words must be what this system call takes.
pub(super) unsafe fn answer(number: c_long, words: Words) -> Option<Answered> {
    if !NUMBERS.contains(&number) || !run::is_entered() {
        return None;
    }
    let pointer = |index: usize| std::ptr::with_exposed_provenance_mut::<c_void>(words[index]);
    let (result, by_function, by_instruction) = match number {
        libc::SYS_getrandom => {
            // SAFETY: the caller vouches for the words: a buffer and its length.
            let answered = unsafe { fill(pointer(0), words[1], words[2] as c_uint) };
            (answered, &questions::SYSCALL_GETRANDOM, &questions::TRAPPED_GETRANDOM)
        }
        libc::SYS_clock_gettime => {
            // SAFETY: the caller vouches for the words: a clock and a place for its time.
            unsafe { tell_timespec(words[0] as clockid_t, pointer(1).cast()) };
            (0, &questions::SYSCALL_CLOCK, &questions::TRAPPED_CLOCK)
        }
        libc::SYS_gettimeofday => {
            // SAFETY: the caller vouches for the words: a place for the time, and one that is no longer used.
            unsafe { tell_timeval(pointer(0).cast()) };
            (0, &questions::SYSCALL_CLOCK, &questions::TRAPPED_CLOCK)
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_time => {
            // SAFETY: the caller vouches for the words: a place for the time, or nothing.
            let seconds = unsafe { tell_seconds(pointer(0).cast()) };
            (seconds as isize, &questions::SYSCALL_CLOCK, &questions::TRAPPED_CLOCK)
        }
        _ => (PROCESS_ID as isize, &questions::SYSCALL_ID, &questions::TRAPPED_ID),
    };
    Some(Answered { result, by_function, by_instruction })
}

/// Fills a buffer from the run; how many bytes.
///
/// # Safety
/// `buffer` must be valid for writes of `length` bytes.
unsafe fn fill(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    // SAFETY: the caller vouches for the buffer.
    unsafe { run::fill_buffer(buffer, length) };
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// The run's time by that clock, if this thread is in a run.
///
/// # Safety
/// `time` must be null or valid for a write.
pub(super) unsafe fn tell_timespec(clock: clockid_t, time: *mut timespec) -> bool {
    let simulated = match clock {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => run::wall_time(),
        // The processor's time too: a run that asked how long it took would not be a function of its seed.
        _ => run::monotonic_time(),
    };
    let Some(simulated) = simulated else { return false };
    if !time.is_null() {
        // SAFETY: a timespec is plain integers (and padding on some targets), for which zero is a value.
        let mut told: timespec = unsafe { std::mem::zeroed() };
        told.tv_sec = libc::time_t::try_from(simulated.as_secs()).unwrap_or(libc::time_t::MAX);
        told.tv_nsec = simulated.subsec_nanos().into();
        // SAFETY: the caller vouches for `time`.
        unsafe { time.write(told) };
    }
    true
}

/// The run's wall clock, if this thread is in a run.
///
/// # Safety
/// `time` must be null or valid for a write.
pub(super) unsafe fn tell_timeval(time: *mut timeval) -> bool {
    let Some(simulated) = run::wall_time() else { return false };
    if !time.is_null() {
        let tv_sec = libc::time_t::try_from(simulated.as_secs()).unwrap_or(libc::time_t::MAX);
        // SAFETY: the caller vouches for `time`.
        unsafe { time.write(timeval { tv_sec, tv_usec: simulated.subsec_micros().into() }) };
    }
    true
}

/// The run's wall clock in seconds, of a thread that is in a run; 0 for one that is not.
///
/// # Safety
/// `time` must be null or valid for a write.
pub(super) unsafe fn tell_seconds(time: *mut libc::time_t) -> libc::time_t {
    let simulated = run::wall_time().unwrap_or_default();
    let seconds = libc::time_t::try_from(simulated.as_secs()).unwrap_or(libc::time_t::MAX);
    if !time.is_null() {
        // SAFETY: the caller vouches for `time`.
        unsafe { time.write(seconds) };
    }
    seconds
}
