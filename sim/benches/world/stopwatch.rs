//! How long something took, by the processor and by the wall.

use std::time::Instant;

/// What something cost.
#[derive(Clone, Copy)]
pub struct Spent {
    pub processor_ms: f64,
    pub wall_ms: f64,
}

impl Spent {
    /// The arithmetic mean.
    pub fn mean(all: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
        Self { processor_ms: mean(|spent| spent.processor_ms), wall_ms: mean(|spent| spent.wall_ms) }
    }
}

/// Does `work` and says what it cost.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time; no run can see it")]
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (processor_ms, wall) = (processor_ms(), Instant::now());
    let result = work();
    let wall_ms = wall.elapsed().as_secs_f64() * 1e3;
    (result, Spent { processor_ms: self::processor_ms() - processor_ms, wall_ms })
}

/// The median of each.
pub fn median(all: &[Spent]) -> Spent {
    let of = |what: fn(&Spent) -> f64| median_of(&all.iter().map(what).collect::<Vec<_>>());
    Spent { processor_ms: of(|spent| spent.processor_ms), wall_ms: of(|spent| spent.wall_ms) }
}

/// The median.
///
/// # Panics
/// There is nothing to take it of.
pub fn median_of(all: &[f64]) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// What all threads of this process have used of the processor.
fn processor_ms() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "the standard library has no clock of the processor")]
    // SAFETY: `time` is valid for a write.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "the system has no clock of the processor");
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
