//! A conversation file's bytes as lines. Pure: it knows nothing of what was read before, nor of any store.

use std::collections::BTreeSet;

use super::line::{Heading, Line, Said, digest_of, read};

/// The bounds of what is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest line.
    pub line_bytes: usize,
}

/// What a file says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// The first line; `None` while there is no complete one. Of an appended part: always `None`.
    pub heading: Option<Result<Heading, BadLine>>,
    /// The messages in their order. No two have one `id`.
    pub lines: Vec<ReadLine>,
    /// The lines that cannot be read, in their order. The first line is never among them.
    pub bad: Vec<BadLine>,
    /// Where to read on when something was appended.
    pub tail: Option<Tail>,
}

/// A message and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadLine {
    /// Counts the file's lines from 1.
    pub number: u64,
    /// The message.
    pub line: Line,
}

/// A line that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadLine {
    /// Counts the file's lines from 1.
    pub number: u64,
    /// Tells it from others.
    pub digest: String,
    /// What is wrong with it.
    pub reason: String,
    /// What it says is not known: it may be any line.
    pub garbled: bool,
}

/// The last complete line: as long as it is where it was, what comes after it was appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tail {
    /// Where it begins.
    pub offset: u64,
    /// Counts the file's lines from 1.
    pub number: u64,
    /// Of its bytes.
    pub digest: String,
}

impl Reading {
    /// A whole file. What follows the last line feed waits.
    pub fn whole(bytes: &[u8], limits: Limits) -> Self {
        let mut reading = Self::default();
        let mut seen = BTreeSet::new();
        for (number, offset, line) in complete_lines(bytes, 0, 1) {
            reading.tail = Some(Tail { offset, number, digest: digest_of(line) });
            // A mark that some programs put before UTF-8.
            let line = if offset == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let bad = |reason: String, garbled: bool| BadLine { number, digest: digest_of(line), reason, garbled };
            let said = if line.len() > limits.line_bytes {
                Err(format!("it is longer than {} bytes", limits.line_bytes))
            } else {
                read(line)
            };
            match (&reading.heading, said) {
                (None, Ok(Said::Heading(heading))) => reading.heading = Some(Ok(heading)),
                (None, Ok(Said::Line(_))) => {
                    reading.heading = Some(Err(bad("the first line is not the conversation's".to_owned(), false)));
                }
                (None, Err(reason)) => reading.heading = Some(Err(bad(reason, true))),
                (Some(_), Ok(Said::Line(line))) if !seen.contains(&line.id) => {
                    seen.insert(line.id.clone());
                    reading.lines.push(ReadLine { number, line });
                }
                (Some(_), Ok(Said::Line(line))) => {
                    reading.bad.push(bad(format!("its id {:?} is an earlier line's", line.id), false));
                }
                (Some(_), Ok(Said::Heading(_))) => {
                    reading.bad.push(bad("only the first line describes the conversation".to_owned(), false));
                }
                (Some(_), Err(reason)) => reading.bad.push(bad(reason, true)),
            }
        }
        reading
    }

    /// What was appended to a file after `tail`, from the bytes that begin where `tail` does. `None` if that line is no
    /// longer there, or something was appended that only the whole file makes sense of.
    pub fn appended(bytes: &[u8], tail: &Tail, limits: Limits) -> Option<Self> {
        let mut reading = Self::default();
        let mut seen = BTreeSet::new();
        let mut lines = complete_lines(bytes, tail.offset, tail.number);
        let (_, _, last) = lines.next()?;
        if digest_of(last) != tail.digest {
            return None;
        }
        reading.tail = Some(tail.clone());
        for (number, offset, line) in lines {
            reading.tail = Some(Tail { offset, number, digest: digest_of(line) });
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if line.len() > limits.line_bytes {
                return None;
            }
            match read(line) {
                Ok(Said::Line(line)) if !seen.contains(&line.id) => {
                    seen.insert(line.id.clone());
                    reading.lines.push(ReadLine { number, line });
                }
                _ => return None,
            }
        }
        Some(reading)
    }
}

