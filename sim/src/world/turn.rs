//! The world itself: a machine with the server, the weather around it, and turmoil's clock, turned until whoever plays in
//! it has finished. What is played is not its matter: a history by its [director](super::director), or a
//! [script](super::script).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use properties::trace::{Observation, ServerChange};
use system::Config;

use super::device_clocks::DeviceClocks;
use super::feed::FeedWriter;
use super::levers::{Levers, Roster};
use super::logs::Logs;
use super::machine::{HOST, Machine};
use super::panics::{self, Caught};
use super::recorder::Recorder;
use super::run::Options;
use crate::activity::{self, Activity};
use crate::clock::WALL_EPOCH_MS;
use crate::disk::Disk;
use crate::interpose::{self, Watched};
use crate::network::Weather;

/// What a world is made of.
pub(super) struct Ground {
    pub(super) seed: u64,
    /// The least and the greatest latency between a device and the server, one way.
    pub(super) latency_ms: (u64, u64),
    /// The greatest time that a blocking piece of work takes.
    pub(super) disk_max_ms: u64,
    /// How the server is configured.
    pub(super) config: Config,
    /// The devices that are known from the beginning.
    pub(super) devices: Vec<String>,
    /// The simulated time after which it counts as hung.
    pub(super) limit: Duration,
}

/// What is known when the clock stands still again. What was observed is the recorder's.
pub(super) struct Turned {
    pub(super) elapsed: Duration,
    pub(super) activity: Activity,
    pub(super) watched: Watched,
    /// What the simulation itself said when it panicked.
    pub(super) own: Option<String>,
}

/// Builds the world, lets `host` put on it who plays, and turns its clock until they have finished. Called on a fresh
/// thread.
pub(super) fn turn(
    ground: Ground,
    options: Options,
    recorder: &Recorder,
    host: impl FnOnce(&mut turmoil::Sim<'static>, &Levers),
) -> Turned {
    let _interposed = interpose::enter(ground.seed);
    panics::keep();
    let logs = Logs(recorder.clone());
    activity::begin(options.keeps_notes);
    if options.is_watched {
        interpose::watch_begin();
    }
    let (elapsed, activity, own) =
        tracing::subscriber::with_default(logs, || turn_clock(ground, options, recorder, host));
    let watched = interpose::watch_finish();
    Turned { elapsed, activity, watched, own: own.map(|caught| caught.text()) }
}

fn turn_clock(
    ground: Ground,
    options: Options,
    recorder: &Recorder,
    host: impl FnOnce(&mut turmoil::Sim<'static>, &Levers),
) -> (Duration, Activity, Option<Caught>) {
    let (mut sim, limit) = (build(&ground, options), ground.limit);
    let weather = Weather::new(ground.seed, ground.latency_ms.0, ground.latency_ms.1);
    let disk = if options.sync_lies { Disk::with_sync_that_lies() } else { Disk::new() };
    let feed = FeedWriter::new(recorder.clone());
    let files = feed.files.clone();
    let (seed, disk_max_ms) = (ground.seed, ground.disk_max_ms);
    let machine = Machine::new(seed, disk_max_ms, ground.config, disk, weather.clone(), recorder.clone(), files);
    let levers = Levers {
        weather,
        machine,
        recorder: recorder.clone(),
        feed,
        devices: Roster::new(ground.devices),
        device_clocks: DeviceClocks::default(),
        cast: Arc::default(),
        is_healed: Arc::default(),
        runtime: Arc::default(),
    };

    host_server(&mut sim, &levers.machine);
    host(&mut sim, &levers);
    let mut own = None;
    while sim.elapsed() < limit {
        interpose::set_elapsed(sim.elapsed());
        let stepped = catch_unwind(AssertUnwindSafe(|| sim.step()));
        interpose::set_elapsed(sim.elapsed());
        activity::tick(interpose::entropy_calls(), interpose::clock_calls());
        for caught in panics::take() {
            if caught.is_our_own() {
                own.get_or_insert(caught);
                continue;
            }
            let Caught { message, backtrace } = caught;
            let change = ServerChange::Panicked { message, backtrace };
            recorder.record(Observation::Server { incarnation: levers.machine.incarnation(), change });
        }
        if own.is_some() {
            break;
        }
        match stepped {
            Ok(Ok(false)) => {}
            // Finished, or a panic in a task has shut its host down: either way the run is over.
            Ok(Ok(true)) | Err(_) => break,
            Ok(Err(error)) => {
                let (what_was_read, reason) = ("the run".to_owned(), error.to_string());
                recorder.record(Observation::FinalReadFailed { what_was_read, reason });
                break;
            }
        }
        levers.machine.between_ticks(&mut sim);
        levers.report_effects();
    }
    if sim.elapsed() >= limit {
        let after_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        recorder.record(Observation::Hung { after_ms });
    }
    let (elapsed, activity) = (sim.elapsed(), activity::finish());
    // Whatever tears down now must not be observed: it depends on nothing that was played.
    levers.machine.disk.kill();
    drop(catch_unwind(AssertUnwindSafe(|| drop(sim))));
    panics::take();
    (elapsed, activity, own)
}

fn build(ground: &Ground, options: Options) -> turmoil::Sim<'static> {
    let epoch = UNIX_EPOCH + Duration::from_millis(u64::try_from(WALL_EPOCH_MS).expect("the epoch is after 1970"));
    turmoil::Builder::new()
        .epoch(epoch)
        .rng_seed(ground.seed)
        .tick_duration(Duration::from_millis(options.tick_ms))
        .simulation_duration(ground.limit * 2)
        // Weather is ours; turmoil only carries the bytes from one tick to the next.
        .min_message_latency(Duration::ZERO)
        .max_message_latency(Duration::ZERO)
        .fail_rate(0.0)
        .tcp_capacity(4_096)
        .build()
}

fn host_server(sim: &mut turmoil::Sim<'static>, machine: &Machine) {
    let machine = machine.clone();
    sim.host(HOST, move || {
        let machine = machine.clone();
        async move {
            activity::host(activity::SERVER);
            machine.live().await;
            Ok(())
        }
    });
}
