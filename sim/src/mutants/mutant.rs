//! One mutant, as cargo-mutants lists it, with its place as bytes.

use std::ops::Range;

/// What kind of change a mutant is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize)]
pub enum Genre {
    /// A function's body is replaced by a value.
    FnValue,
    /// `==` becomes `!=`, `+` becomes `-`.
    BinaryOperator,
    /// `!` or `-` is deleted.
    UnaryOperator,
    /// An arm of a `match` that has a `_` too is deleted.
    MatchArm,
    /// A guard becomes `true` or `false`.
    MatchArmGuard,
    /// A field is deleted where `..base` has it too.
    StructField,
}

/// One small change of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mutant {
    /// What its switch is set to: counted from 1, as they are listed.
    pub number: u32,
    /// The file, from the workspace's root.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What is changed, in words: `replace == with != in View::room`.
    pub change: String,
    /// The bytes of the file that are replaced.
    pub range: Range<usize>,
    /// By what.
    pub replacement: String,
    /// Its kind.
    pub genre: Genre,
    /// Whether its function returns `impl Trait`: one function cannot return two types of that.
    pub returns_impl: bool,
}

impl Mutant {
    /// What tells it from all others of the same sources: its place and its change.
    pub fn name(&self) -> String {
        format!("{}:{}:{}: {}", self.file, self.line, self.column, self.change)
    }

    /// The line of its file where it begins, without what surrounds it.
    pub fn source_line<'a>(&self, text: &'a str) -> &'a str {
        text.lines().nth(self.line - 1).unwrap_or_default().trim()
    }

    /// What it does to its file, as lines that go and lines that come. Of a body only the first line is told.
    pub fn difference(&self, text: &str) -> Vec<String> {
        const MOST: usize = 3;
        let Range { start, end } = self.range.clone();
        let from = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let to = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
        let changed = format!("{}{}{}", &text[from..start], self.replacement, &text[end..to]);
        let signed = |sign: char, text: &str| {
            let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let mut told: Vec<_> = lines.iter().take(MOST).map(|line| format!("{sign} {line}")).collect();
            if let Some(more) = lines.len().checked_sub(MOST).filter(|more| *more > 0) {
                told.push(format!("{sign} ({more} lines more)"));
            }
            told
        };
        let mut lines = signed('-', &text[from..to]);
        lines.extend(signed('+', &changed));
        lines
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The mutant that replaces the only `replaced` of `text`.
    pub fn mutant(number: u32, text: &str, replaced: &str, replacement: &str, genre: Genre) -> Mutant {
        let start = text.find(replaced).expect("the text has what is replaced");
        assert_eq!(text.matches(replaced).count(), 1, "`{replaced}` is ambiguous");
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        Mutant {
            number,
            file: "system/src/file.rs".to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: start - line_start + 1,
            change: format!("replace {replaced} with {replacement}"),
            range: start..start + replaced.len(),
            replacement: replacement.to_owned(),
            genre,
            returns_impl: false,
        }
    }

    #[test]
    fn a_mutant_tells_where_it_is_and_what_it_does() {
        let text = "fn f() {\n    a == b\n}\n";
        let mutant = mutant(1, text, "==", "!=", Genre::BinaryOperator);
        assert_eq!(mutant.name(), "system/src/file.rs:2:7: replace == with !=");
        assert_eq!(mutant.source_line(text), "a == b");
        assert_eq!(mutant.difference(text), ["- a == b", "+ a != b"]);
    }

    #[test]
    fn a_long_body_is_cut_and_a_deletion_leaves_nothing() {
        let text = "fn f() {\n    a();\n    b();\n    c();\n    d();\n}\n";
        let body = mutant(1, text, "a();\n    b();\n    c();\n    d();", "()", Genre::FnValue);
        assert_eq!(body.difference(text), ["- a();", "- b();", "- c();", "- (1 lines more)", "+ ()"]);
        let text = "match a {\n    1 => b,\n    _ => c,\n}\n";
        let arm = mutant(1, text, "1 => b,", "", Genre::MatchArm);
        assert_eq!(arm.difference(text), ["- 1 => b,"]);
    }
}
