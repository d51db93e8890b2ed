//! The leak detector: who asks past the platform in a run, what for, and by what path.
//!
//! A thread that is watched remembers, for each question, the addresses of its callers. Names are looked up when the run
//! is over. It costs time and memory, takes locks and allocates, which the interposed functions otherwise never do; so
//! runs are watched only when somebody wants to know.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;

use super::asked::{self, Watched};
use super::questions::Question;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::trap;

/// How many callers are remembered of one question.
const CALLERS: usize = 96;

type Askings = BTreeMap<(&'static Question, Vec<usize>), u64>;

/// Watches this thread, which must be inside a run, until [`finish`].
pub fn begin() {
    BLIND_TO.set(set_traps());
    ASKINGS.with_borrow_mut(BTreeMap::clear);
    IS_WATCHED.set(true);
}

/// What was asked on this thread since [`begin`], by source, way and asker. It is watched no longer.
pub fn finish() -> Watched {
    if !IS_WATCHED.replace(false) {
        return Watched::default();
    }
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    trap::finish();
    let mut by_path: BTreeMap<_, u64> = BTreeMap::new();
    for ((question, callers), times) in ASKINGS.take() {
        let path = asked::path(callers.iter().flat_map(|address| functions_at(*address)));
        *by_path.entry((question, path)).or_default() += times;
    }
    Watched { blind_to: BLIND_TO.take(), asked: asked::summarised(by_path) }
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn set_traps() -> Vec<String> {
    trap::begin()
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn set_traps() -> Vec<String> {
    vec!["everything: only Linux on x86-64 and AArch64 is watched".to_owned()]
}

/// Remembers a question of this thread and its path, if it is watched.
pub(super) fn note(question: &'static Question) {
    // Looking at the path may ask for something itself: that is no question of the run's.
    if !IS_WATCHED.get() || IS_LOOKING.replace(true) {
        return;
    }
    let mut callers = Vec::with_capacity(CALLERS);
    backtrace::trace(|frame| {
        // The address to return to may be the next function's; the call is before it.
        callers.push(frame.ip().addr().saturating_sub(1));
        callers.len() < CALLERS
    });
    ASKINGS.with_borrow_mut(|askings| *askings.entry((question, callers)).or_default() += 1);
    IS_LOOKING.set(false);
}

/// The functions at an address, the innermost first: more than one where a call was inlined.
fn functions_at(address: usize) -> Vec<String> {
    let mut functions = Vec::new();
    backtrace::resolve(std::ptr::without_provenance_mut::<c_void>(address), |symbol| {
        if let Some(name) = symbol.name() {
            // Without the hash at its end, which differs from build to build.
            functions.extend(asked::qualified(&format!("{name:#}"), symbol.filename()));
        }
    });
    functions
}

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    static BLIND_TO: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static IS_LOOKING: Cell<bool> = const { Cell::new(false) };
    static ASKINGS: RefCell<Askings> = const { RefCell::new(BTreeMap::new()) };
}
