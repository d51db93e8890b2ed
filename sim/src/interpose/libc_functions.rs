//! The functions of libc that are defined anew: those for entropy, for the time, for the number of the process, for
//! threads, and `syscall`, by which all of these can be had too.
//!
//! A program's own definition comes before a shared library's, so every caller in the process ends here. Unless the
//! thread is watched for leaks, each function allocates nothing, takes no lock and may be called from anywhere at any
//! time. (`std`, `getrandom` 0.3 and 0.4 look these names up rather than issue the system call, which is what makes this
//! work; `getrandom` 0.2 goes by `syscall`.)

#![expect(unsafe_code, reason = "these functions of libc are the seam; there is no safe way to define them")]

use std::ffi::{CStr, c_int, c_long, c_uint, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use libc::{clockid_t, pid_t, pthread_attr_t, pthread_t, size_t, ssize_t, time_t, timespec, timeval};

use super::answers::{self, PROCESS_ID};
use super::questions;
use super::{kernel, run, watch};

type ClockGettime = unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int;
type Start = extern "C" fn(*mut c_void) -> *mut c_void;
type PthreadCreate = unsafe extern "C" fn(*mut pthread_t, *const pthread_attr_t, Start, *mut c_void) -> c_int;

/// The most that one call of `getentropy` gives, by POSIX.
const ENTROPY_BYTES_MAX: usize = 256;

/// libc's own functions, once they were looked up.
static REAL_CLOCK_GETTIME: Real = Real::new(c"clock_gettime");
static REAL_PTHREAD_CREATE: Real = Real::new(c"pthread_create");

/// libc's `getrandom(2)`.
///
/// # Safety
/// As libc's: `buffer` must be valid for writes of `length` bytes.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, length: size_t, flags: c_uint) -> ssize_t {
    // SAFETY: the caller vouches for the buffer, as for libc's function.
    if unsafe { run::fill_buffer(buffer, length) } {
        watch::note(&questions::GETRANDOM);
        return ssize_t::try_from(length).unwrap_or(ssize_t::MAX);
    }
    // SAFETY: the arguments are handed through to the system call of the same signature.
    let answer =
        unsafe { kernel::call(libc::SYS_getrandom, [buffer.expose_provenance(), length, flags as usize, 0, 0, 0]) };
    ssize_t::try_from(kernel::as_libc(answer)).unwrap_or(-1)
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
    if unsafe { run::fill_buffer(buffer, length) } {
        watch::note(&questions::GETENTROPY);
        return 0;
    }
    let mut filled = 0;
    while filled < length {
        let words = [buffer.expose_provenance() + filled, length - filled, 0, 0, 0, 0];
        // SAFETY: `filled` is less than `length`, so the rest of the buffer is the caller's and valid for writes.
        let answer = unsafe { kernel::call(libc::SYS_getrandom, words) };
        match usize::try_from(answer) {
            Ok(count) => filled += count,
            Err(_) if answer == -(libc::EINTR as isize) => {}
            Err(_) => return kernel::as_libc(answer) as c_int,
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
    // SAFETY: the caller vouches for `time`, as for libc's function.
    if unsafe { answers::tell_timespec(clock, time) } {
        watch::note(&questions::CLOCK_GETTIME);
        return 0;
    }
    // SAFETY: the arguments are handed through to the function of the same signature.
    unsafe { real_clock_gettime(clock, time) }
}

/// libc's `gettimeofday(2)`.
///
/// # Safety
/// As libc's: `time` must be null or valid for a write; `zone`, which is obsolete, is not looked at.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut timeval, _zone: *mut c_void) -> c_int {
    // SAFETY: the caller vouches for `time`, as for libc's function.
    if unsafe { answers::tell_timeval(time) } {
        watch::note(&questions::GETTIMEOFDAY);
        return 0;
    }
    let mut now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is valid for a write.
    let result = unsafe { real_clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    if result == 0 && !time.is_null() {
        // SAFETY: the caller vouches for `time`.
        unsafe { time.write(timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1_000 }) };
    }
    result
}

/// libc's `time(2)`.
///
/// # Safety
/// As libc's: `place` must be null or valid for a write.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(place: *mut time_t) -> time_t {
    if run::is_entered() {
        watch::note(&questions::TIME);
        // SAFETY: the caller vouches for `place`, as for libc's function.
        return unsafe { answers::tell_seconds(place) };
    }
    let mut now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is valid for a write.
    if unsafe { real_clock_gettime(libc::CLOCK_REALTIME, &raw mut now) } != 0 {
        return -1;
    }
    if !place.is_null() {
        // SAFETY: the caller vouches for `place`.
        unsafe { place.write(now.tv_sec) };
    }
    now.tv_sec
}

