//! The processor's counter (`rdtsc`, `rdtscp`), which on x86-64 can be made to fault: in a watched thread the run
//! answers with its own nanoseconds.

use std::ffi::{c_int, c_ulong, c_void};
use std::sync::OnceLock;

use libc::{siginfo_t, ucontext_t};

use super::super::{questions, run, watch};

/// From `linux/prctl.h`, which the libc crate has for other systems only.
const PR_SET_TSC: c_int = 26;
const PR_TSC_ENABLE: c_ulong = 1;
const PR_TSC_SIGSEGV: c_ulong = 2;

/// `si_code` of a fault that is not about an address (`SI_KERNEL`).
const NOT_ABOUT_AN_ADDRESS: c_int = 0x80;

const RDTSC: [u8; 2] = [0x0F, 0x31];
const RDTSCP: [u8; 3] = [0x0F, 0x01, 0xF9];

/// What is done about all other faults.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// Handles the faults of the counter, and leaves all others to whoever handled them before.
pub(super) fn handle() {
    let before = super::handle(libc::SIGSEGV, on_fault);
    // This is called once.
    let _ = BEFORE.set(before);
}

/// Lets the counter fault on this thread, or no more; whether that is supported.
pub(super) fn trap(faults: bool) -> bool {
    let mode = if faults { PR_TSC_SIGSEGV } else { PR_TSC_ENABLE };
    // SAFETY: this takes a number.
    unsafe { libc::prctl(PR_SET_TSC, mode, 0 as c_ulong, 0 as c_ulong, 0 as c_ulong) == 0 }
}

extern "C" fn on_fault(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: with SA_SIGINFO both are the kernel's, and the thread stands still meanwhile.
    let (code, registers) = unsafe { ((*info).si_code, &mut (*context.cast::<ucontext_t>()).uc_mcontext.gregs) };
    if code == NOT_ABOUT_AN_ADDRESS && run::is_entered() {
        let at = std::ptr::with_exposed_provenance::<u8>(registers[libc::REG_RIP as usize] as usize);
        let is = |instruction: &[u8]| {
            // SAFETY: the processor has just read an instruction here; the second and third bytes are looked at only if
            // those before them are this instruction's.
            instruction.iter().enumerate().all(|(index, byte)| unsafe { at.add(index).read() } == *byte)
        };
        let length = if is(&RDTSC) {
            RDTSC.len()
        } else if is(&RDTSCP) {
            registers[libc::REG_RCX as usize] = 0;
            RDTSCP.len()
        } else {
            0
        };
        if length > 0 {
            let told = run::monotonic_time().unwrap_or_default().as_nanos() as u64;
            registers[libc::REG_RAX as usize] = (told & 0xFFFF_FFFF) as i64;
            registers[libc::REG_RDX as usize] = (told >> 32) as i64;
            registers[libc::REG_RIP as usize] += length as i64;
            watch::note(&questions::COUNTER);
            return;
        }
    }
    // The fault comes again, to whom it belongs.
    if let Some(before) = BEFORE.get() {
        super::restore(signal, before);
    }
}
