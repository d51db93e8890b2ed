//! An error of our own: which run, what panicked, and the command that shows it again.

use std::fmt::Write;

use super::style::{BAD, LABEL, STRONG, paint};
use crate::report::{Origin, OwnError};

/// The report of one error of our own.
pub fn own_error(error: &OwnError) -> String {
    let OwnError { origin, seed, profile, panicked, message, file } = error;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}   {} panicked   seed {seed}   {profile}", paint(BAD, "ERROR"), paint(STRONG, panicked));
    let message = message.trim_end().replace('\n', "\n            ");
    let _ = writeln!(text, "  {}      {message}", paint(LABEL, "said"));
    let _ = writeln!(text, "  {}    RUST_BACKTRACE=1 cargo sim replay {file}", paint(LABEL, "replay"));
    if *origin == Origin::Seed {
        let _ = writeln!(text, "  {} cargo sim run --seed {seed} --profile {profile}", paint(LABEL, "from seed"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;

    #[test]
    fn it_names_the_run_and_how_to_see_it_again() {
        let error = OwnError {
            origin: Origin::Seed,
            seed: 7,
            profile: "calm".into(),
            panicked: "ordering/gapless".into(),
            message: "index out of bounds\nin that place\n".into(),
            file: "target/sim/7/history.json".into(),
        };
        assert_eq!(
            plain(&own_error(&error)),
            "ERROR   ordering/gapless panicked   seed 7   calm\n  \
             said      index out of bounds\n            in that place\n  \
             replay    RUST_BACKTRACE=1 cargo sim replay target/sim/7/history.json\n  \
             from seed cargo sim run --seed 7 --profile calm\n"
        );
    }
}
