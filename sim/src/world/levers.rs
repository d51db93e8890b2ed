//! What a fault can do to the world. Each fault's own file says which of these it pulls.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::cast::Cast;
use super::device_clocks::DeviceClocks;
use super::feed::FeedWriter;
use super::machine::Machine;
use super::recorder::Recorder;
use crate::disk::Ailment;
use crate::faults::{Fault, Moment, Target};
use crate::interpose;
use crate::network::{Condition, Weather};
use crate::words::amount;

/// Everything that a fault can move. Clones move the same world.
#[derive(Clone)]
pub struct Levers {
    pub(super) weather: Weather,
    pub(super) machine: Machine,
    pub(super) recorder: Recorder,
    /// The program that writes conversation files.
    pub(super) feed: FeedWriter,
    /// All devices: `user/device`, those that come later too.
    pub(super) devices: Roster,
    /// The wall clocks of all devices.
    pub(super) device_clocks: DeviceClocks,
    /// The devices at work, once they are there.
    pub(super) cast: Arc<OnceLock<Cast>>,
    /// The storm is over: what is still to come of a fault does not come.
    pub(super) is_healed: Arc<AtomicBool>,
    /// Where what comes later waits: on the director's host, whatever host a fault strikes from.
    pub(super) runtime: Arc<OnceLock<Handle>>,
}

/// The names of devices, `user/device`, in the order in which they became known. Clones are the same roster.
#[derive(Clone)]
pub(super) struct Roster(Arc<Mutex<Vec<Arc<str>>>>);

