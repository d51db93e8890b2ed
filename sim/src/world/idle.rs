//! A time in which nobody asks for anything: how much work is done in it all the same, and what the server holds then.
//!
//! Whoever waits for a grace lets the time pass here: it is counted in the middle of it, when what came before is over.

use std::time::Duration;

use properties::trace::{Idle, Observation};
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::cast::Cast;
use super::machine::Machine;
use super::recorder::Recorder;

/// How long what came before may have an aftermath.
const SETTLE: Duration = Duration::from_millis(3_000);

/// How long it is counted.
const COUNTED: Duration = Duration::from_millis(10_000);

/// All work that was done so far, and what lives.
struct Pulse {
    server_polls: u64,
    device_polls: u64,
    disk_operations: u64,
    tasks: u64,
    disk_bytes: u64,
}

impl Pulse {
    /// Of now. Called on the host of the devices.
    fn feel(machine: &Machine) -> Self {
        let (server_polls, tasks) = machine.polls_and_tasks();
        Self {
            server_polls,
            device_polls: polls(&Handle::current()),
            disk_operations: machine.disk.operations(),
            tasks,
            disk_bytes: machine.disk.len_bytes() as u64,
        }
    }
}

/// How often a task of a runtime was polled. Each host has one with one thread.
pub(super) fn polls(runtime: &Handle) -> u64 {
    runtime.metrics().worker_poll_count(0)
}

/// Lets `grace` pass, which is longer than what is counted in it.
pub(super) async fn idle(machine: &Machine, cast: &Cast, recorder: &Recorder, grace: Duration) {
    sleep(SETTLE).await;
    let devices = cast.devices().values().filter(|device| device.standing().connected).count();
    let before = Pulse::feel(machine);
    sleep(COUNTED).await;
    let after = Pulse::feel(machine);
    let idle = Idle {
        for_ms: u64::try_from(COUNTED.as_millis()).unwrap_or(u64::MAX),
        devices: devices as u64,
        // A server that was started meanwhile counts from nothing.
        server_polls: after.server_polls.saturating_sub(before.server_polls),
        device_polls: after.device_polls.saturating_sub(before.device_polls),
        disk_operations: after.disk_operations - before.disk_operations,
        tasks_before: before.tasks,
        tasks_after: after.tasks,
        disk_bytes_before: before.disk_bytes,
        disk_bytes_after: after.disk_bytes,
    };
    recorder.record(Observation::Idled { idle });
    sleep(grace.saturating_sub(SETTLE + COUNTED)).await;
}
