//! Panics inside a simulation: whose bug each is, and where it came from. Never noise on the terminal, never an abort.
//!
//! Of the frames of its backtrace only those of this workspace are kept, the innermost first. The innermost says whose bug
//! it is: the server's (or its client library's), which is what is tested and so becomes an observation, or the
//! simulation's own. A panic in a dependency is that of whoever called it.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic;
use std::sync::Once;

thread_local! {
    static CAUGHT: RefCell<Option<Vec<Caught>>> = const { RefCell::new(None) };
}

/// One panic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Caught {
    /// What it said, and where.
    pub(super) message: String,
    /// The frames of this workspace, the innermost first: `system::store::view::get at system/src/store/view.rs:12`.
    pub(super) backtrace: Vec<String>,
}

/// From now on, panics of this thread are kept for [`take`].
pub(super) fn keep() {
    install();
    CAUGHT.with_borrow_mut(|caught| *caught = Some(Vec::new()));
}

/// The panics of this thread since they were last taken.
pub(super) fn take() -> Vec<Caught> {
    CAUGHT.with_borrow_mut(|caught| caught.as_mut().map(std::mem::take).unwrap_or_default())
}

impl Caught {
    /// Whether the simulation itself is to blame.
    pub(super) fn is_our_own(&self) -> bool {
        // What tokio makes of a panic in a task comes from whoever turns the runtime, and says nothing of its own.
        if self.message.contains("configured to shut down on unhandled panic") {
            return false;
        }
        // Without a frame that is known, the message says at least where it was.
        let place = self.backtrace.first().unwrap_or(&self.message);
        ["at sim/src/", "at properties/src/"].iter().any(|own| place.contains(own))
    }

    /// All of it, for a person.
    pub(super) fn text(&self) -> String {
        let frames: String = self.backtrace.iter().map(|frame| format!("\n  in {frame}")).collect();
        format!("{}{frames}", self.message)
    }
}

/// Wraps the process's hook once: other threads keep what they had.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let outside = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_kept = CAUGHT.try_with(|caught| caught.try_borrow().is_ok_and(|caught| caught.is_some()));
            if is_kept.unwrap_or(false) {
                let message = info.to_string();
                let caught = Caught { message, backtrace: frames(&Backtrace::force_capture().to_string()) };
                CAUGHT.with_borrow_mut(|list| list.get_or_insert_default().push(caught));
            } else {
                // A panic while the list is borrowed, or while the thread is being torn down, goes the usual way.
                outside(info);
            }
        }));
    });
}

/// The crates of this workspace that a run executes.
const CRATES: [&str; 3] = ["system", "sim", "properties"];

/// The frames of this workspace in a backtrace's text, which has two lines for each: a name, and `at PATH:LINE:COLUMN`.
/// What stands between the panic and this very file is none of them.
fn frames(backtrace: &str) -> Vec<String> {
    let (mut frames, mut name) = (Vec::new(), "");
    for line in backtrace.lines().map(str::trim) {
        let Some(place) = line.strip_prefix("at ") else {
            name = line.split_once(": ").map_or(line, |(_, name)| name);
            continue;
        };
        let Some(place) = place_in_workspace(name, place) else { continue };
        // The column says nothing that a person needs.
        let place = place.rsplit_once(':').map_or(&*place, |(place, _)| place);
        if !place.starts_with("sim/src/world/panics.rs") {
            frames.push(format!("{name} at {place}"));
        }
    }
    frames
}

/// A place as a path in the workspace, if it is one. The names of functions that were inlined say nothing of their crate;
/// and a place below the current directory, which may be that of a crate, does not name that directory.
fn place_in_workspace(name: &str, place: &str) -> Option<String> {
    let named =
        |of: &&&str| name.trim_start_matches(['<', '&']).strip_prefix(**of).is_some_and(|rest| rest.starts_with("::"));
    match CRATES.iter().find_map(|of| place.find(&format!("{of}/src/"))) {
        Some(start) => Some(place[start..].to_owned()),
        None => Some(format!("{}/{}", CRATES.iter().find(named)?, place.strip_prefix("./")?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_of_the_workspace_are_kept_from_the_inside_out() {
        let text = "   0: std::panicking::begin_panic\n             at /rustc/abc/library/std/src/panicking.rs:1:2\n   \
             1: sim::world::panics::install::{{closure}}\n             at /home/x/sim/src/world/panics.rs:60:9\n   \
             2: core::option::expect_failed\n   \
             3: system::store::view::View::get\n             at /home/x/system/src/store/view.rs:12:5\n   \
             4: <sim::platform::machine::SimPlatform as system::platform::Platform>::run\n             \
             at ./src/platform/machine.rs:90:3\n";
        let backtrace = frames(text);
        assert_eq!(
            backtrace,
            [
                "system::store::view::View::get at system/src/store/view.rs:12",
                "<sim::platform::machine::SimPlatform as system::platform::Platform>::run at sim/src/platform/machine.rs:90"
            ]
        );
        let caught = |backtrace: &[String]| Caught { message: "oh".into(), backtrace: backtrace.to_vec() };
        assert!(!caught(&backtrace).is_our_own() && caught(&backtrace[1..]).is_our_own() && !caught(&[]).is_our_own());
        assert!(caught(&backtrace).text().starts_with("oh\n  in system::store::view::View::get at "));
    }

    #[test]
    fn a_panic_is_kept_with_its_backtrace() {
        let caught = std::thread::Builder::new().spawn(|| {
            keep();
            let panicked = panic::catch_unwind(|| panic!("no such {}", "luck"));
            assert!(panicked.is_err());
            take()
        });
        let caught = caught.expect("the machine has a thread left").join().expect("the panic was caught");
        assert!(caught.len() == 1 && caught[0].message.contains("no such luck"), "{caught:?}");
    }
}
