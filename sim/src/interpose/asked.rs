//! What the leak detector has to say of one way of asking past the platform.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::questions::{Question, Source};

/// How many functions of a path are told.
const PATH: usize = 7;

/// What the detector saw in a run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Watched {
    /// What it could not see here, and why.
    pub blind_to: Vec<String>,
    /// What was asked past the platform; what escapes comes first.
    pub asked: Vec<Asked>,
}

/// Somebody asked past the platform.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// The run has no answer of its own to this: whoever asks leaks.
    pub escapes: bool,
    /// What for.
    pub source: Source,
    /// The function or the instruction that was used.
    pub by: String,
    /// Who: the crate of the nearest caller outside of the standard library.
    pub asker: String,
    /// Its most frequent path: the asker first, then who called it. Functions of libraries without debug information
    /// that were inlined are not on it.
    pub path: Vec<String>,
    /// How often, by whatever path.
    pub times: u64,
}

impl Watched {
    /// Both together, with one [`Asked`] for each question and asker.
    pub fn add(&mut self, other: Self) {
        for blind in other.blind_to {
            if !self.blind_to.contains(&blind) {
                self.blind_to.push(blind);
            }
        }
        for more in other.asked {
            let known = |asked: &&mut Asked| (&asked.by, &asked.asker) == (&more.by, &more.asker);
            match self.asked.iter_mut().find(known) {
                Some(asked) => asked.times += more.times,
                None => self.asked.push(more),
            }
        }
        self.asked.sort_by(|one, other| one.rank().cmp(&other.rank()));
    }

    /// What the run has no answer of its own to.
    pub fn escaped(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.escapes)
    }
}

impl Asked {
    fn rank(&self) -> (bool, Source, &str, &str) {
        (!self.escapes, self.source, &self.by, &self.asker)
    }
}

/// The name of a function with the modules that it is in. One that was inlined is known by its bare name only, and its
/// modules by the file that it stands in; nothing if they are not known either.
pub(super) fn qualified(name: &str, file: Option<&Path>) -> Option<String> {
    let bare = if name.starts_with('<') { name } else { name.split('<').next().unwrap_or(name) };
    if bare.contains("::") {
        return Some(name.to_owned());
    }
    let parts: Vec<&str> = file?.iter().filter_map(OsStr::to_str).collect();
    let source = parts.iter().rposition(|part| *part == "src")?;
    // A crate of a registry stands in a folder that has its version too.
    let folder = parts.get(source.checked_sub(1)?)?;
    let of = folder.rsplit_once('-').filter(|(_, version)| version.starts_with(|first: char| first.is_ascii_digit()));
    let of = of.map_or(*folder, |(of, _)| of).replace('-', "_");
    let modules = parts[source + 1..].iter().map(|part| part.trim_end_matches(".rs"));
    let modules = modules.filter(|part| !matches!(*part, "lib" | "mod" | "main")).map(str::to_owned);
    Some([of].into_iter().chain(modules).chain([bare.to_owned()]).collect::<Vec<_>>().join("::"))
}

/// The functions of a path that say something, from those of a whole stack, the innermost first: not the machinery of
/// the language, of the world or of libc, and none twice in a row.
pub(super) fn path(functions: impl Iterator<Item = String>) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    for function in functions {
        // The world begins here; what called it is the same for all.
        if function.starts_with("sim::world::run::simulate") {
            break;
        }
        let says_something = function.contains("::") && !is_machinery(crate_of(&function), &function);
        if says_something && path.last() != Some(&function) && path.len() < PATH {
            path.push(function);
        }
    }
    path
}

