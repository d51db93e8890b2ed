//! A progress bar on standard error, where that is a terminal; nothing anywhere else.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for `count` histories.
pub fn bar(count: u64) -> ProgressBar {
    bar_of(count, "histories")
}

/// A bar for so many of something.
pub fn bar_of(count: u64, what: &'static str) -> ProgressBar {
    let template = "{bar:40} {pos}/{len} {msg}  {per_sec}  {eta} left";
    let bar = styled(ProgressBar::with_draw_target(Some(count), target()), template);
    bar.set_message(what);
    bar
}

/// A line that moves for as long as something takes that has no measure.
pub fn spinner(what: String) -> ProgressBar {
    let spinner = styled(ProgressBar::with_draw_target(None, target()), "{spinner} {msg}  {elapsed}");
    spinner.set_message(what);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    bar.with_style(ProgressStyle::with_template(template).expect("the template is a constant of this file"))
}

fn target() -> ProgressDrawTarget {
    match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    }
}
