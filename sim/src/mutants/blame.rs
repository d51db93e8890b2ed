//! Which mutant a compiler's complaint is about: the one between whose marks it points.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// What lies between the marks of a mutant. One that is within another's version is there several times.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Marked {
    number: u32,
    range: Range<usize>,
}

/// The mutant that a place of a file with switches belongs to: the innermost, if several do.
pub(super) fn blame(text: &str, place: &Range<usize>) -> Option<u32> {
    let around = |marked: &Marked| marked.range.start <= place.start && place.end <= marked.range.end;
    let innermost = all(text).into_iter().filter(around).min_by_key(|marked| marked.range.len());
    innermost.map(|marked| marked.number)
}

/// All mutants of the innermost function around a place: one of them is to blame, but which cannot be told.
pub(super) fn blame_function(text: &str, place: &Range<usize>) -> Vec<u32> {
    let Ok(file) = syn::parse_file(text) else { return Vec::new() };
    let mut finder = Functions { place, innermost: None };
    finder.visit_file(&file);
    let Some(function) = finder.innermost else { return Vec::new() };
    let within = |marked: &Marked| function.start <= marked.range.start && marked.range.end <= function.end;
    let mut numbers: Vec<_> = all(text).into_iter().filter(within).map(|marked| marked.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Everything between marks.
fn all(text: &str) -> Vec<Marked> {
    let (mut open, mut marked) = (Vec::new(), Vec::new());
    for (at, _) in text.match_indices("/*") {
        let Some(comment) = text[at + 2..].split("*/").next() else { continue };
        let end = at + comment.len() + 4;
        if let Some(number) = comment.strip_prefix('<').and_then(|number| number.parse::<u32>().ok()) {
            open.push((number, end));
        } else if let Some(number) = comment.strip_suffix('>').and_then(|number| number.parse::<u32>().ok())
            && let Some((began, start)) = open.pop_if(|(began, _)| *began == number)
        {
            marked.push(Marked { number: began, range: start..at });
        }
    }
    marked
}

struct Functions<'a> {
    place: &'a Range<usize>,
    innermost: Option<Range<usize>>,
}

impl Functions<'_> {
    fn see(&mut self, function: Range<usize>) {
        // Inner functions are visited after what is around them.
        if function.start <= self.place.start && self.place.end <= function.end {
            self.innermost = Some(function);
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, found: &'ast syn::ItemFn) {
        self.see(found.span().byte_range());
        visit::visit_item_fn(self, found);
    }

    fn visit_impl_item_fn(&mut self, found: &'ast syn::ImplItemFn) {
        self.see(found.span().byte_range());
        visit::visit_impl_item_fn(self, found);
    }

    fn visit_trait_item_fn(&mut self, found: &'ast syn::TraitItemFn) {
        self.see(found.span().byte_range());
        visit::visit_trait_item_fn(self, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, what: &str) -> Range<usize> {
        let start = text.find(what).unwrap();
        start..start + what.len()
    }

    #[test]
    fn the_innermost_marks_around_a_place_tell_the_mutant() {
        let text = "a /*<1*/ b /*<22*/ c /*22>*/ d /*1>*/ e /*<3*/ f /*3>*/";
        assert_eq!(blame(text, &place(text, "b")), Some(1));
        assert_eq!(blame(text, &place(text, "c")), Some(22));
        assert_eq!(blame(text, &place(text, "b /*<22*/ c")), Some(1));
        assert_eq!(blame(text, &place(text, "f")), Some(3));
        assert_eq!(blame(text, &place(text, "e")), None);
        assert_eq!(blame("a /* <no mark */ b", &(3..4)), None);
    }

    #[test]
    fn a_complaint_beside_all_marks_is_about_some_mutant_of_its_function() {
        let text =
            "fn f() { a; /*<1*/b;/*1>*/ /*<2*/c;/*2>*/ /*<1*/b;/*1>*/ } fn g() { d; /*<3*/e;/*3>*/ } const A: u8 = 1;";
        assert_eq!(blame_function(text, &place(text, "a")), [1, 2]);
        assert_eq!(blame_function(text, &place(text, "d")), [3]);
        assert_eq!(blame_function(text, &place(text, "u8")), [0; 0]);
    }
}
