//! How words look: colours for what is good, bad and quiet.

use std::fmt;

use anstyle::{AnsiColor, Effects, Style};

/// What held.
pub const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);

/// What was broken.
pub const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);

/// What needs a look.
pub const ODD: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);

/// What leads a line.
pub const LABEL: Style = Style::new().effects(Effects::DIMMED);

/// What matters most in a line.
pub const STRONG: Style = Style::new().effects(Effects::BOLD);

/// `text` in a style.
pub fn paint(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A text without its colours: for files, and for snapshots.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
