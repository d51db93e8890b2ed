//! The safety net under [`Platform`](system::platform::Platform): inside a simulation's thread, libc's entropy and
//! clocks answer from the run rather than from the machine (SIM-3).
//!
//! The server asks its platform for time and entropy, but its dependencies have sources of their own: the seeds of
//! `HashMap`, `SystemTime::now` in hyper's `Date` header, the masks of WebSocket frames. All of them end in functions of
//! libc, which `libc_functions` defines anew for every program that links this crate. On a thread that [`enter`]ed a run
//! they answer from that run, on all others they pass the call on. A thread that is [watched](watch_begin) also tells who
//! asked, and by what path; there, system calls by an instruction and the processor's counter are caught too.
//!
//! It works on Linux on x86-64 and AArch64. Elsewhere nothing is caught, and runs are functions of their seeds only as
//! far as the server's dependencies ask nobody but the platform.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod answers;
mod asked;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod kernel;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod libc_functions;
mod past;
mod questions;
mod run;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod trap;
mod watch;

pub use asked::{Asked, Watched};
pub use past::{entropy_past_libc, nanoseconds_past_libc};
pub use questions::Source;
pub use run::{Guard, clock_calls, elapsed, enter, entropy_calls, set_elapsed, set_wall_offset_ms};
pub use watch::{begin as watch_begin, finish as watch_finish};