impl Roster {
    pub(super) fn new(devices: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(devices.into_iter().map(Arc::from).collect())))
    }

    /// One more, unless it is known.
    pub(super) fn add(&self, device: &str) {
        let mut devices = self.lock();
        if !devices.iter().any(|known| **known == *device) {
            devices.push(device.into());
        }
    }

    fn all(&self) -> Vec<Arc<str>> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Levers {
    /// Puts the links of the devices of `target` under a condition for a while.
    pub fn disturb(&self, step: u32, target: &Target, condition: Condition, for_ms: u64) {
        for device in self.devices_of(target) {
            self.weather.begin(step, &device, condition);
        }
        self.end_weather(step, for_ms);
    }

    /// Breaks every connection of the devices of `target`; both ends hear of it.
    pub fn reset(&self, step: u32, target: &Target) {
        for device in self.devices_of(target) {
            self.weather.reset(step, &device);
        }
    }

    /// Takes every connection from the devices of `target`; the server hears nothing.
    pub fn vanish(&self, step: u32, target: &Target) {
        for device in self.devices_of(target) {
            self.weather.vanish(step, &device);
        }
    }

    /// Kills the server's process.
    pub fn kill(&self, step: u32, down_ms: u64) {
        self.machine.kill(step, down_ms);
    }

    /// Takes the power from the server's machine.
    pub fn lose_power(&self, step: u32, after_operations: u32, down_ms: u64) {
        self.machine.lose_power(step, after_operations, down_ms);
    }

    /// Stops the server and starts it again.
    pub fn restart(&self, step: u32, down_ms: u64) {
        self.machine.restart(step, down_ms);
    }

    /// Kills the server's process; its successor takes longer until it listens.
    pub fn start_slowly(&self, step: u32, down_ms: u64, start_ms: u64) {
        self.machine.start_slowly(step, down_ms, start_ms);
    }

    /// Takes the power from the server's machine, and once more while it recovers.
    pub fn lose_power_twice(&self, step: u32, after_operations: u32, down_ms: u64) {
        self.machine.lose_power_twice(step, after_operations, down_ms);
    }

    /// Restarts the server several times, each time as soon as it is up.
    pub fn restart_again_and_again(&self, step: u32, times: u32, down_ms: u64) {
        let levers = self.clone();
        self.spawn(async move {
            for _ in 0..times {
                while !levers.machine.is_up() {
                    sleep(Duration::from_millis(20)).await;
                }
                if levers.is_healed.load(Ordering::Relaxed) {
                    return;
                }
                levers.machine.restart(step, down_ms);
            }
        });
    }

    /// Kills the server's process, and flips a bit of its disk for a while.
    pub fn flip_bit(&self, step: u32, down_ms: u64, for_ms: u64) {
        self.machine.flip_bit(step, down_ms);
        self.after(for_ms, move |levers| {
            if let Some(text) = levers.machine.disk.put_right(step) {
                levers.recorder.record_effect(step, text);
            }
            levers.report_end(step);
        });
    }

    /// Lets the server's disk suffer for a while.
    pub fn sicken_disk(&self, step: u32, ailment: Ailment, for_ms: u64) {
        self.machine.disk.suffer(step, ailment);
        self.after(for_ms, move |levers| {
            if let Some(text) = levers.machine.disk.recover(step) {
                levers.recorder.record_effect(step, text);
            }
            levers.report_end(step);
        });
    }

    /// Makes all blocking work of the server slower for a while.
    pub fn burden_server(&self, step: u32, each_ms: u64, for_ms: u64) {
        self.machine.burden.add(each_ms);
        self.after(for_ms, move |levers| {
            let borne = levers.machine.burden.remove(each_ms);
            if borne > 0 {
                let pieces = amount(borne, "piece of work", "pieces of work");
                levers.recorder.record_effect(step, format!("{pieces} took {each_ms} ms longer"));
            }
            levers.report_end(step);
        });
    }

    /// Moves the server's wall clock a little each second for a while.
    pub fn drift_clock(&self, step: u32, by_ms_each_s: i64, for_ms: u64) {
        for second in 1..=for_ms / 1_000 {
            self.unless_healed_after(second * 1_000, move |levers| levers.set_clock(step, by_ms_each_s));
        }
        self.after(for_ms, move |levers| levers.report_end(step));
    }

    /// Moves the server's wall clock.
    pub fn set_clock(&self, step: u32, by_ms: i64) {
        self.machine.clock.jump_ms(by_ms);
        interpose::set_wall_offset_ms(self.machine.clock.offset_ms());
        if self.machine.is_up() {
            self.recorder.record_effect(step, format!("the server's clock moved by {by_ms} ms"));
        }
    }

    /// Moves the wall clocks of the devices of `target`.
    pub fn set_device_clocks(&self, step: u32, target: &Target, by_ms: i64) {
        for device in self.devices_of(target) {
            self.device_clocks.jump(&device, step, by_ms);
        }
    }

    /// Lets `fault` strike when `moment` comes, if within that time and before everything heals.
    pub fn wait(&self, step: u32, moment: Moment, within_ms: u64, fault: &Fault) {
        let (levers, fault, when) = (self.clone(), fault.clone(), moment.to_string());
        self.recorder.moments().wait(moment, Duration::from_millis(within_ms), move || {
            levers.happen(step, &fault, format!("{when}: {}", fault.describe()));
        });
    }

    /// Does something later, unless the world has healed by then.
    pub fn unless_healed_after(&self, ms: u64, act: impl FnOnce(&Self) + Send + 'static) {
        self.after(ms, move |levers| {
            if !levers.is_healed.load(Ordering::Relaxed) {
                act(levers);
            }
        });
    }

    /// Lets a fault happen, or wait for its moment.
    pub(super) fn strike(&self, step: u32, fault: &Fault) {
        match fault.awaits() {
            Some(_) => fault.strike(step, self),
            None => self.happen(step, fault, fault.describe()),
        }
    }

    fn happen(&self, step: u32, fault: &Fault, text: String) {
        if fault.awaits().is_none() {
            self.recorder.begin_fault(step, fault.listed(), text);
        }
        fault.strike(step, self);
    }

    /// The stage is set: these are the devices.
    pub(super) fn set_cast(&self, cast: Cast) {
        // A run has one stage.
        let _ = self.cast.set(cast);
    }

    /// Whether the storm is over.
    pub(super) fn is_over(&self) -> bool {
        self.is_healed.load(Ordering::Relaxed)
    }

    /// Ends every fault that lasts.
    pub(super) fn heal(&self) {
        self.is_healed.store(true, Ordering::Relaxed);
        self.recorder.moments().forget();
        self.close_tabs(None);
        self.weather.end_all();
        for (step, text) in self.machine.disk.recover_from_all() {
            self.recorder.record_effect(step, text);
        }
        for (step, text) in self.machine.disk.put_all_right() {
            self.recorder.record_effect(step, text);
        }
        self.machine.burden.lift();
        self.machine.heal();
        self.report_effects();
    }

    /// Records what the weather did since the last time.
    pub(super) fn report_effects(&self) {
        for effect in self.weather.take_effects() {
            self.recorder.record_effect(effect.step, effect.text);
        }
    }

    fn end_weather(&self, step: u32, for_ms: u64) {
        self.after(for_ms, move |levers| {
            levers.weather.end(step);
            levers.report_end(step);
            levers.report_effects();
        });
    }

    pub(super) fn report_end(&self, step: u32) {
        self.recorder.end_fault(step);
    }

    /// Does something later, even if the world has healed by then.
    pub(super) fn after(&self, ms: u64, act: impl FnOnce(&Self) + Send + 'static) {
        let levers = self.clone();
        self.spawn(async move {
            sleep(Duration::from_millis(ms)).await;
            act(&levers);
        });
    }

    /// Begins something that goes on by itself, on the director's host.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        match self.runtime.get() {
            Some(runtime) => drop(runtime.spawn(work)),
            None => drop(tokio::spawn(work)),
        }
    }

    pub(super) fn devices_of(&self, target: &Target) -> impl Iterator<Item = Arc<str>> {
        self.devices.all().into_iter().filter(|device| target.covers(device))
    }
}
