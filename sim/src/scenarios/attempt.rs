//! One attempt at a scenario, on whatever it runs on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt;
use properties::trace::{Observation, ServerChange, Trace};
use system::platform::{OsPlatform, Platform};
use system::protocol::Timestamp;
use tokio::time::timeout;
use xxhash_rust::xxh3::xxh3_64;

use super::model::{ErrorDetails, ErrorKind, Metric, Scenario};
use super::scene::{Ground, Leavings, RealGround, SIMULATED_OPERATOR_TOKEN, Scene, Stop};
use crate::campaign::Panicked;
use crate::clock::WALL_EPOCH_MS;
use crate::world::{self, FEED_DIRECTORY, Recorder, suite_config};

/// What an attempt has shown.
pub(super) struct Attempt {
    pub(super) trace: Trace,
    pub(super) leavings: Leavings,
    pub(super) elapsed: Duration,
    pub(super) started_at: Timestamp,
    pub(super) tag: String,
    /// What was measured of the server's process.
    pub(super) figures: Vec<Metric>,
    /// What ended the body early, if something did. What it found on its way stands in the leavings.
    pub(super) broken_off: Option<ErrorDetails>,
}

/// How a body ended.
enum BodyEnd {
    Whole,
    Stopped(Stop),
    Late,
    Panicked(String),
}

/// An attempt in a simulated world of its own.
pub(super) fn in_simulation(scenario: &'static Scenario, number: u32) -> Attempt {
    let seed = xxh3_64(scenario.id().as_bytes()).wrapping_add(u64::from(number));
    let mut config = suite_config(SIMULATED_OPERATOR_TOKEN);
    FEED_DIRECTORY.clone_into(&mut config.feed.directory);
    if let Some(setting) = scenario.setting() {
        setting(&mut config);
    }
    let tag = "s".to_owned();
    let recorder = Recorder::default();
    let shown: Arc<Mutex<Option<(BodyEnd, Leavings)>>> = Arc::default();
    let performed = world::perform(seed, config, recorder.clone(), {
        let (recorder, shown, tag) = (recorder.clone(), shown.clone(), tag.clone());
        async move |stagehand| {
            let scene = Scene::new(Ground::Simulated(Box::new(stagehand)), recorder, tag);
            let end = play(scenario, &scene).await;
            *shown.lock().expect("nobody panics with it") = Some((end, scene.leavings()));
        }
    });
    let (end, leavings) = match (shown.lock().expect("nobody panics with it").take(), performed.panic) {
        (_, Some(panic)) => (BodyEnd::Panicked(panic), Leavings::default()),
        (Some(shown), None) => shown,
        (None, None) => (BodyEnd::Panicked("the run ended before its body did".to_owned()), Leavings::default()),
    };
    let (trace, elapsed) = (recorder.into_trace(), performed.simulated);
    let broken_off = broken_off(scenario, end, &trace, elapsed);
    Attempt { trace, leavings, elapsed, started_at: Timestamp(WALL_EPOCH_MS), tag, figures: Vec::new(), broken_off }
}

/// An attempt on a real server, from which it takes away afterwards what it can.
pub(super) async fn on_server(scenario: &'static Scenario, server: &Arc<RealGround>) -> Attempt {
    let platform = OsPlatform::new("");
    let started_at = platform.now();
    // The last digits are the random ones.
    let unique = platform.new_uuid().simple().to_string();
    let tag = format!("s{}", &unique[unique.len() - 10..]);
    let recorder = Recorder::in_real_time();
    let scene = Scene::new(Ground::Real(server.clone()), recorder.clone(), tag.clone());
    let end = match AssertUnwindSafe(play(scenario, &scene)).catch_unwind().await {
        Ok(end) => end,
        Err(panic) => BodyEnd::Panicked(Panicked::new(&*panic).message),
    };
    // What cleaning up asks for is nothing that the scenario shows.
    let (elapsed, trace, leavings) = (recorder.elapsed(), recorder.into_trace(), scene.leavings());
    scene.clean_up().await;
    let broken_off = broken_off(scenario, end, &trace, elapsed);
    Attempt { trace, leavings, elapsed, started_at, tag, figures: Vec::new(), broken_off }
}

async fn play(scenario: &'static Scenario, scene: &Scene) -> BodyEnd {
    match timeout(scenario.timeout(), (scenario.body())(scene)).await {
        Ok(Ok(())) => BodyEnd::Whole,
        Ok(Err(stop)) => BodyEnd::Stopped(stop),
        Err(_) => BodyEnd::Late,
    }
}

fn broken_off(scenario: &Scenario, end: BodyEnd, trace: &Trace, elapsed: Duration) -> Option<ErrorDetails> {
    let details = |kind, what, place, correlation_id| ErrorDetails {
        kind,
        what,
        place,
        at_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        correlation_id,
        reproduce: reproduce(scenario),
    };
    let panicked = trace.entries.iter().find_map(|entry| match &entry.what {
        Observation::Server { change: ServerChange::Panicked { message, backtrace }, .. } => {
            Some((message.clone(), backtrace.first().cloned()))
        }
        _ => None,
    });
    match (end, panicked) {
        (BodyEnd::Panicked(what), None) => Some(details(ErrorKind::Panic, what, None, None)),
        (_, Some((message, place))) => {
            Some(details(ErrorKind::ServerPanic, format!("the server panicked: {message}"), place, None))
        }
        (BodyEnd::Stopped(stop), None) => Some(details(stop.kind, stop.what, Some(stop.place), stop.correlation_id)),
        (BodyEnd::Late, None) => {
            let what = format!("it was not over within {} s", scenario.timeout().as_secs());
            Some(details(ErrorKind::Timeout, what, None, None))
        }
        (BodyEnd::Whole, None) => None,
    }
}

/// The command that runs a scenario again.
pub(super) fn reproduce(scenario: &Scenario) -> String {
    format!("cargo sim scenarios --filter {}", scenario.id())
}
