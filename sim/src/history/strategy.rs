//! The strategy that draws histories: a pure function of a profile and a stream of random numbers.
//!
//! It is proptest's: a history can be drawn inside any proptest, or from one seed by [`History::from_seed`]. Either way it
//! is the history of a seed, so that what a proptest finds can be drawn again by the command. Its tree is
//! [`HistoryTree`], the same that shrinks a saved history, so nothing is lost when a seed has become a file.

use proptest::prelude::*;
use proptest::strategy::{BoxedStrategy, NewTree, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::draw::{self, Placed, Scene, Stage, assemble};
use super::profile::Profile;
use super::{History, HistoryTree};
use crate::operations::KINDS;

/// Draws seeds, and the histories that they stand for in a profile.
#[derive(Clone, Debug)]
pub struct HistoryStrategy {
    profile: Profile,
    seed: Option<u64>,
}

/// The names of all kinds of solitary scenes: those of the user steps that begin them.
pub fn solo_names() -> Vec<&'static str> {
    KINDS.iter().filter(|kind| kind.strategy.is_some()).map(|kind| kind.name).collect()
}

/// The names of all kinds of bursts.
pub fn burst_names() -> Vec<&'static str> {
    draw::BURSTS.iter().map(|kind| kind.name).collect()
}

impl HistoryStrategy {
    /// Draws histories of `profile`, each of a seed that a person can still copy by hand.
    pub fn new(profile: Profile) -> Self {
        Self { profile, seed: None }
    }

    /// Draws the history of one seed, each time.
    pub fn of_seed(seed: u64, profile: Profile) -> Self {
        Self { profile, seed: Some(seed) }
    }
}

impl Strategy for HistoryStrategy {
    type Tree = HistoryTree;
    type Value = History;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let seed = match self.seed {
            Some(seed) => seed,
            None => any::<u32>().new_tree(runner)?.current().into(),
        };
        Ok(HistoryTree::new(History::from_seed(seed, &self.profile)))
    }
}

impl History {
    /// The history that `seed` stands for in `profile`: the same in every process, on every machine, at one commit
    /// (SIM-2, SIM-3).
    pub fn from_seed(seed: u64, profile: &Profile) -> Self {
        let tree = history(profile).new_tree(&mut runner(seed, profile.name));
        Self { seed, ..tree.expect("no part of the strategy rejects what it drew").current() }
    }
}

/// A runner whose draws depend on nothing but its arguments: what proptest would take from its environment variables is
/// either set here or plays no part in drawing.
fn runner(seed: u64, profile: &str) -> TestRunner {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    for (byte, letter) in key[8..].iter_mut().zip(profile.bytes()) {
        *byte = letter;
    }
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_local_rejects: 0,
        max_global_rejects: 0,
        rng_algorithm: RngAlgorithm::ChaCha,
        verbose: 0,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &key))
}

fn history(profile: &Profile) -> BoxedStrategy<History> {
    draw::narrow(profile)
        .prop_flat_map(|profile| {
            let parts = (draw::settings(&profile), draw::cast(&profile));
            parts.prop_flat_map(move |(settings, cast)| {
                let stage = Stage::new(profile.clone(), cast);
                scenes(&stage)
                    .prop_map(move |scenes| assemble(0, stage.profile.name, settings.clone(), &stage.cast, scenes))
            })
        })
        .boxed()
}

/// All scenes of a history, each with its place in the storm.
fn scenes(stage: &Stage) -> BoxedStrategy<Vec<Placed>> {
    let profile = &stage.profile;
    let solos = draw::alone(&profile.solo_weights, stage);
    let bursts = draw::one_of(draw::BURSTS, &profile.burst_weights, stage);
    let crashes = draw::crash_if_any(stage);
    let faults = draw::lone_fault(stage);
    let deactivations = Some(draw::deactivation(stage));
    (
        several(solos, &profile.solos, 0),
        several(bursts, &profile.bursts, 0),
        several(crashes, &profile.crashes, 0),
        several(faults, &profile.faults, 0),
        // Late, so that there is something to see of everybody before.
        several(deactivations, &profile.deactivations, 500_000),
    )
        .prop_map(|(solos, bursts, crashes, faults, deactivations)| {
            [solos, bursts, crashes, faults, deactivations].concat()
        })
        .boxed()
}

