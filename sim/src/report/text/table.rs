//! Columns that line up.

/// To which side a column leans.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of a report, for whichever view; the first is the heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rows<const COLUMNS: usize> {
    /// To which side each column leans.
    pub align: [Align; COLUMNS],
    /// The rows.
    pub rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Rows<COLUMNS> {
    /// As [`table`] has them.
    pub fn text(&self) -> String {
        table(self.align, &self.rows)
    }
}

/// Rows as lines, indented by two; the first row is the heading. The last column is not padded when it leans left.
pub fn table<const COLUMNS: usize>(align: [Align; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let widths: [usize; COLUMNS] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default());
    let mut text = String::new();
    for row in rows {
        let cell = |column: usize| match align[column] {
            Align::Left => format!("{:<width$}", row[column], width = widths[column]),
            Align::Right => format!("{:>width$}", row[column], width = widths[column]),
        };
        let line = (0..COLUMNS).map(cell).collect::<Vec<_>>().join("  ");
        text.push_str("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["kind", "fired"], ["cut", "120"], ["power_loss", "7"]].map(|row| row.map(str::to_owned));
        let text = table([Align::Left, Align::Right], &rows);
        assert_eq!(text, "  kind        fired\n  cut           120\n  power_loss      7\n");
    }
}
