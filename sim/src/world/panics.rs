//! Panics inside a simulation become observations, never noise on the terminal and never an abort.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

thread_local! {
    static CAUGHT: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// From now on, panics of this thread are kept for [`take`].
pub(super) fn keep() {
    install();
    CAUGHT.with_borrow_mut(|caught| *caught = Some(Vec::new()));
}

/// The panics of this thread since they were last taken: message and place.
pub(super) fn take() -> Vec<String> {
    CAUGHT.with_borrow_mut(|caught| caught.as_mut().map(std::mem::take).unwrap_or_default())
}

/// Wraps the process's hook once: other threads keep what they had.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let outside = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = info.to_string();
            // A panic while the list is borrowed, or while the thread is being torn down, goes the usual way.
            let kept = CAUGHT.try_with(|caught| match caught.try_borrow_mut() {
                Ok(mut caught) => caught.as_mut().map(|list| list.push(text)).is_some(),
                Err(_) => false,
            });
            if !kept.unwrap_or(false) {
                outside(info);
            }
        }));
    });
}
