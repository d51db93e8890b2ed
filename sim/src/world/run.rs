//! One run: a fresh thread, turmoil's clock, and the trace that is left.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use properties::trace::Trace;
use tokio::sync::{mpsc, watch};

use super::director::{self, Curtain};
use super::fingerprint::Fingerprint;
use super::leak::Leak;
use super::levers::Levers;
use super::moments::MomentCount;
use super::operations::OperationCount;
use super::recorder::{FaultCount, Finished, Recorder};
use super::settings::server_config;
use super::turn::{Ground, turn};
use crate::activity::{self, Activity};
use crate::history::History;
use crate::interpose::Watched;
use crate::recovery::{Recovery, recoveries};

/// What one run of a history left behind.
#[derive(Clone, Debug)]
pub struct Run {
    /// The seed of the history.
    pub seed: u64,
    /// Everything that was observed.
    pub trace: Trace,
    /// The head of the hash chain over everything that was observed: equal for equal runs.
    pub fingerprint: Fingerprint,
    /// What the world did meanwhile, and the head of the hash chain over that.
    pub activity: Activity,
    /// Who asked past the platform, if the run was watched.
    pub watched: Watched,
    /// How many simulated milliseconds it took.
    pub simulated_ms: u64,
    /// What each kind of fault did.
    pub faults: BTreeMap<&'static str, FaultCount>,
    /// What users did of each kind.
    pub operations: BTreeMap<&'static str, OperationCount>,
    /// How often faults waited for moments of each kind, and they came.
    pub moments: BTreeMap<&'static str, MomentCount>,
    /// How devices found back.
    pub recoveries: Vec<Recovery>,
}

/// How the world is built. Not part of a history: a history names what happens, not what it is run on.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The step of turmoil's clock: how often the bytes of one host reach the other. Timers, the disk's work and the
    /// weather are exact to the millisecond whatever it is.
    pub tick_ms: u64,
    /// A turmoil host for each device, as turmoil's documentation has it, rather than one for all.
    pub host_per_device: bool,
    /// The server's disk says that it has synced, and has not: to see a property bite.
    pub sync_lies: bool,
    /// Keeps a note of all that is done, rather than a hash of it only: to see where two runs part.
    pub keeps_notes: bool,
    /// The simulated time after the storm when a run counts as hung.
    pub limit_ms: u64,
    /// Remembers who asks past the platform, and by what path.
    pub is_watched: bool,
    /// A leak that is put into the world: to see it caught.
    pub leak: Option<Leak>,
}

/// What arrives between two ticks arrives at once, so the longer a tick, the more requests meet each other at the server
/// before the disk has finished with the first. A join that forgets what was committed meanwhile was found by 47 of 200
/// seeds at 10 ms, by 87 at 20, by 123 at 40; a forgotten idempotency key, which needs a crash or a cut between a commit
/// and its answer, by 80, 82 and 84. And a tick costs the same however long it is.
const TICK_MS: u64 = 40;

impl Options {
    /// As runs are, unless somebody wants to see something else.
    pub const DEFAULT: Self = Self {
        tick_ms: TICK_MS,
        host_per_device: false,
        sync_lies: false,
        keeps_notes: false,
        limit_ms: LIMIT_MS,
        is_watched: false,
        leak: None,
    };
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Several times what any run needs.
const LIMIT_MS: u64 = 900_000;

fn limit(history: &History, options: Options) -> Duration {
    Duration::from_millis(options.limit_ms) + Duration::from_millis(history.settings.storm_ms)
}

/// Runs `history` on a fresh thread of its own. Any number of runs may go on side by side.
///
/// # Panics
/// The simulation itself has a bug.
pub fn run(history: &History, options: Options) -> Run {
    let history = Arc::new(history.clone());
    let simulation = move || simulate(history, options);
    // A simulation is a function of its history only on a fresh thread: thread-locals of earlier runs would leak in.
    let thread = std::thread::Builder::new().name("simulation".into()).stack_size(8 << 20).spawn(simulation);
    match thread.expect("the machine has a thread left").join() {
        Ok(run) => run,
        Err(panic) => resume_unwind(panic),
    }
}

fn simulate(history: Arc<History>, options: Options) -> Run {
    let recorder = Recorder::default();
    let settings = &history.settings;
    let ground = Ground {
        seed: history.seed,
        latency_ms: (settings.latency_min_ms, settings.latency_max_ms),
        disk_max_ms: settings.disk_max_ms,
        config: server_config(&history),
        devices: history.devices().chain(history.invited_devices()).chain(history.doubles()).collect(),
        limit: limit(&history, options),
    };
    let turned = turn(ground, options, &recorder, |sim, levers| host_devices(sim, &history, options, levers));
    if let Some(caught) = turned.own {
        // It says nothing about the server: whoever asked for the run hears of it.
        resume_unwind(Box::new(caught));
    }
    let Finished { trace, fingerprint, faults, operations, moments } = recorder.finish();
    let simulated_ms = u64::try_from(turned.elapsed.as_millis()).unwrap_or(u64::MAX);
    let recoveries = recoveries(&history, &trace);
    Run {
        seed: history.seed,
        trace,
        fingerprint,
        activity: turned.activity,
        watched: turned.watched,
        simulated_ms,
        faults,
        operations,
        moments,
        recoveries,
    }
}

fn host_devices(sim: &mut turmoil::Sim<'static>, history: &Arc<History>, options: Options, levers: &Levers) {
    let (curtain, lifted) = watch::channel(None);
    let (enter, entered) = mpsc::channel(1_024);
    let direct = director::direct(history.clone(), levers.clone(), options.leak, curtain, entered);
    if !options.host_per_device {
        // Idle hosts are what turmoil's clock costs most for: the director lives with the devices.
        let (history, devices): (_, Vec<String>) = (history.clone(), history.devices().collect());
        sim.client(activity::DEVICES, async move {
            activity::host(activity::DEVICES);
            let devices = play(&history, &devices, lifted, &enter);
            match select(pin!(direct), pin!(devices)).await {
                Either::Left(((), _)) => {}
                Either::Right(((), direct)) => direct.await,
            }
            Ok(())
        });
        return;
    }
    sim.client("director", async move {
        direct.await;
        Ok(())
    });
    for device in history.devices() {
        let (lifted, enter, history) = (lifted.clone(), enter.clone(), history.clone());
        let device = vec![device];
        sim.host(device[0].replace('/', "-"), move || {
            let (lifted, enter, history) = (lifted.clone(), enter.clone(), history.clone());
            let device = device.clone();
            async move {
                play(&history, &device, lifted, &enter).await;
                std::future::pending().await
            }
        });
    }
}

/// The devices of one host enter when the curtain lifts. Their clients' tasks stay until the world ends.
async fn play(history: &History, devices: &[String], mut lifted: Curtain, enter: &mpsc::Sender<()>) {
    let Ok(cast) = lifted.wait_for(Option::is_some).await.map(|cast| cast.clone()) else { return };
    let Some(cast) = cast else { return };
    for device in cast.entrance(devices) {
        cast.pause().await;
        cast.enter(history, &device);
        if enter.send(()).await.is_err() {
            return;
        }
    }
}
