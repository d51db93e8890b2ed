//! From the list of mutants to the score: all are built at once, those that were chosen are run, and what became of each
//! is counted.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use xxhash_rust::xxh3::xxh3_64;

use super::area::area;
use super::baseline::baseline;
use super::build_loop::{Place, Ready, ready};
use super::listing::Listing;
use super::results::{Measured, Outcome, Results};
use super::reviewed::{self, Equivalent};
use super::stages::{Programs, Stages, cases};
use super::switched::Unfit;
use super::trial::Case;
use super::unfit_kept::UnfitKept;
use super::{Area, CORE, Mutant, MutantsError, list};
use crate::keyed::Key;
use crate::planted::digest_workspace;
use crate::report::mutants::{AreaReport, EquivalentReport, MutantReport, MutantsReport, SampleReport};
use crate::{campaign, workspace};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In which areas of the core.
    pub areas: Vec<&'static Area>,
    /// Only mutants whose name contains this.
    pub only: Option<String>,
    /// Only so many of them, drawn at random.
    pub sample: Option<u64>,
    /// What decides which are drawn.
    pub seed: u64,
    /// How long mutants may be run; those that are left then are not measured.
    pub time: Option<Duration>,
    /// How many mutants are run side by side.
    pub jobs: NonZeroUsize,
}

/// What is being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The mutants are listed.
    Listing,
    /// The copy is built without those that do not compile, so many until now.
    Building {
        /// How many mutants there are.
        listed: usize,
        /// How many are left out.
        unfit: usize,
    },
    /// Everything is run without any mutant.
    Preparing,
    /// Mutants are run.
    Meeting {
        /// How many there are.
        chosen: usize,
        /// How many are done.
        done: usize,
    },
}

/// What of the copy decides what becomes of a mutant, besides what decides what a search finds.
const DECISIVE: [&str; 2] = ["system/tests", "sim/histories"];

/// The areas of these names; all, if there are none.
///
/// # Errors
/// There is no such area.
pub fn areas(names: &[String]) -> Result<Vec<&'static Area>, MutantsError> {
    if let Some(name) = names.iter().find(|name| CORE.iter().all(|area| area.name != **name)) {
        let known = CORE.map(|area| area.name).join(", ");
        return Err(MutantsError::Unknown { name: name.clone(), known });
    }
    Ok(CORE.iter().filter(|area| names.is_empty() || names.iter().any(|name| name == area.name)).collect())
}

/// Looks whether everything that is listed as equivalent is still there: how many there are.
///
/// # Errors
/// One is not.
pub fn check() -> Result<usize, MutantsError> {
    let (mutants, texts) = list(&root(), &CORE.iter().collect::<Vec<_>>())?;
    let file = workspace::equivalent_mutants();
    let listed = reviewed::read(&file)?;
    Ok(reviewed::find(&file, &listed, &mutants, &texts)?.len())
}

/// Measures, in a copy of the workspace below `folder`; what was measured there before is not measured again.
///
/// # Errors
/// The mutants cannot be listed or built; something fails without any of them; a program cannot be run.
pub fn measure(plan: &Plan, folder: &Path, mut tell: impl FnMut(Stage)) -> Result<MutantsReport, MutantsError> {
    tell(Stage::Listing);
    let folder = workspace::output_folder(folder);
    let [tree, target] = ["tree", "target"].map(|name| folder.join(name));
    let listing = list(&root(), &plan.areas)?;
    let file = workspace::equivalent_mutants();
    let equivalents = reviewed::read(&file)?;
    let equivalents = reviewed::find(&file, &equivalents, &listing.0, &listing.1)?;
    let kept = UnfitKept::of(&folder, &listing);
    let place = Place { original: root(), tree, target };
    let listed = listing.0.len();
    let ready = ready(&place, &listing, kept.recall(), |unfit| {
        tell(Stage::Building { listed, unfit: unfit.len() });
        kept.keep(unfit)
    })?;
    let cases = cases()?;
    let hash = hash(&place.tree, &cases)?;
    tell(Stage::Preparing);
    let Ready { simulation, tests, unfit } = ready;
    let programs = Programs { simulation, tests, folder: place.tree.join("system") };
    let baseline = baseline(&folder, &hash, &programs, &cases, plan.jobs)?;
    let stages = Stages { programs, cases, baseline };
    let results = Results::open(&folder, &hash)?;
    let chosen = choose(plan, &listing.0, &unfit)?;
    meet(plan, &chosen, &stages, &results, |done| tell(Stage::Meeting { chosen: chosen.len(), done }))?;
    Ok(report(plan, &listing, &unfit, &chosen, &results, &equivalents))
}

