//! The safety net under [`Platform`](system::platform::Platform): inside a simulation's thread, libc's entropy and
//! clocks answer from the run rather than from the machine (SIM-3).
//!
//! The server asks its platform for time and entropy, but its dependencies have sources of their own: the seeds of
//! `HashMap`, `SystemTime::now` in hyper's `Date` header, the masks of WebSocket frames. All of them end in three
//! functions of libc, which `libc_functions` defines anew for every program that links this crate. On a thread that
//! [`enter`]ed a run they answer from that run, on all others they pass the call on.
//!
//! It does not catch what asks the processor or the kernel directly (`rdtsc`, a raw system call), and it catches
//! nothing on systems other than Linux.

#[cfg(target_os = "linux")]
mod libc_functions;
mod run;

pub use run::{Guard, clock_calls, elapsed, enter, entropy_calls, set_elapsed, set_wall_offset_ms};
