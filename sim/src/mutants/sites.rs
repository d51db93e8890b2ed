//! Where in a file its mutants are, and how each can be switched.
//!
//! A mutant is a change of text, of tokens that alone are no expression. Here the expression around it is found of which
//! a second version can stand beside the first. What is no expression is switched by what is put in: a return at the
//! beginning of a body, a guard behind a pattern.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, UnOp};

use super::mutant::{Genre, Mutant};
use super::switched::Unfit;

/// A place of a file that is written anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Site {
    /// Text that is put in.
    Insert {
        /// Before which byte.
        at: usize,
        /// The text.
        text: String,
    },
    /// An expression that gets other versions of itself.
    Versions {
        /// The expression.
        range: Range<usize>,
        /// The changes of its text, each a version.
        versions: Vec<Version>,
    },
}

/// A change that makes another version of an expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Version {
    /// The mutant.
    pub number: u32,
    /// What is replaced, within the expression.
    pub range: Range<usize>,
    /// By what.
    pub replacement: String,
}

/// What a mutant's switch is asked.
pub(super) fn asks(number: u32) -> String {
    format!("crate::mutant_switch::is({number})")
}

/// Text of a mutant, between marks by which a compiler's complaint is led back to it.
pub(super) fn marked(number: u32, text: &str) -> String {
    format!("/*<{number}*/{text}/*{number}>*/")
}

/// Finds the places of a file's mutants; and those that have none, each with the reason.
pub(super) fn find(text: &str, mutants: &[&Mutant]) -> Result<(Vec<Site>, BTreeMap<u32, Unfit>), syn::Error> {
    let file = syn::parse_file(text)?;
    let mut finder =
        Finder { text, mutants, sites: Vec::new(), placed: BTreeMap::new(), constant: false, unfit: BTreeMap::new() };
    finder.visit_file(&file);
    let Finder { sites, placed, mut unfit, .. } = finder;
    for mutant in mutants {
        if !placed.contains_key(&mutant.number) {
            unfit
                .entry(mutant.number)
                .or_insert(Unfit::NotSwitchable("its place is none that can be switched".to_owned()));
        }
    }
    Ok((sites, unfit))
}

struct Finder<'a> {
    text: &'a str,
    mutants: &'a [&'a Mutant],
    sites: Vec<Site>,
    placed: BTreeMap<u32, ()>,
    unfit: BTreeMap<u32, Unfit>,
    /// What is visited is evaluated by the compiler, which asks no switch.
    constant: bool,
}

impl<'a> Finder<'a> {
    /// The mutants that replace exactly this; in what is constant, none.
    fn at(&mut self, range: &Range<usize>, genres: &[Genre]) -> Vec<&'a Mutant> {
        let all = self.mutants.iter().copied();
        let found: Vec<_> = all.filter(|mutant| mutant.range == *range && genres.contains(&mutant.genre)).collect();
        if self.constant {
            for mutant in found {
                self.unfit.insert(mutant.number, Unfit::NotSwitchable("the compiler evaluates it".to_owned()));
            }
            return Vec::new();
        }
        found
    }

    fn refuse(&mut self, mutants: &[&Mutant], why: &'static str) {
        self.unfit.extend(mutants.iter().map(|mutant| (mutant.number, Unfit::Unviable(why.to_owned()))));
    }

    fn insert(&mut self, at: usize, text: String) {
        self.sites.push(Site::Insert { at, text });
    }

    /// Versions of an expression, each with one change; what is no expression then would not compile.
    fn versions(&mut self, range: Range<usize>, mutants: &[&Mutant]) {
        let mut versions = Vec::new();
        for mutant in mutants {
            let changed = format!(
                "{}{}{}",
                &self.text[range.start..mutant.range.start],
                mutant.replacement,
                &self.text[mutant.range.end..range.end]
            );
            if syn::parse_str::<Expr>(&changed).is_err() {
                self.refuse(&[mutant], "it does not parse");
                continue;
            }
            self.placed.insert(mutant.number, ());
            let (number, range, replacement) = (mutant.number, mutant.range.clone(), mutant.replacement.clone());
            versions.push(Version { number, range, replacement });
        }
        if !versions.is_empty() {
            self.sites.push(Site::Versions { range, versions });
        }
    }

    fn in_constant(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.constant, true);
        visit(self);
        self.constant = before;
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.constant, signature.constness.is_some());
        if let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) {
            let body = first.span().byte_range().start..last.span().byte_range().end;
            let at = block.brace_token.span.open().byte_range().end;
            for mutant in self.at(&body, &[Genre::FnValue]) {
                if mutant.returns_impl {
                    let why = "its function returns one type that has no name".to_owned();
                    self.unfit.insert(mutant.number, Unfit::NotSwitchable(why));
                    continue;
                }
                let instead = format!("if {} {{ return {}; }}", asks(mutant.number), mutant.replacement);
                self.insert(at, marked(mutant.number, &instead));
                self.placed.insert(mutant.number, ());
            }
        }
        visit(self);
        self.constant = before;
    }

    /// An expression of operators, up to what stands in brackets: all of their mutants become versions of the whole, for
    /// the text of a changed operator may group otherwise.
    fn operators(&mut self, whole: &Expr) {
        let mut operators = Vec::new();
        self.gather(whole, &mut operators);
        let mutants: Vec<_> =
            operators.iter().flat_map(|range| self.at(range, &[Genre::BinaryOperator, Genre::UnaryOperator])).collect();
        self.versions(whole.span().byte_range(), &mutants);
    }

    fn gather(&mut self, expression: &Expr, operators: &mut Vec<Range<usize>>) {
        match expression {
            Expr::Binary(binary) => {
                operators.push(binary.op.span().byte_range());
                self.gather(&binary.left, operators);
                self.gather(&binary.right, operators);
            }
            Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => {
                operators.push(unary.op.span().byte_range());
                self.gather(&unary.expr, operators);
            }
            other => self.visit_expr(other),
        }
    }

    /// A chain of conditions with a `let` among them: nothing but `&&` may join them, and each is an expression of its own.
    fn chain(&mut self, expression: &Expr) {
        match expression {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                let joined = self.at(&binary.op.span().byte_range(), &[Genre::BinaryOperator]);
                self.refuse(&joined, "nothing but && may stand beside a let");
                self.chain(&binary.left);
                self.chain(&binary.right);
            }
            other => self.visit_expr(other),
        }
    }
}

