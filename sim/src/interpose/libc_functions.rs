//! The functions of libc that are defined anew: `getrandom`, `getentropy` and `clock_gettime`.
//!
//! A program's own definition comes before a shared library's, so every caller in the process ends here. Each function
//! allocates nothing, takes no lock and may be called from anywhere at any time. (`std`, `getrandom` 0.3 and 0.4
//! look these names up rather than issue the system call, which is what makes this work.)

#![expect(unsafe_code, reason = "these three functions of libc are the seam; there is no safe way to define them")]

use std::ffi::{c_int, c_uint, c_void};
use std::mem;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use libc::{clockid_t, size_t, ssize_t, timespec};

use super::run;

type ClockGettime = unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int;

/// The most that one call of `getentropy` gives, by POSIX.
const ENTROPY_BYTES_MAX: usize = 256;

/// libc's own `clock_gettime`, once it was looked up; [`PASS_TO_KERNEL`] where there is none; null before.
static REAL_CLOCK_GETTIME: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// Marks that the lookup found nothing. No function lives at the address 1.
const PASS_TO_KERNEL: *mut c_void = ptr::without_provenance_mut(1);

/// libc's `getrandom(2)`.
///
/// # Safety
/// As libc's: `buffer` must be valid for writes of `length` bytes.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, length: size_t, flags: c_uint) -> ssize_t {
    // SAFETY: the caller vouches for the buffer, as for libc's function.
    if unsafe { fill_from_run(buffer, length) } {
        return ssize_t::try_from(length).unwrap_or(ssize_t::MAX);
    }
    // SAFETY: the arguments are handed through to the system call of the same signature.
    let result = unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) };
    ssize_t::try_from(result).unwrap_or(-1)
}

/// libc's `getentropy(3)`.
///
/// # Safety
/// As libc's: `buffer` must be valid for writes of `length` bytes.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getentropy(buffer: *mut c_void, length: size_t) -> c_int {
    if length > ENTROPY_BYTES_MAX {
        // SAFETY: errno is the calling thread's own.
        unsafe { *libc::__errno_location() = libc::EIO };
        return -1;
    }
    // SAFETY: the caller vouches for the buffer, as for libc's function.
    if unsafe { fill_from_run(buffer, length) } {
        return 0;
    }
    let mut filled = 0;
    while filled < length {
        // SAFETY: `filled` is less than `length`, so the rest of the buffer is the caller's and valid for writes.
        let result = unsafe { libc::syscall(libc::SYS_getrandom, buffer.byte_add(filled), length - filled, 0) };
        match usize::try_from(result) {
            Ok(count) => filled += count,
            // SAFETY: errno is the calling thread's own.
            Err(_) if unsafe { *libc::__errno_location() } == libc::EINTR => {}
            Err(_) => return -1,
        }
    }
    0
}

/// libc's `clock_gettime(2)`.
///
/// # Safety
/// As libc's: `time` must be valid for a write.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    let simulated = match clock {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => run::wall_time(),
        // The processor's time too: a run that asked how long it took would not be a function of its seed.
        _ => run::monotonic_time(),
    };
    let Some(simulated) = simulated else {
        // SAFETY: the arguments are handed through to the function of the same signature.
        return unsafe { real_clock_gettime(clock, time) };
    };
    if !time.is_null() {
        // SAFETY: the caller vouches for `time`, as for libc's function.
        unsafe { time.write(to_timespec(simulated)) };
    }
    0
}

/// Fills the buffer if this thread is inside a run.
///
/// # Safety
/// `buffer` must be valid for writes of `length` bytes.
unsafe fn fill_from_run(buffer: *mut c_void, length: size_t) -> bool {
    // The getrandom crate asks for nothing, once per process, to see whether the function works: drawing a number for
    // that would make the first run of a process another one than the second.
    if buffer.is_null() || length == 0 || !run::is_entered() {
        return run::is_entered();
    }
    // SAFETY: the caller vouches for `length` writable bytes; zeroing first makes them initialised before they are
    // borrowed as a slice.
    let bytes = unsafe {
        ptr::write_bytes(buffer.cast::<u8>(), 0, length);
        slice::from_raw_parts_mut(buffer.cast::<u8>(), length)
    };
    run::fill_entropy(bytes);
    true
}

/// The clock of the machine, by libc, which answers without a system call; by the kernel where libc is not found.
///
/// # Safety
/// `time` must be valid for a write.
unsafe fn real_clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    let mut real = REAL_CLOCK_GETTIME.load(Ordering::Relaxed);
    if real.is_null() {
        // SAFETY: the name is a C string. Threads that race here find the same address.
        real = unsafe { libc::dlsym(libc::RTLD_NEXT, c"clock_gettime".as_ptr()) };
        if real.is_null() {
            real = PASS_TO_KERNEL;
        }
        REAL_CLOCK_GETTIME.store(real, Ordering::Relaxed);
    }
    if real == PASS_TO_KERNEL {
        // SAFETY: the arguments are handed through to the system call of the same signature.
        let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
        return c_int::try_from(result).unwrap_or(-1);
    }
    // SAFETY: dlsym found this address under the name of the function with this signature.
    let function = unsafe { mem::transmute::<*mut c_void, ClockGettime>(real) };
    // SAFETY: the caller vouches for the arguments.
    unsafe { function(clock, time) }
}

fn to_timespec(time: Duration) -> timespec {
    // SAFETY: a timespec is plain integers (and padding on some targets), for which zero is a value.
    let mut result: timespec = unsafe { mem::zeroed() };
    result.tv_sec = libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX);
    result.tv_nsec = time.subsec_nanos().into();
    result
}