/// The lines that end in a line feed, without it: their number, their offset and their bytes.
fn complete_lines(bytes: &[u8], offset: u64, number: u64) -> impl Iterator<Item = (u64, u64, &[u8])> {
    let mut offset = offset;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(number..).map(move |(line, number)| {
        let begins = offset;
        offset += line.len() as u64;
        (number, begins, line)
    });
    lines.filter_map(|(number, begins, line)| Some((number, begins, line.strip_suffix(b"\n")?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { line_bytes: 200 };
    const HEADING: &str = "{\"type\":\"conversation\",\"data\":{\"title\":\"t\"}}\n";

    fn message(id: &str) -> String {
        format!("{{\"type\":\"message\",\"data\":{{\"id\":\"{id}\",\"author\":\"Ana\",\"body\":\"b\"}}}}\n")
    }

    fn ids(reading: &Reading) -> Vec<&str> {
        reading.lines.iter().map(|line| line.line.id.as_str()).collect()
    }

    #[test]
    fn only_complete_lines_are_read() {
        let text = format!("{HEADING}{}{}", message("1"), message("2").trim_end());
        let reading = Reading::whole(text.as_bytes(), LIMITS);
        assert!(matches!(reading.heading, Some(Ok(_))));
        assert_eq!(ids(&reading), ["1"]);
        assert_eq!(reading.tail.map(|tail| (tail.offset, tail.number)), Some((HEADING.len() as u64, 2)));
        assert_eq!(Reading::whole(&HEADING.as_bytes()[..20], LIMITS), Reading::default());
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_named() {
        let long = format!("{{\"type\":\"{}\"}}\n", "x".repeat(300));
        let text =
            format!("{HEADING}nonsense\n\n{}{}{long}{HEADING}{}\r\n", message("1"), message("1"), message("2").trim());
        let reading = Reading::whole(text.as_bytes(), LIMITS);
        assert_eq!(ids(&reading), ["1", "2"]);
        let bad: Vec<_> = reading.bad.iter().map(|bad| (bad.number, bad.reason.as_str())).collect();
        assert!(
            matches!(
                bad[..],
                [
                    (2, _),
                    (5, "its id \"1\" is an earlier line's"),
                    (6, "it is longer than 200 bytes"),
                    (7, "only the first line describes the conversation"),
                ]
            ),
            "{bad:?}"
        );
    }

    #[test]
    fn a_file_without_a_heading_says_so() {
        let reading = Reading::whole(message("1").as_bytes(), LIMITS);
        assert!(matches!(reading.heading, Some(Err(_))));
        assert_eq!(ids(&reading), [""; 0]);
    }

    #[test]
    fn what_was_appended_is_read_alone_if_nothing_before_it_moved() {
        let text = format!("{HEADING}{}", message("1"));
        let tail = Reading::whole(text.as_bytes(), LIMITS).tail.unwrap();
        let grown = format!("{text}{}{}{{\"type", message("2"), message("3"));
        let from = usize::try_from(tail.offset).unwrap();
        let reading = Reading::appended(&grown.as_bytes()[from..], &tail, LIMITS).unwrap();
        assert_eq!(ids(&reading), ["2", "3"]);
        let whole = Reading::whole(grown.as_bytes(), LIMITS);
        assert_eq!(reading.tail, whole.tail);
        assert_eq!(reading.lines, whole.lines[1..]);
        let edited = format!("{HEADING}{}{}", message("9"), message("2"));
        assert_eq!(Reading::appended(&edited.as_bytes()[from..], &tail, LIMITS), None);
        let bad = format!("{text}nonsense\n");
        assert_eq!(Reading::appended(&bad.as_bytes()[from..], &tail, LIMITS), None);
    }
}
