//! A script in the director's place: whatever an async body does, in a world of its own that begins empty.
//!
//! A history is data, and its director tells what happened by properties. A script is code that looks for itself: a
//! scenario's body ([`crate::scenarios`]). Server, weather, machine and faults are the same.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use system::Config;
use system::client::Observer;
use system::platform::Platform;
use tokio::runtime::Handle;

use super::connector::WeatherConnector;
use super::levers::Levers;
use super::recorder::Recorder;
use super::run::Options;
use super::turn::{Ground, turn};
use super::watcher::Watcher;
use crate::activity;
use crate::faults::Fault;
use crate::operations::Book;
use crate::platform::{FeedFiles, SimPlatform};

/// The latency of a script's network, one way, and the time that the disk takes: those of the profile `standard`.
const LATENCY_MS: (u64, u64) = (1, 20);
const DISK_MAX_MS: u64 = 5;

/// Several times what any script may take.
const LIMIT: Duration = Duration::from_secs(3_600);

/// How a script's run ended. What was observed is the recorder's.
#[derive(Clone, Debug)]
pub(crate) struct Performed {
    /// How much simulated time passed.
    pub(crate) simulated: Duration,
    /// What the simulation itself, or the script, said when it panicked.
    pub(crate) panic: Option<String>,
}

/// What a script moves the world with. Clones move the same world.
#[derive(Clone)]
pub(crate) struct Stagehand {
    levers: Levers,
    seed: u64,
}

/// Lets a script play in a world of its own, on a fresh thread, and waits until it has finished.
pub(crate) fn perform<F, W>(seed: u64, config: Config, recorder: Recorder, script: F) -> Performed
where
    F: FnOnce(Stagehand) -> W + Send + 'static,
    W: Future<Output = ()> + 'static,
{
    let play = move || {
        let ground = Ground {
            seed,
            latency_ms: LATENCY_MS,
            disk_max_ms: DISK_MAX_MS,
            config,
            devices: Vec::new(),
            limit: LIMIT,
        };
        let turned = turn(ground, Options::DEFAULT, &recorder, |sim, levers| {
            let stagehand = Stagehand { levers: levers.clone(), seed };
            sim.client(activity::DEVICES, async move {
                let _ = stagehand.levers.runtime.set(Handle::current());
                script(stagehand).await;
                Ok(())
            });
        });
        Performed { simulated: turned.elapsed, panic: turned.own }
    };
    // For the same reason as a history's run: thread-locals of earlier runs would leak in.
    let thread = std::thread::Builder::new().name("scenario".into()).stack_size(8 << 20).spawn(play);
    match thread.expect("the machine has a thread left").join() {
        Ok(performed) => performed,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

impl Stagehand {
    /// How a device of this name, `user/device`, reaches the server. From now on faults find it.
    pub(crate) fn connector(&self, device: &str) -> WeatherConnector {
        self.levers.devices.add(device);
        WeatherConnector::new(self.levers.weather.clone(), device)
    }

    /// The clock and the entropy of a device.
    pub(crate) fn platform(&self, device: &str) -> Arc<dyn Platform> {
        Arc::new(SimPlatform::device(self.seed, device, self.levers.device_clocks.of(device)))
    }

    /// Lets a fault strike now. `step` tells it from the others.
    pub(crate) fn strike(&self, step: u32, fault: &Fault) {
        self.levers.strike(step, fault);
    }

    /// Ends every fault that lasts; a server that is down comes up at once. What strikes later lasts as it says.
    pub(crate) fn heal(&self) {
        self.levers.heal();
        self.levers.is_healed.store(false, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether the server's process runs and was not told to stop.
    pub(crate) fn server_is_up(&self) -> bool {
        self.levers.machine.is_up()
    }

    /// The directory of conversation files.
    pub(crate) fn feed(&self) -> FeedFiles {
        self.levers.feed.files.clone()
    }
}

/// Who tells `recorder` what a device of this name does and hears.
pub(crate) fn watcher(device: &str, recorder: &Recorder) -> Arc<dyn Observer> {
    Arc::new(Watcher::new(device, recorder.clone(), Book::default()))
}
