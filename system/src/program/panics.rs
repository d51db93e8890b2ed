//! Panics that are not news.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};

use futures_util::FutureExt;

/// Runs `work` without a word on standard error when something in it panics and is caught.
///
/// redb panics on some kinds of damage. The store makes a refusal of it, which is what a person should read; a
/// backtrace before it would look like a bug. A panic that `work` does not catch is told after all.
pub(crate) async fn unreported<T>(work: impl Future<Output = T>) -> T {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = AssertUnwindSafe(work).catch_unwind().await;
    panic::set_hook(usual);
    match done {
        Ok(done) => done,
        Err(caught) => match caught.downcast_ref::<&str>() {
            Some(text) => panic!("{text}"),
            None => panic!("{}", caught.downcast_ref::<String>().map_or("for an unknown reason", String::as_str)),
        },
    }
}
