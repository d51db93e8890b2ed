//! What can be asked past the platform, and in which way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody wanted to know or to have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Random bytes.
    Entropy,
    /// The time.
    Clock,
    /// The number of the process, or of the thread.
    ProcessId,
    /// A thread of its own.
    Thread,
}

/// One way to ask past the platform.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Question {
    pub(super) source: Source,
    /// The function or the instruction.
    pub(super) by: &'static str,
    /// Nothing but the detector stands in its way: a run that is not watched would not be a function of its seed.
    pub(super) escapes: bool,
}

macro_rules! questions {
    ($($name:ident: $source:ident, $by:literal, $escapes:literal;)*) => {
        $(pub(super) static $name: Question = Question { source: Source::$source, by: $by, escapes: $escapes };)*
    };
}

questions! {
    GETRANDOM: Entropy, "getrandom()", false;
    GETENTROPY: Entropy, "getentropy()", false;
    SYSCALL_GETRANDOM: Entropy, "syscall(SYS_getrandom)", false;
    TRAPPED_GETRANDOM: Entropy, "an instruction: the system call getrandom", true;
    CLOCK_GETTIME: Clock, "clock_gettime()", false;
    GETTIMEOFDAY: Clock, "gettimeofday()", false;
    TIME: Clock, "time()", false;
    SYSCALL_CLOCK: Clock, "syscall(SYS_clock_gettime)", false;
    TRAPPED_CLOCK: Clock, "an instruction: the system call clock_gettime", true;
    GETPID: ProcessId, "getpid()", false;
    GETTID: ProcessId, "gettid()", false;
    SYSCALL_ID: ProcessId, "syscall(SYS_getpid)", false;
    TRAPPED_ID: ProcessId, "an instruction: the system call getpid", true;
    PTHREAD_CREATE: Thread, "pthread_create()", true;
}

#[cfg(target_arch = "x86_64")]
questions! {
    COUNTER: Clock, "an instruction: the processor's counter (rdtsc)", true;
}
