//! Panics that are not news.
//!
//! redb panics on some kinds of damage. The store makes a refusal of it, which is what a person should read; a
//! backtrace before it would look like a bug. A panic that nobody catches is told after all.

use std::any::Any;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};

use futures_util::FutureExt;

/// Runs `work` without a word on standard error when something in it panics and is caught.
pub(crate) async fn unreported<T>(work: impl Future<Output = T>) -> T {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = AssertUnwindSafe(work).catch_unwind().await;
    panic::set_hook(usual);
    done.unwrap_or_else(|caught| tell(&*caught))
}

/// The same for work that waits for nothing.
pub(crate) fn silenced<T>(work: impl FnOnce() -> T) -> T {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(usual);
    done.unwrap_or_else(|caught| tell(&*caught))
}

fn tell(caught: &(dyn Any + Send)) -> ! {
    match caught.downcast_ref::<&str>() {
        Some(text) => panic!("{text}"),
        None => panic!("{}", caught.downcast_ref::<String>().map_or("for an unknown reason", String::as_str)),
    }
}