/// One [`Asked`] for each question and asker.
pub(super) fn summarised(by_path: BTreeMap<(&'static Question, Vec<String>), u64>) -> Vec<Asked> {
    let mut by_asker: BTreeMap<(&'static Question, String), (u64, u64, Vec<String>)> = BTreeMap::new();
    for ((question, path), times) in by_path {
        let asker = path.first().map_or("the standard library", |function| crate_of(function)).to_owned();
        let (all, most, shown) = by_asker.entry((question, asker)).or_default();
        *all += times;
        if times > *most {
            (*most, *shown) = (times, path);
        }
    }
    let all = by_asker.into_iter().map(|((question, asker), (times, _, path))| {
        let Question { source, by, escapes } = question;
        Asked { escapes: *escapes, source: *source, by: (*by).to_owned(), asker, path, times }
    });
    let mut all: Vec<Asked> = all.collect();
    all.sort_by(|one, other| one.rank().cmp(&other.rank()));
    all
}

/// The crate that a function belongs to: of an implementation, that of the type or, for a type of the language, of the
/// trait.
fn crate_of(function: &str) -> &str {
    let name = function.trim_start_matches(['<', '&', '*', '(', '[']);
    let name = name.strip_prefix("mut ").or_else(|| name.strip_prefix("dyn ")).unwrap_or(name);
    name.split("::").next().unwrap_or(name)
}

fn is_machinery(of: &str, function: &str) -> bool {
    matches!(of, "std" | "core" | "alloc" | "backtrace" | "compiler_builtins" | "rustc_demangle")
        || function.starts_with("sim::interpose::")
}

#[cfg(test)]
mod tests {
    use super::super::questions;
    use super::*;

    #[test]
    fn a_path_begins_with_the_asker_and_ends_with_the_world() {
        let stack = [
            "backtrace::trace",
            "sim::interpose::watch::note",
            "getrandom",
            "std::sys::random::linux::getrandom",
            "<std::hash::random::RandomState>::new",
            "<alpha::Map as core::default::Default>::default",
            "<alpha::Map as core::default::Default>::default",
            "beta::cache::fill",
            "sim::world::run::simulate",
            "std::sys::thread::start",
        ];
        let path = path(stack.iter().map(|function| (*function).to_owned()));
        assert_eq!(path, ["<alpha::Map as core::default::Default>::default", "beta::cache::fill"]);
        assert_eq!(crate_of(&path[0]), "alpha");
    }

    #[test]
    fn an_inlined_function_is_named_by_the_file_that_it_stands_in() {
        let check = |name: &str, file: &str, expected: Option<&str>| {
            assert_eq!(qualified(name, Some(Path::new(file))).as_deref(), expected);
        };
        check("alpha::new", "anywhere", Some("alpha::new"));
        check("<alpha::A as beta::B>::new", "anywhere", Some("<alpha::A as beta::B>::new"));
        check("trace<sim::x>", "/r/backtrace-0.3.77/src/backtrace/mod.rs", Some("backtrace::backtrace::trace"));
        check("key", "/here/sim/src/world/leak.rs", Some("sim::world::leak::key"));
        check("now", "/r/tokio-util-1.5.0/src/lib.rs", Some("tokio_util::now"));
        check("getrandom", "/build/glibc/getrandom.c", None);
        assert_eq!(qualified("getrandom", None), None);
    }

    #[test]
    fn askings_are_added_up_by_asker_and_what_escapes_comes_first() {
        let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let summary = summarised(BTreeMap::from([
            ((&questions::GETRANDOM, path(&["alpha::new", "beta::a"])), 2),
            ((&questions::GETRANDOM, path(&["alpha::new", "beta::b"])), 3),
            ((&questions::PTHREAD_CREATE, path(&["gamma::start"])), 1),
            ((&questions::CLOCK_GETTIME, path(&[])), 4),
        ]));
        let told: Vec<_> = summary.iter().map(|asked| (asked.asker.as_str(), asked.times, asked.escapes)).collect();
        assert_eq!(told, [("gamma", 1, true), ("alpha", 5, false), ("the standard library", 4, false)]);
        assert_eq!(summary[1].path, ["alpha::new", "beta::b"]);
    }
}