/// The mutants that are run: of those that compile, all or a sample, which is the same for the same seed and grows with
/// its size.
fn choose<'a>(
    plan: &Plan,
    mutants: &'a [Mutant],
    unfit: &BTreeMap<u32, Unfit>,
) -> Result<Vec<&'a Mutant>, MutantsError> {
    let is_wanted = |mutant: &&Mutant| plan.only.as_ref().is_none_or(|only| mutant.name().contains(only));
    let mut chosen: Vec<_> = mutants.iter().filter(is_wanted).collect();
    if chosen.is_empty() {
        return Err(MutantsError::NoneLike(plan.only.clone().unwrap_or_default()));
    }
    chosen.retain(|mutant| !unfit.contains_key(&mutant.number));
    if let Some(sample) = plan.sample {
        chosen.sort_by_cached_key(|mutant| Key::new(plan.seed).with("mutants").with(mutant.name().as_str()).u64());
        chosen.truncate(usize::try_from(sample).unwrap_or(usize::MAX));
    }
    Ok(chosen)
}

/// Runs what was not run before.
fn meet(
    plan: &Plan,
    chosen: &[&Mutant],
    stages: &Stages,
    results: &Results,
    mut tell: impl FnMut(usize),
) -> Result<(), MutantsError> {
    let open: Vec<_> = chosen.iter().filter(|mutant| results.recall(&mutant.name()).is_none()).collect();
    let before = chosen.len() - open.len();
    tell(before);
    #[expect(clippy::disallowed_methods, reason = "bounds how long a person waits; no run can see it")]
    let began = Instant::now();
    let is_over = || plan.time.is_some_and(|time| began.elapsed() >= time);
    let mut failure = None;
    let work = |index: u64| {
        let mutant = open[usize::try_from(index).expect("there are fewer mutants than memory")];
        if is_over() {
            return Ok(());
        }
        #[expect(clippy::disallowed_methods, reason = "measures what a mutant takes; no run can see it")]
        let began = Instant::now();
        let outcome = stages.meet(mutant.number)?;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        results.keep(mutant.name(), Measured { outcome, took_ms })
    };
    campaign::in_order(open.len() as u64, plan.jobs, work, |index, done| {
        let done = done.unwrap_or_else(|panicked| Err(MutantsError::Panicked(panicked)));
        tell(before + usize::try_from(index).unwrap_or_default() + 1);
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    failure.map_or(Ok(()), Err)
}

fn report(
    plan: &Plan,
    (mutants, texts): &Listing,
    unfit: &BTreeMap<u32, Unfit>,
    chosen: &[&Mutant],
    results: &Results,
    equivalents: &BTreeMap<u32, &Equivalent>,
) -> MutantsReport {
    let mut report = MutantsReport {
        commit: workspace::commit(),
        sample: plan.sample.map(|size| SampleReport { size, seed: plan.seed }),
        only: plan.only.clone(),
        areas: plan.areas.iter().map(|area| AreaReport::new(area.name)).collect(),
        noticed_by: BTreeMap::new(),
        survivors: Vec::new(),
        equivalents: Vec::new(),
        refuted: Vec::new(),
        unmeasured: 0,
        took_ms: 0,
    };
    let area_of = |report: &mut MutantsReport, mutant: &Mutant, count: fn(&mut AreaReport) -> &mut u64| {
        let name = area(&mutant.file).map(|area| area.name);
        if let Some(area) = report.areas.iter_mut().find(|area| Some(area.name.as_str()) == name) {
            *count(area) += 1;
        }
    };
    for mutant in mutants {
        area_of(&mut report, mutant, |area| &mut area.listed);
        match unfit.get(&mutant.number) {
            None => area_of(&mut report, mutant, |area| &mut area.viable),
            Some(Unfit::Unviable(_)) => area_of(&mut report, mutant, |area| &mut area.unviable),
            Some(Unfit::NotSwitchable(_)) => area_of(&mut report, mutant, |area| &mut area.not_switchable),
        }
    }
    for mutant in chosen {
        let Some(Measured { outcome, took_ms }) = results.recall(&mutant.name()) else {
            report.unmeasured += 1;
            continue;
        };
        report.took_ms += took_ms;
        area_of(&mut report, mutant, |area| &mut area.measured);
        let told = |reached| {
            let difference = mutant.difference(&texts[&mutant.file]);
            MutantReport { name: mutant.name(), reached, difference }
        };
        let equivalent = equivalents.get(&mutant.number);
        let by = match outcome {
            Outcome::Simulation { by, .. } => {
                area_of(&mut report, mutant, |area| &mut area.simulation);
                by
            }
            Outcome::Tests { by } => {
                area_of(&mut report, mutant, |area| &mut area.tests);
                by
            }
            Outcome::Survived { reached } => {
                match equivalent {
                    None => {
                        area_of(&mut report, mutant, |area| &mut area.survived);
                        report.survivors.push(told(reached));
                    }
                    Some(equivalent) => {
                        area_of(&mut report, mutant, |area| &mut area.equivalent);
                        let because = equivalent.because.clone();
                        report.equivalents.push(EquivalentReport { name: mutant.name(), because });
                    }
                }
                continue;
            }
        };
        if equivalent.is_some() {
            report.refuted.push(EquivalentReport { name: mutant.name(), because: by.clone() });
        }
        *report.noticed_by.entry(by).or_insert(0) += 1;
    }
    report.survivors.sort_by(|one, other| one.name.cmp(&other.name));
    report.equivalents.sort_by(|one, other| one.name.cmp(&other.name));
    report
}

/// The hash of what decides what becomes of a mutant: the sources, and which histories are run.
fn hash(tree: &Path, cases: &[Case]) -> Result<String, MutantsError> {
    let cases = serde_json::to_vec(cases).expect("a history's name has only string keys");
    Ok(format!("{}-{:016x}", digest_workspace(tree, &DECISIVE)?, xxh3_64(&cases)))
}

fn root() -> PathBuf {
    workspace::output_folder(Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::super::mutant::Genre;
    use super::super::mutant::tests::mutant;
    use super::*;

    fn plan(sample: Option<u64>, seed: u64) -> Plan {
        Plan { areas: areas(&[]).unwrap(), only: None, sample, seed, time: None, jobs: NonZeroUsize::MIN }
    }

    fn many() -> Vec<Mutant> {
        let text = "fn f() { a == b }";
        let one = mutant(0, text, "==", "!=", Genre::BinaryOperator);
        (1..=40)
            .map(|number| Mutant { number, line: number as usize, file: "system/src/store/a.rs".into(), ..one.clone() })
            .collect()
    }

    #[test]
    fn a_sample_is_of_what_compiles_and_grows_with_its_size() {
        let mutants = many();
        let unfit = (1..=20).map(|number| (number, Unfit::Unviable("no".into()))).collect();
        let numbers = |plan: &Plan| -> Vec<u32> {
            choose(plan, &mutants, &unfit).unwrap().iter().map(|mutant| mutant.number).collect()
        };
        let (five, nine) = (numbers(&plan(Some(5), 1)), numbers(&plan(Some(9), 1)));
        assert_eq!((five.len(), &five[..]), (5, &nine[..5]));
        assert!(nine.iter().all(|number| *number > 20));
        assert_ne!(five, numbers(&plan(Some(5), 2)));
        assert_eq!(numbers(&plan(None, 1)), (21..=40).collect::<Vec<_>>());
        let only = |text: &str| choose(&Plan { only: Some(text.into()), ..plan(None, 1) }, &mutants, &unfit);
        assert_eq!(only("a.rs:30:").unwrap().len(), 1);
        assert!(matches!(only("nowhere"), Err(MutantsError::NoneLike(_))));
    }

    #[test]
    fn every_mutant_is_counted_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path(), "hash").unwrap();
        let mutants = many()[..7].to_vec();
        let keep =
            |index: usize, outcome| results.keep(mutants[index].name(), Measured { outcome, took_ms: 10 }).unwrap();
        keep(0, Outcome::Simulation { by: "a/b".into(), histories: 1 });
        keep(1, Outcome::Tests { by: "sockets: c".into() });
        keep(2, Outcome::Survived { reached: true });
        keep(3, Outcome::Survived { reached: true });
        keep(4, Outcome::Simulation { by: "a/b".into(), histories: 1 });
        let equivalent = Equivalent {
            file: String::new(),
            change: String::new(),
            line: String::new(),
            which: None,
            because: "No.".into(),
        };
        let unfit = BTreeMap::from([(7, Unfit::NotSwitchable("no".into()))]);
        let texts = BTreeMap::from([("system/src/store/a.rs".to_owned(), "fn f() { a == b }".to_owned())]);
        let listing = (mutants, texts);
        let chosen: Vec<_> = listing.0[..6].iter().collect();
        let equivalents = BTreeMap::from([(4, &equivalent), (5, &equivalent)]);
        let report = report(&plan(Some(6), 1), &listing, &unfit, &chosen, &results, &equivalents);
        let store = &report.areas[0];
        assert_eq!((store.listed, store.viable, store.unviable, store.not_switchable), (7, 6, 0, 1));
        assert_eq!((store.measured, store.simulation, store.tests, store.equivalent, store.survived), (5, 2, 1, 1, 1));
        assert_eq!((report.survivors.len(), report.equivalents.len(), report.unmeasured), (1, 1, 1));
        assert_eq!(report.refuted[0].name, listing.0[4].name());
        assert_eq!((report.noticed_by["a/b"], report.took_ms), (2, 50));
    }

    #[test]
    fn an_area_that_is_none_is_refused_with_those_that_are() {
        let told = areas(&["shop".to_owned()]).unwrap_err().to_string();
        assert_eq!(told, "`shop` is no area of the core: expected one of store, hub, sessions, rights");
        assert_eq!(areas(&["hub".to_owned()]).unwrap().len(), 1);
    }
}