/// As many of `scene` as `count` says, or none where there is no such scene, each at `earliest` millionths or later.
fn several(
    scene: Option<BoxedStrategy<Scene>>,
    count: &std::ops::RangeInclusive<usize>,
    earliest: u64,
) -> BoxedStrategy<Vec<Placed>> {
    match scene {
        Some(scene) => prop::collection::vec((earliest..=1_000_000, scene), count.clone()).boxed(),
        None => Just(Vec::new()).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command;

    use system::protocol::Role;

    use super::*;
    use crate::faults::{self, Fault};
    use crate::history::{Action, Saved, UserPlan};

    const SEEDS: u64 = 1_000;

    #[test]
    fn a_seed_is_one_history() {
        for profile in Profile::all() {
            for seed in 0..50 {
                let history = History::from_seed(seed, &profile);
                assert_eq!(history, History::from_seed(seed, &profile));
                assert_ne!(history.steps, History::from_seed(seed + 1, &profile).steps);
                assert_eq!((history.seed, history.profile.as_str()), (seed, profile.name));
            }
        }
        let of = |profile| History::from_seed(8_841, &profile).steps;
        assert_ne!(of(Profile::standard()), of(Profile::harsh()));
        assert_ne!(of(Profile::standard()), of(Profile::calm()));
    }

    /// Another process, and every variable that proptest listens to set to something else (SIM-3).
    #[test]
    fn the_environment_plays_no_part() {
        const CHILD: &str = "STORMGLASS_TEST_PRINTS_A_HISTORY";
        let text = || Saved::new(History::from_seed(8_841, &Profile::standard())).to_text();
        if std::env::var_os(CHILD).is_some() {
            std::fs::write(std::env::var_os(CHILD).expect("it was just there"), text()).expect("a temporary file");
            return;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("history.json");
        let status = Command::new(std::env::current_exe().expect("this test runs"))
            .args(["--exact", "history::strategy::tests::the_environment_plays_no_part"])
            .env(CHILD, &path)
            .envs([("PROPTEST_RNG_ALGORITHM", "xs"), ("PROPTEST_RNG_SEED", "1"), ("PROPTEST_CASES", "3")])
            .envs([("PROPTEST_MAX_DEFAULT_SIZE_RANGE", "2"), ("PROPTEST_MAX_FLAT_MAP_REGENS", "0")])
            .output()
            .expect("this program can be started again")
            .status;
        assert!(status.success());
        assert_eq!(std::fs::read_to_string(path).expect("the child wrote it"), text());
    }

    #[test]
    fn every_history_makes_sense_and_survives_its_file() {
        for profile in Profile::all() {
            for seed in 0..SEEDS {
                let history = History::from_seed(seed, &profile);
                let place = format!("{} {seed}", profile.name);
                check_times(&history, &place);
                check_sizes(&history, &profile, &place);
                assert_eq!(history.flaws(), [], "{place}");
                let saved = Saved::new(history);
                assert_eq!(Saved::parse(&saved.to_text()).expect("it was just written"), saved, "{place}");
            }
        }
    }

    fn check_times(history: &History, place: &str) {
        assert!((1..).zip(&history.steps).all(|(ordinal, step)| step.id == ordinal), "{place}: ids are ordinals");
        assert!(history.steps.is_sorted_by_key(|step| step.at_ms), "{place}: steps are ordered by time");
        let storm_ms = history.settings.storm_ms;
        for step in &history.steps {
            let lasts_ms = step.action.fault().map_or(0, Fault::lasts_ms);
            assert!(step.at_ms + lasts_ms <= storm_ms, "{place}: {step} outlasts the storm");
        }
    }

    fn check_sizes(history: &History, profile: &Profile, place: &str) {
        let (users, devices, rooms) = (history.users.len(), history.devices().count(), history.rooms.len());
        assert!(profile.storm_ms.contains(&history.settings.storm_ms), "{place}");
        assert!(profile.users.contains(&users), "{place}: {users} users");
        assert!((users..=*profile.devices.end()).contains(&devices), "{place}: {devices} devices");
        assert!(profile.rooms.contains(&rooms), "{place}: {rooms} rooms");
        assert!(history.rooms.iter().all(|room| room.members.len() >= 2), "{place}");
        let faults = history.faults().count();
        let crashes = history.faults().filter(|fault| fault.is_crash()).count();
        let user_steps = history.steps.len() - faults;
        assert!(user_steps > 0, "{place}");
        match profile.name {
            "calm" => assert_eq!(faults, 0, "{place}"),
            "standard" => {
                assert!(user_steps >= 150, "{place}: {user_steps} user steps");
                assert!(faults >= 4 && crashes >= 1, "{place}: {faults} faults, {crashes} crashes");
                assert_eq!(devices, 12, "{place}");
            }
            "harsh" => assert!(faults >= 10 && crashes >= 2, "{place}: {faults} faults, {crashes} crashes"),
            _ => {}
        }
    }

    #[test]
    fn the_moments_that_find_bugs_are_common() {
        let mut seen = BTreeMap::<&str, u64>::new();
        for seed in 0..100 {
            let history = History::from_seed(seed, &Profile::standard());
            for (name, found) in [
                ("several messages to one room within 5 ms", has(&history, 5, is_message, is_message)),
                ("a removal within 50 ms of a message", has(&history, 50, is_removal, is_message)),
                ("a power loss within 50 ms of a message", has(&history, 50, is_power_loss, is_message)),
                ("a device that comes back within 50 ms of a message", has(&history, 50, is_open, is_message)),
                ("two changes of rights within 15 ms", has(&history, 15, is_removal, is_addition)),
                (
                    "a guest who tries what a guest must not",
                    history.steps.iter().any(|step| is_forbidden(&history, &step.action)),
                ),
                ("tokens that expire in the storm", history.settings.access_token_ms < history.settings.storm_ms),
                ("a second owner", history.users.iter().any(|user| user.role == Role::Owner)),
            ] {
                *seen.entry(name).or_default() += u64::from(found);
            }
        }
        let rare: Vec<_> = seen.into_iter().filter(|&(_, count)| count < 20).collect();
        assert_eq!(rare, [], "in fewer than 20 of 100 histories");
    }

    #[test]
    fn each_kind_of_step_and_fault_is_drawn() {
        for profile in [Profile::standard(), Profile::harsh(), Profile::swarm()] {
            let mut drawn = BTreeMap::<&str, u64>::new();
            for seed in 0..200 {
                for step in History::from_seed(seed, &profile).steps {
                    *drawn.entry(step.action.kind()).or_default() += 1;
                }
            }
            for name in KINDS.iter().map(|kind| kind.name) {
                assert!(drawn.contains_key(name), "{}: no {name}: {drawn:?}", profile.name);
            }
            for kind in faults::KINDS {
                assert!(drawn.contains_key(kind.name), "{}: no {}: {drawn:?}", profile.name, kind.name);
            }
        }
    }

    #[test]
    fn a_swarm_leaves_kinds_out() {
        let without = |is_it: fn(&Action) -> bool| {
            let histories = (0..100).map(|seed| History::from_seed(seed, &Profile::swarm()));
            histories.filter(|history| !history.steps.iter().any(|step| is_it(&step.action))).count()
        };
        assert!(without(|action| action.fault().is_some()) > 0);
        assert!(without(is_power_loss) > 30);
        assert!(without(|action| matches!(action, Action::CreateRoom(_))) > 30);
    }

    fn has(history: &History, within_ms: u64, one: fn(&Action) -> bool, other: fn(&Action) -> bool) -> bool {
        let steps = &history.steps;
        steps.iter().enumerate().filter(|(_, step)| one(&step.action)).any(|(index, step)| {
            steps.iter().enumerate().any(|(near, neighbour)| {
                near != index
                    && other(&neighbour.action)
                    && neighbour.at_ms.abs_diff(step.at_ms) <= within_ms
                    && (step.action.room().is_none() || step.action.room() == neighbour.action.room())
            })
        })
    }

    fn is_message(action: &Action) -> bool {
        action.body().is_some()
    }

    fn is_removal(action: &Action) -> bool {
        matches!(action, Action::RemoveMember(_))
    }

    fn is_addition(action: &Action) -> bool {
        matches!(action, Action::AddMember(_))
    }

    fn is_power_loss(action: &Action) -> bool {
        matches!(action, Action::Fault(Fault::PowerLoss(_)))
    }

    fn is_open(action: &Action) -> bool {
        matches!(action, Action::Open(_))
    }

    fn is_forbidden(history: &History, action: &Action) -> bool {
        let Some(device) = action.device() else { return false };
        let is_guest = |user: &&UserPlan| user.role == Role::Guest;
        matches!(action, Action::CreateRoom(_) | Action::ChangeRole(_))
            && history.users.iter().filter(is_guest).any(|user| user.device_names().any(|name| name == device))
    }
}