/// Whether a chain of conditions has a `let` in it.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Binary(_) if has_let(expression) => self.chain(expression),
            Expr::Binary(_) => self.operators(expression),
            Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => self.operators(expression),
            _ => visit::visit_expr(self, expression),
        }
    }

    fn visit_expr_match(&mut self, found: &'ast syn::ExprMatch) {
        for arm in &found.arms {
            for mutant in self.at(&arm.span().byte_range(), &[Genre::MatchArm]) {
                // cargo-mutants deletes no arm that has a guard: that guard becomes false instead.
                let unless = format!(" if !{}", asks(mutant.number));
                self.insert(arm.pat.span().byte_range().end, marked(mutant.number, &unless));
                self.placed.insert(mutant.number, ());
            }
            if let Some((_, guard)) = &arm.guard {
                let mutants = self.at(&guard.span().byte_range(), &[Genre::MatchArmGuard]);
                if has_let(guard) {
                    self.refuse(&mutants, "the arm needs what its guard binds");
                } else {
                    self.versions(guard.span().byte_range(), &mutants);
                }
            }
        }
        visit::visit_expr_match(self, found);
    }

    fn visit_expr_struct(&mut self, found: &'ast syn::ExprStruct) {
        let mut deleted = Vec::new();
        for pair in found.fields.pairs().filter(|_| found.rest.is_some()) {
            let field = pair.value().span().byte_range();
            let end = pair.punct().map_or(field.end, |comma| comma.span().byte_range().end);
            deleted.extend(self.at(&(field.start..end), &[Genre::StructField]));
        }
        self.versions(found.span().byte_range(), &deleted);
        visit::visit_expr_struct(self, found);
    }

    fn visit_item_fn(&mut self, found: &'ast syn::ItemFn) {
        self.function(&found.sig, &found.block, |this| visit::visit_item_fn(this, found));
    }

    fn visit_impl_item_fn(&mut self, found: &'ast syn::ImplItemFn) {
        self.function(&found.sig, &found.block, |this| visit::visit_impl_item_fn(this, found));
    }

    fn visit_trait_item_fn(&mut self, found: &'ast syn::TraitItemFn) {
        if let Some(block) = &found.default {
            self.function(&found.sig, block, |this| visit::visit_trait_item_fn(this, found));
        }
    }

    fn visit_item_const(&mut self, found: &'ast syn::ItemConst) {
        self.in_constant(|this| visit::visit_item_const(this, found));
    }

    fn visit_impl_item_const(&mut self, found: &'ast syn::ImplItemConst) {
        self.in_constant(|this| visit::visit_impl_item_const(this, found));
    }

    fn visit_trait_item_const(&mut self, found: &'ast syn::TraitItemConst) {
        self.in_constant(|this| visit::visit_trait_item_const(this, found));
    }

    fn visit_item_static(&mut self, found: &'ast syn::ItemStatic) {
        self.in_constant(|this| visit::visit_item_static(this, found));
    }

    fn visit_expr_const(&mut self, found: &'ast syn::ExprConst) {
        self.in_constant(|this| visit::visit_expr_const(this, found));
    }

    fn visit_variant(&mut self, found: &'ast syn::Variant) {
        self.in_constant(|this| visit::visit_variant(this, found));
    }

    fn visit_type_array(&mut self, found: &'ast syn::TypeArray) {
        self.in_constant(|this| visit::visit_type_array(this, found));
    }

    fn visit_expr_repeat(&mut self, found: &'ast syn::ExprRepeat) {
        self.visit_expr(&found.expr);
        self.in_constant(|this| this.visit_expr(&found.len));
    }
}
