//! A file of the server with all of its mutants in it, each behind its switch.

use std::collections::BTreeMap;

use super::mutant::Mutant;
use super::{sites, written};

/// Why a mutant is not among those that are run.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unfit {
    /// It does not compile: cargo-mutants itself would not run it either.
    Unviable(String),
    /// It may well compile, but no switch can choose it while the program runs.
    NotSwitchable(String),
}

/// A file with its mutants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Switched {
    /// Its text.
    pub text: String,
    /// Those of its mutants that are not in it.
    pub unfit: BTreeMap<u32, Unfit>,
}

/// What the switches ask, at the end of the copy's `lib.rs`. The variables are read once: what a process is does not change
/// while it runs, and no simulated run can tell. Where it is asked which mutants are reached, each is noted the first time.
pub(super) const MODULE: &str = r#"
/// Which mutant this process has.
pub mod mutant_switch {
    use std::fs::{File, OpenOptions};
    use std::io::Write;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    static ACTIVE: LazyLock<u32> =
        LazyLock::new(|| std::env::var("ACTIVE_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0));

    static ASKED: LazyLock<Option<(File, Vec<AtomicBool>)>> = LazyLock::new(|| {
        let file = std::env::var_os("ASKED_MUTANTS")?;
        let file = OpenOptions::new().create(true).append(true).open(file).expect("what is asked can be noted");
        Some((file, (0..1 << 16).map(|_| AtomicBool::new(false)).collect()))
    });

    /// Whether it is this one.
    pub fn is(number: u32) -> bool {
        if let Some((file, seen)) = &*ASKED
            && !seen[number as usize].swap(true, Ordering::Relaxed)
        {
            (&*file).write_all(format!("{number}\n").as_bytes()).expect("what is asked can be noted");
        }
        *ACTIVE == number
    }
}
"#;

/// The variable that chooses a mutant, by its number.
pub(super) const VARIABLE: &str = "ACTIVE_MUTANT";

/// The variable that names the file in which the mutants are noted that a process reaches.
pub(super) const ASKED: &str = "ASKED_MUTANTS";

/// Puts mutants into the text of their file.
///
/// # Errors
/// The text is no Rust.
pub(super) fn switch(text: &str, mutants: &[&Mutant]) -> Result<Switched, syn::Error> {
    let (sites, unfit) = sites::find(text, mutants)?;
    Ok(Switched { text: written::write(text, sites), unfit })
}

#[cfg(test)]
mod tests {
    use super::super::mutant::Genre;
    use super::super::mutant::tests::mutant;
    use super::*;

    /// Puts mutants into a text: what comes out, which must be Rust.
    fn out(text: &str, changes: &[(&str, &str, Genre)]) -> String {
        let mutants: Vec<_> =
            (1..).zip(changes).map(|(number, (from, to, genre))| mutant(number, text, from, to, *genre)).collect();
        let switched = switch(text, &mutants.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(switched.unfit, BTreeMap::new());
        syn::parse_file(&switched.text).unwrap_or_else(|error| panic!("{error}: {}", switched.text));
        short(&switched.text)
    }

    /// Without the marks, and with a short word for the switch.
    fn short(text: &str) -> String {
        let mut text = text.replace("crate::mutant_switch::is", "is");
        while let Some(start) = text.find("/*") {
            let end = start + text[start..].find("*/").expect("a comment ends") + 2;
            text.replace_range(start..end, "");
        }
        text
    }

    fn unfit(text: &str, from: &str, to: &str, genre: Genre) -> Unfit {
        let mutant = mutant(1, text, from, to, genre);
        let switched = switch(text, &[&mutant]).unwrap();
        assert_eq!(switched.text, text, "what is not put in leaves the text as it was");
        switched.unfit[&1].clone()
    }

    #[test]
    fn a_function_returns_the_value_first() {
        let text = "fn f(a: u8) -> Option<u8> { let b = a; Some(b) }";
        let changes =
            [("let b = a; Some(b)", "None", Genre::FnValue), ("let b = a; Some(b)", "Some(0)", Genre::FnValue)];
        assert_eq!(
            out(text, &changes),
            "fn f(a: u8) -> Option<u8> {if is(1) { return None; }if is(2) { return Some(0); } let b = a; Some(b) }"
        );
    }

    #[test]
    fn operators_become_versions_of_the_whole_expression() {
        let text = "fn f() -> bool { a + 1 < b && !c }";
        let changes =
            [("<", "<=", Genre::BinaryOperator), ("&&", "||", Genre::BinaryOperator), ("!", "", Genre::UnaryOperator)];
        assert_eq!(
            out(text, &changes),
            "fn f() -> bool { (if is(2) { a + 1 < b || !c } else if is(1) { a + 1 <= b && !c } \
             else if is(3) { a + 1 < b && c } else { a + 1 < b && !c }) }"
        );
    }

    #[test]
    fn what_stands_in_brackets_is_switched_in_every_version() {
        let text = "fn f() { g(a, (b == c) || d) }";
        let changes = [("==", "!=", Genre::BinaryOperator), ("||", "&&", Genre::BinaryOperator)];
        assert_eq!(
            out(text, &changes),
            "fn f() { g(a, (if is(2) { ((if is(1) { b != c } else { b == c })) && d } \
             else { ((if is(1) { b != c } else { b == c })) || d })) }"
        );
    }

    #[test]
    fn an_assignment_is_an_expression_too() {
        let text = "fn f() { a += 1; b = -c; }";
        let changes = [("+=", "-=", Genre::BinaryOperator), ("-", "", Genre::UnaryOperator)];
        assert_eq!(
            out(text, &changes),
            "fn f() { (if is(1) { a -= 1 } else { a += 1 }); b = (if is(2) { c } else { -c }); }"
        );
    }

    #[test]
    fn a_let_among_conditions_keeps_its_chain() {
        let text = "fn f() { if a == b && let Some(c) = d && !c { g() } }";
        let changes = [("==", "!=", Genre::BinaryOperator), ("!", "", Genre::UnaryOperator)];
        assert_eq!(
            out(text, &changes),
            "fn f() { if (if is(1) { a != b } else { a == b }) && let Some(c) = d && (if is(2) { c } else { !c }) { g() } }"
        );
        let text = "fn f() { if a && let Some(c) = d { g() } }";
        assert!(matches!(unfit(text, "&&", "||", Genre::BinaryOperator), Unfit::Unviable(_)));
    }

    #[test]
    fn an_arm_is_deleted_by_a_guard() {
        let text = "fn f() { match a { 1 | 2 => b, Some(3) => c, _ => d } }";
        let changes = [("1 | 2 => b,", "", Genre::MatchArm), ("Some(3) => c,", "", Genre::MatchArm)];
        assert_eq!(out(text, &changes), "fn f() { match a { 1 | 2 if !is(1) => b, Some(3) if !is(2) => c, _ => d } }");
    }

    #[test]
    fn a_guard_has_its_own_versions_and_those_of_its_operators() {
        let text = "fn f() { match a { 1 if b == c => d, _ => e } }";
        let changes = [
            ("b == c", "true", Genre::MatchArmGuard),
            ("b == c", "false", Genre::MatchArmGuard),
            ("==", "!=", Genre::BinaryOperator),
        ];
        assert_eq!(
            out(text, &changes),
            "fn f() { match a { 1 if (if is(1) { true } else if is(2) { false } else if is(3) { b != c } \
             else { b == c }) => d, _ => e } }"
        );
    }

    #[test]
    fn a_field_is_deleted_from_a_version_of_the_struct() {
        let text = "fn f() { g(A { b: c == d, e: 1, ..h }) }";
        let changes = [
            ("b: c == d,", "", Genre::StructField),
            ("e: 1,", "", Genre::StructField),
            ("==", "!=", Genre::BinaryOperator),
        ];
        let nested = "(if is(3) { c != d } else { c == d })";
        assert_eq!(
            out(text, &changes),
            format!(
                "fn f() {{ g((if is(1) {{ A {{  e: 1, ..h }} }} else if is(2) {{ A {{ b: {nested},  ..h }} }} \
                 else {{ A {{ b: {nested}, e: 1, ..h }} }})) }}"
            )
        );
    }

    #[test]
    fn what_the_compiler_evaluates_is_not_switched() {
        let is_constant = |text| {
            let unfit = unfit(text, "+", "-", Genre::BinaryOperator);
            assert_eq!(unfit, Unfit::NotSwitchable("the compiler evaluates it".to_owned()), "{text}");
        };
        is_constant("const A: u8 = 1 + 2;");
        is_constant("static A: u8 = 1 + 2;");
        is_constant("const fn f() -> u8 { 1 + 2 }");
        is_constant("fn f() { let a = [0; 1 + 2]; }");
        is_constant("fn f(a: [u8; 1 + 2]) {}");
        is_constant("enum A { B = 1 + 2 }");
        assert!(matches!(unfit("fn f() { m!(1 + 2) }", "+", "-", Genre::BinaryOperator), Unfit::NotSwitchable(_)));
    }

    #[test]
    fn a_function_returns_one_type_without_a_name_and_no_other() {
        let text = "fn f() -> impl Iterator<Item = u8> { a() }";
        let mut mutant = mutant(1, text, "a()", "::std::iter::empty()", Genre::FnValue);
        mutant.returns_impl = true;
        let switched = switch(text, &[&mutant]).unwrap();
        assert!(matches!(switched.unfit[&1], Unfit::NotSwitchable(_)));
        assert_eq!(switched.text, text);
    }

    #[test]
    fn what_does_not_parse_is_not_put_in() {
        let text = "fn f() -> bool { a == b && c }";
        let unfit = unfit(text, "&&", "=>", Genre::BinaryOperator);
        assert_eq!(unfit, Unfit::Unviable("it does not parse".to_owned()));
    }

    #[test]
    fn the_switch_is_rust_and_asks_the_variables_that_are_set() {
        assert!(MODULE.contains(VARIABLE) && MODULE.contains(ASKED));
        syn::parse_file(MODULE).unwrap();
    }
}
