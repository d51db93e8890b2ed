//! System calls without libc: libc's own `syscall` is one of the functions that are defined anew here.

#![expect(unsafe_code, reason = "a system call is an instruction; there is no safe way to give it")]

use std::arch::asm;
use std::ffi::c_long;

/// What a system call is given: those that take less do not look at the rest.
pub(super) type Words = [usize; 6];

/// The greatest number of an error; the kernel answers with its negative (Linux, `include/linux/err.h`).
const ERROR_MAX: isize = 4_095;

/// Asks the kernel. Its own answer: a negative number of an error, or the result.
///
/// # Safety
/// The words must be what this system call takes.
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn call(number: c_long, words: Words) -> isize {
    let answer: isize;
    // SAFETY: the registers are those of the kernel's convention, which changes none but the three named; the caller
    // vouches for the words.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as isize => answer,
            in("rdi") words[0],
            in("rsi") words[1],
            in("rdx") words[2],
            in("r10") words[3],
            in("r8") words[4],
            in("r9") words[5],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    answer
}

/// Asks the kernel. Its own answer: a negative number of an error, or the result.
///
/// # Safety
/// The words must be what this system call takes.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn call(number: c_long, words: Words) -> isize {
    let answer: isize;
    // SAFETY: the registers are those of the kernel's convention, which changes none but the first; the caller vouches
    // for the words.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") words[0] => answer,
            in("x1") words[1],
            in("x2") words[2],
            in("x3") words[3],
            in("x4") words[4],
            in("x5") words[5],
            options(nostack),
        );
    }
    answer
}

/// The kernel's answer as libc gives it: -1 and `errno`, or the result.
pub(super) fn as_libc(answer: isize) -> c_long {
    if (-ERROR_MAX..0).contains(&answer) {
        // SAFETY: errno is the calling thread's own.
        unsafe { *libc::__errno_location() = (-answer) as i32 };
        return -1;
    }
    answer as c_long
}
