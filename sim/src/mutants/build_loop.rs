//! The copy with all mutants that compile: what the compiler refuses is taken out until it refuses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::blame::{blame, blame_function};
use super::build::{Built, Complaint, TESTS, Target, build};
use super::listing::Listing;
use super::mutant::Mutant;
use super::switched::{self, Switched, Unfit};
use super::{MutantsError, switched::MODULE};
use crate::planted::copy_workspace;

/// Where the copy is.
#[derive(Debug)]
pub(super) struct Place {
    /// The workspace.
    pub original: PathBuf,
    /// The copy.
    pub tree: PathBuf,
    /// What is built of it.
    pub target: PathBuf,
}

/// The copy, built.
#[derive(Debug)]
pub(super) struct Ready {
    /// The `sim` program with all mutants.
    pub simulation: PathBuf,
    /// The server's tests, those that are soonest done first.
    pub tests: Vec<PathBuf>,
    /// The mutants that are not in it.
    pub unfit: BTreeMap<u32, Unfit>,
}

/// The file that the switch is put into.
const LIBRARY: &str = "system/src/lib.rs";

/// What the compiler says where something must be known before the program runs.
const NOT_CONSTANT: &str = "E0015";

/// Builds the copy with these mutants. `refused` are those that an earlier call found unfit: it saves finding out again.
///
/// # Errors
/// The copy cannot be made; or the compiler refuses it and no mutant is to blame.
pub(super) fn ready(
    place: &Place,
    (mutants, texts): &Listing,
    mut unfit: BTreeMap<u32, Unfit>,
    mut tell: impl FnMut(&BTreeMap<u32, Unfit>),
) -> Result<Ready, MutantsError> {
    loop {
        let written = write(place, mutants, texts, &mut unfit)?;
        tell(&unfit);
        let mut built = build(Target::Simulation, &place.tree, &place.target)?;
        if built.succeeded {
            let simulation = program(&built, "sim")?;
            // The tests are built of the same files: nothing is left that they could refuse for a mutant's sake.
            built = build(Target::Tests, &place.tree, &place.target)?;
            if built.succeeded {
                let tests = TESTS.iter().map(|name| program(&built, name)).collect::<Result<_, _>>()?;
                return Ok(Ready { simulation, tests, unfit });
            }
        }
        let found = to_blame(&built.complaints, &written);
        if found.keys().all(|number| unfit.contains_key(number)) {
            let reason = built.complaints.first().map_or("cargo fails".to_owned(), Complaint::told);
            return Err(MutantsError::Build { reason });
        }
        unfit.extend(found);
    }
}

/// Writes the copy: the workspace, with the mutants that are still thought fit.
fn write(
    place: &Place,
    mutants: &[Mutant],
    texts: &BTreeMap<String, String>,
    unfit: &mut BTreeMap<u32, Unfit>,
) -> Result<BTreeMap<String, String>, MutantsError> {
    let mut written = BTreeMap::new();
    for (file, text) in texts {
        let fit = |mutant: &&Mutant| mutant.file == *file && !unfit.contains_key(&mutant.number);
        let fit: Vec<_> = mutants.iter().filter(fit).collect();
        let Switched { text, unfit: more } = switched::switch(text, &fit)
            .map_err(|error| MutantsError::Parse { file: file.clone(), reason: error.to_string() })?;
        written.insert(file.clone(), text);
        unfit.extend(more);
    }
    let library = place.original.join(LIBRARY);
    let text = std::fs::read_to_string(&library).map_err(MutantsError::place("read", &library))?;
    written.insert(LIBRARY.to_owned(), text + MODULE);
    let replaced = written.iter().map(|(file, text)| (place.tree.join(file), text.clone().into_bytes())).collect();
    copy_workspace(&place.original, &place.tree, &replaced)?;
    Ok(written)
}

/// The mutants that the compiler complains of, each with what it says.
fn to_blame(complaints: &[Complaint], written: &BTreeMap<String, String>) -> BTreeMap<u32, Unfit> {
    let mut found = BTreeMap::new();
    let mut unclear = BTreeSet::new();
    for complaint in complaints {
        let places = || complaint.places.iter().filter_map(|(file, place)| Some((written.get(file)?, place)));
        if let Some(number) = places().find_map(|(text, place)| blame(text, place)) {
            found.insert(number, verdict(complaint));
        } else if let Some((text, place)) = places().next() {
            unclear.extend(blame_function(text, place));
        }
    }
    // What cannot be told apart goes only when nothing else explains the complaints.
    if found.is_empty() {
        let why = Unfit::NotSwitchable("beside the others of its function, it does not compile".to_owned());
        found.extend(unclear.into_iter().map(|number| (number, why.clone())));
    }
    found
}

fn verdict(complaint: &Complaint) -> Unfit {
    if complaint.code == NOT_CONSTANT {
        return Unfit::NotSwitchable("the compiler evaluates it".to_owned());
    }
    Unfit::Unviable(complaint.told())
}

impl Complaint {
    fn told(&self) -> String {
        format!("{} {}", self.code, self.message).trim().to_owned()
    }
}

fn program(built: &Built, name: &str) -> Result<PathBuf, MutantsError> {
    let found = built.program(name).map(Path::to_owned);
    found.ok_or_else(|| MutantsError::Build { reason: format!("cargo does not say where it put `{name}`") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(code: &str, text: &str, at: &str) -> Complaint {
        let start = text.find(at).unwrap();
        let places =
            vec![("elsewhere.rs".to_owned(), 0..1), ("system/src/file.rs".to_owned(), start..start + at.len())];
        Complaint { code: code.into(), message: "no".into(), places }
    }

    #[test]
    fn what_a_complaint_points_to_decides_what_it_says_of_the_mutant() {
        let text = "fn f() { a; /*<1*/b;/*1>*/ /*<2*/c;/*2>*/ /*<3*/d;/*3>*/ }";
        let written = BTreeMap::from([("system/src/file.rs".to_owned(), text.to_owned())]);
        let blamed = |complaints: &[Complaint]| to_blame(complaints, &written);
        let [b, d] = ["b", "d"].map(|at| complaint("E0308", text, at));
        assert_eq!(blamed(&[b, d.clone()]).keys().copied().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(blamed(std::slice::from_ref(&d))[&3], Unfit::Unviable("E0308 no".into()));
        assert_eq!(
            blamed(&[complaint("E0015", text, "b")])[&1],
            Unfit::NotSwitchable("the compiler evaluates it".to_owned())
        );
        let beside = complaint("E0282", text, "a");
        assert_eq!(blamed(std::slice::from_ref(&beside)).keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(blamed(&[beside, d]).keys().copied().collect::<Vec<_>>(), [3], "one that is clear is tried first");
    }
}
