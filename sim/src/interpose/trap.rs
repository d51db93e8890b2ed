//! Traps for what does not go through libc: system calls by an instruction, and the processor's counter.
//!
//! A watched thread gets a seccomp filter that turns the system calls of [`answers::NUMBERS`] into a signal; in its
//! handler the run answers in the kernel's place. On x86-64 the kernel also lets `rdtsc` fault. Both belong to the one
//! thread and end with it, at the latest. Where the kernel refuses (another filter forbids it), the detector sees less,
//! and nothing else changes.

#![expect(unsafe_code, reason = "signal handlers and filters of the kernel have no safe interface")]

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::mem;
use std::ptr;
use std::sync::Once;

use libc::{siginfo_t, sock_filter, sock_fprog, ucontext_t};

use super::answers;
use super::watch;

#[cfg(target_arch = "x86_64")]
#[path = "counter.rs"]
mod counter;

/// This architecture, as a filter sees it (Linux, `include/uapi/linux/audit.h`).
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
/// This architecture, as a filter sees it (Linux, `include/uapi/linux/audit.h`).
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;

/// Where a filter finds the number and the architecture of a system call (`struct seccomp_data`).
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;

/// What a filter consists of here: load a word, jump if it equals, return.
const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const JUMP_IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// Sets the traps for this thread. What cannot be trapped here, in a person's words.
pub(super) fn begin() -> Vec<String> {
    static HANDLERS: Once = Once::new();
    HANDLERS.call_once(|| {
        handle(libc::SIGSYS, on_system_call);
        #[cfg(target_arch = "x86_64")]
        counter::handle();
    });
    let mut blind_to = Vec::new();
    if !set_filter() {
        blind_to.push("system calls by an instruction: the kernel takes no filter (seccomp)".to_owned());
    }
    #[cfg(target_arch = "x86_64")]
    if !counter::trap(true) {
        blind_to.push("the processor's counter: the kernel does not let it fault (PR_SET_TSC)".to_owned());
    }
    #[cfg(not(target_arch = "x86_64"))]
    blind_to.push("the processor's counter: on this architecture it cannot fault".to_owned());
    blind_to
}

/// Takes away the traps of this thread that can be. The filter stays as long as the thread; outside of a run it makes
/// the few system calls fail as if the kernel did not have them, and callers go another way.
pub(super) fn finish() {
    #[cfg(target_arch = "x86_64")]
    counter::trap(false);
}

pub(super) type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// Handles a signal, on the stack of the thread that it comes to.
pub(super) fn handle(signal: c_int, handler: Handler) -> libc::sigaction {
    // SAFETY: a sigaction is plain data, for which zero is a value; the handler has the signature of SA_SIGINFO.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        let mut before: libc::sigaction = mem::zeroed();
        libc::sigaction(signal, &raw const action, &raw mut before);
        before
    }
}

/// Lets the kernel signal the system calls that a run answers, rather than do them; whether it will.
fn set_filter() -> bool {
    let line =
        |code: u32, k: u32, jt: usize, jf: usize| sock_filter { code: code as u16, jt: jt as u8, jf: jf as u8, k };
    let count = answers::NUMBERS.len();
    let mut filter = vec![
        line(LOAD, ARCHITECTURE_AT, 0, 0),
        line(JUMP_IF_EQUAL, ARCHITECTURE, 0, count + 1),
        line(LOAD, NUMBER_AT, 0, 0),
    ];
    for (index, number) in answers::NUMBERS.iter().enumerate() {
        filter.push(line(JUMP_IF_EQUAL, *number as u32, count - index, 0));
    }
    filter.push(line(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    filter.push(line(RETURN, libc::SECCOMP_RET_TRAP, 0, 0));
    let program = sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: both take these arguments; the program outlives the call, which copies it.
    unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1 as c_ulong, 0 as c_ulong, 0 as c_ulong, 0 as c_ulong);
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER as c_ulong, &raw const program) == 0
    }
}

/// A system call was given by an instruction: the run answers it.
extern "C" fn on_system_call(_: c_int, _: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: with SA_SIGINFO the third argument is the context of the thread, which stands still meanwhile.
    let registers = unsafe { &mut (*context.cast::<ucontext_t>()).uc_mcontext };
    let (number, words) = given(registers);
    // SAFETY: whoever gave this system call vouches for its words.
    let result = match unsafe { answers::answer(number, words) } {
        Some(answered) => {
            watch::note(answered.by_instruction);
            answered.result
        }
        None => -(libc::ENOSYS as isize),
    };
    put(registers, result);
}

#[cfg(target_arch = "x86_64")]
fn given(registers: &libc::mcontext_t) -> (c_long, [usize; 6]) {
    let at = |register: c_int| registers.gregs[register as usize];
    let words = [libc::REG_RDI, libc::REG_RSI, libc::REG_RDX, libc::REG_R10, libc::REG_R8, libc::REG_R9];
    (at(libc::REG_RAX), words.map(|register| at(register) as usize))
}

#[cfg(target_arch = "x86_64")]
fn put(registers: &mut libc::mcontext_t, result: isize) {
    registers.gregs[libc::REG_RAX as usize] = result as i64;
}

#[cfg(target_arch = "aarch64")]
fn given(registers: &libc::mcontext_t) -> (c_long, [usize; 6]) {
    let at = |register: usize| registers.regs[register] as usize;
    (at(8) as c_long, [0, 1, 2, 3, 4, 5].map(at))
}

#[cfg(target_arch = "aarch64")]
fn put(registers: &mut libc::mcontext_t, result: isize) {
    registers.regs[0] = result as u64;
}

/// The action of a signal, as it was.
pub(super) fn restore(signal: c_int, action: &libc::sigaction) {
    // SAFETY: the action was handed out by the kernel for this signal.
    unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
}
