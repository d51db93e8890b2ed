//! Lines of a story or a proof: times lean right, who stands in a column, what breaks the property is marked.

use properties::trace::At;

use super::style::{BAD, LABEL, paint};

/// One line.
pub struct TimedLine<'a> {
    /// When.
    pub at: At,
    /// Who.
    pub who: &'a str,
    /// What.
    pub what: &'a str,
    /// It is the one that breaks the property.
    pub breaks_it: bool,
}

/// The least width of the column that says who.
const WHO_WIDTH: usize = 11;

/// The column in which the mark stands, unless the marked text is longer.
const MARK_COLUMN: usize = 43;

/// The lines, each with a line feed.
pub fn timed_lines(lines: &[TimedLine<'_>]) -> String {
    let who_width = lines.iter().map(|line| line.who.chars().count()).max().unwrap_or_default().max(WHO_WIDTH);
    let marked = lines.iter().filter(|line| line.breaks_it).map(|line| line.what.chars().count());
    let mark_column = marked.max().unwrap_or_default().max(MARK_COLUMN);
    let mut text = String::new();
    for TimedLine { at, who, what, breaks_it } in lines {
        let time = paint(LABEL, format!("{at:>10}"));
        let what = match breaks_it {
            true => format!("{what:<mark_column$}  {}", paint(BAD, "<- breaks it here")),
            false => (*what).to_owned(),
        };
        text.push_str(format!("{time}  {who:<who_width$}  {what}").trim_end());
        text.push('\n');
    }
    text
}
