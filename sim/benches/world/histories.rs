//! The standard history: what is measured, and proof that nothing smaller is.

use properties::trace::Observation;
use sim::history::{History, Profile};
use sim::world::{self, Options, Run};

/// How much longer than the profile's the storms are, so that each run takes at least a simulated minute.
const LONGER_MS: u64 = 8_000;

/// One history that is measured.
pub struct Standard {
    pub seed: u64,
    pub history: History,
    pub simulated_s: f64,
}

/// The history of a seed.
pub fn draw(seed: u64) -> History {
    let mut history = History::from_seed(seed, &Profile::standard());
    history.settings.storm_ms += LONGER_MS;
    history
}

impl Standard {
    /// The history of a seed, once it was seen to be what it should.
    ///
    /// # Panics
    /// It is not.
    pub fn draw(seed: u64) -> Self {
        let history = draw(seed);
        let run = world::run(&history, Options::default());
        let standard = Self { seed, history, simulated_s: run.simulated_ms as f64 / 1e3 };
        standard.assert_is_standard(&run);
        standard
    }

    /// 8 users with 12 devices; 60 simulated s; at least 150 user steps and 4 faults, a crash among them; and all of
    /// that was done in this run rather than only planned.
    ///
    /// # Panics
    /// It is less.
    pub fn assert_is_standard(&self, run: &Run) {
        let Self { seed, history, .. } = self;
        let devices: usize = history.users.iter().map(|user| user.devices.len()).sum();
        assert_eq!((history.users.len(), devices), (8, 12), "seed {seed}: users and devices");
        assert!(run.simulated_ms >= 60_000, "seed {seed}: only {} simulated ms", run.simulated_ms);
        let count = |is: fn(&Observation) -> bool| run.trace.entries.iter().filter(|entry| is(&entry.what)).count();
        let steps = count(|what| matches!(what, Observation::Step { .. }));
        assert!(steps >= 150, "seed {seed}: only {steps} user steps were done");
        let fired: u64 = run.faults.values().map(|count| count.fired).sum();
        assert!(fired >= 4, "seed {seed}: only {fired} faults struck");
        let crashes: u64 =
            ["kill", "power_loss"].iter().filter_map(|kind| run.faults.get(kind)).map(|count| count.fired).sum();
        assert!(crashes >= 1, "seed {seed}: the server never crashed");
        let connected = count(|what| matches!(what, Observation::ConnectionOpened { .. }));
        assert!(connected >= devices, "seed {seed}: only {connected} connections were welcomed");
    }
}