/// libc's `getpid(2)`.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub extern "C" fn getpid() -> pid_t {
    if run::is_entered() {
        watch::note(&questions::GETPID);
        return PROCESS_ID;
    }
    // SAFETY: this system call takes nothing and cannot fail.
    unsafe { kernel::call(libc::SYS_getpid, [0; 6]) as pid_t }
}

/// libc's `gettid(2)`.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub extern "C" fn gettid() -> pid_t {
    if run::is_entered() {
        watch::note(&questions::GETTID);
        return PROCESS_ID;
    }
    // SAFETY: this system call takes nothing and cannot fail.
    unsafe { kernel::call(libc::SYS_gettid, [0; 6]) as pid_t }
}

/// libc's `syscall(2)`.
///
/// libc declares it with a variable number of arguments; on both architectures these come in the same places as fixed
/// ones, and what a caller did not give is read from where it would be and not looked at, as libc's own does.
///
/// # Safety
/// As libc's: the arguments must be what this system call takes.
// SAFETY: the name is libc's, and the signature one that is called in the same way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn syscall(
    number: c_long,
    first: usize,
    second: usize,
    third: usize,
    fourth: usize,
    fifth: usize,
    sixth: usize,
) -> c_long {
    let words = [first, second, third, fourth, fifth, sixth];
    // SAFETY: the caller vouches for the arguments, as for libc's function.
    if let Some(answered) = unsafe { answers::answer(number, words) } {
        watch::note(answered.by_function);
        return kernel::as_libc(answered.result);
    }
    // SAFETY: the caller vouches for the arguments, as for libc's function.
    kernel::as_libc(unsafe { kernel::call(number, words) })
}

/// libc's `pthread_create(3)`. The new thread is in no run.
///
/// # Safety
/// As libc's.
// SAFETY: the name and the signature are libc's, so every caller that meant libc's function is served by this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_create(
    thread: *mut pthread_t,
    attributes: *const pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    if run::is_entered() {
        watch::note(&questions::PTHREAD_CREATE);
    }
    let real = REAL_PTHREAD_CREATE.look_up();
    if real.is_null() {
        return libc::EAGAIN;
    }
    // SAFETY: dlsym found this address under the name of the function with this signature.
    let real = unsafe { mem::transmute::<*mut c_void, PthreadCreate>(real) };
    // SAFETY: the caller vouches for the arguments.
    unsafe { real(thread, attributes, start, argument) }
}

/// The clock of the machine, by libc, which answers without a system call; by the kernel where libc is not found.
///
/// # Safety
/// `time` must be valid for a write.
unsafe fn real_clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    let real = REAL_CLOCK_GETTIME.look_up();
    if real.is_null() {
        // SAFETY: the arguments are handed through to the system call of the same signature.
        let answer =
            unsafe { kernel::call(libc::SYS_clock_gettime, [clock as usize, time.expose_provenance(), 0, 0, 0, 0]) };
        return kernel::as_libc(answer) as c_int;
    }
    // SAFETY: dlsym found this address under the name of the function with this signature.
    let real = unsafe { mem::transmute::<*mut c_void, ClockGettime>(real) };
    // SAFETY: the caller vouches for the arguments.
    unsafe { real(clock, time) }
}

/// A function of libc by its name, looked up once.
struct Real {
    name: &'static CStr,
    /// Null before it was looked up; [`Real::NOT_FOUND`] if there is none.
    address: AtomicPtr<c_void>,
}

impl Real {
    /// Marks that the lookup found nothing. No function lives at the address 1.
    const NOT_FOUND: *mut c_void = ptr::without_provenance_mut(1);

    const fn new(name: &'static CStr) -> Self {
        Self { name, address: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Its address; null if there is none.
    fn look_up(&self) -> *mut c_void {
        let mut address = self.address.load(Ordering::Relaxed);
        if address.is_null() {
            // SAFETY: the name is a C string. Threads that race here find the same address.
            address = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) };
            if address.is_null() {
                address = Self::NOT_FOUND;
            }
            self.address.store(address, Ordering::Relaxed);
        }
        if address == Self::NOT_FOUND { ptr::null_mut() } else { address }
    }
}
