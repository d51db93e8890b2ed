//! Who asked past the platform, and by what path.

use std::fmt::Write;

use super::style::{BAD, GOOD, LABEL, ODD, paint};
use crate::interpose::{Asked, Source, Watched};
use crate::words::amount;

/// What the leak detector saw.
pub fn leaks(watched: &Watched) -> String {
    let mut text = String::new();
    let escaped = watched.escaped().count() as u64;
    // Writing to a String cannot fail.
    if escaped == 0 {
        let _ = writeln!(text, "{}          nothing that was watched escapes the simulation", paint(GOOD, "leaks"));
    } else {
        let ways = amount(escaped, "way leads", "ways lead");
        let _ = writeln!(text, "{}          {ways} past the simulation", paint(BAD, "LEAKS"));
        watched.escaped().for_each(|asked| one(&mut text, asked));
    }
    let mut answered = watched.asked.iter().filter(|asked| !asked.escapes).peekable();
    if answered.peek().is_some() {
        let _ = writeln!(text, "{}       by the run, whoever asks past the platform:", paint(LABEL, "answered"));
        answered.for_each(|asked| one(&mut text, asked));
    }
    for blind in &watched.blind_to {
        let _ = writeln!(text, "{}    {blind}", paint(ODD, "not watched"));
    }
    text
}

fn one(text: &mut String, asked: &Asked) {
    let Asked { source, by, asker, path, times, .. } = asked;
    let times = amount(*times, "time", "times");
    let _ = writeln!(text, "    {}  {asker} by {by}, {times}", told(*source));
    for function in path {
        let _ = writeln!(text, "        {function}");
    }
}

fn told(source: Source) -> &'static str {
    match source {
        Source::Entropy => "entropy",
        Source::Clock => "clock",
        Source::ProcessId => "process id",
        Source::Thread => "thread",
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;

    fn asked(escapes: bool, source: Source, by: &str) -> Asked {
        let path = vec!["alpha::start".to_owned(), "beta::main".to_owned()];
        Asked { escapes, source, by: by.to_owned(), asker: "alpha".into(), path, times: 3 }
    }

    #[test]
    fn what_escapes_comes_first_with_its_path() {
        let watched = Watched {
            blind_to: vec!["the moon".into()],
            asked: vec![asked(true, Source::Thread, "pthread_create()"), asked(false, Source::Clock, "time()")],
        };
        let text = plain(&leaks(&watched));
        let expected = "\
LEAKS          1 way leads past the simulation
    thread  alpha by pthread_create(), 3 times
        alpha::start
        beta::main
answered       by the run, whoever asks past the platform:
    clock  alpha by time(), 3 times
        alpha::start
        beta::main
not watched    the moon
";
        assert_eq!(text, expected);
    }

    #[test]
    fn without_a_leak_one_line_is_enough() {
        let text = plain(&leaks(&Watched::default()));
        assert_eq!(text, "leaks          nothing that was watched escapes the simulation\n");
    }
}
