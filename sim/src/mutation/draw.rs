//! A fault drawn as the profile draws it, for a history that is there already.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::pick::weighted;
use crate::faults::{Fault, KINDS, Kind, Scope};
use crate::history::{History, Profile};
use crate::keyed::Key;

/// Of how many drawn faults the longest is taken where one is to be long.
const DRAWS: u64 = 8;

/// A kind that the profile draws, as often as it draws it.
pub(super) fn kind(profile: &Profile, key: Key) -> Option<&'static Kind> {
    let weights = profile.fault_weights.iter().map(|(name, weight)| (u64::from(*weight), name));
    let name = weighted(weights, key.with("kind"))?;
    KINDS.iter().find(|kind| kind.name == *name)
}

/// The longest of some that are drawn; half of the time just one.
pub(super) fn fault(kind: &Kind, history: &History, profile: &Profile, key: Key) -> Option<Fault> {
    let scope = Scope {
        population: history.population(),
        outage_ms: profile.outage_ms.clone(),
        down_ms: profile.down_ms.clone(),
    };
    let strategy = (kind.strategy)(&scope);
    let mut runner = runner(key.with("draws"));
    let draws = if key.with("longest").chance(0.5) { DRAWS } else { 1 };
    let fits = |fault: &Fault| fault.lasts_ms() <= history.settings.storm_ms;
    let drawn = (0..draws).filter_map(|_| Some(strategy.new_tree(&mut runner).ok()?.current()));
    drawn.filter(fits).max_by_key(Fault::lasts_ms)
}

/// A runner whose draws depend on nothing but the key.
fn runner(key: Key) -> TestRunner {
    let mut seed = [0; 32];
    key.fill(&mut seed);
    let config =
        Config { failure_persistence: None, rng_algorithm: RngAlgorithm::ChaCha, verbose: 0, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}
