//! What a fault can do to the world. Each fault's own file says which of these it pulls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::sleep;

use super::cast::Cast;
use super::feed::FeedWriter;
use super::machine::Machine;
use super::recorder::Recorder;
use crate::disk::Ailment;
use crate::faults::{Fault, Target};
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
    pub(super) devices: Arc<Vec<String>>,
    /// The devices at work, once they are there.
    pub(super) cast: Arc<OnceLock<Cast>>,
    /// The storm is over: what is still to come of a fault does not come.
    pub(super) is_healed: Arc<AtomicBool>,
}

impl Levers {
    /// Puts the links of the devices of `target` under a condition for a while.
    pub fn disturb(&self, step: u32, target: &Target, condition: Condition, for_ms: u64) {
        for device in self.devices_of(target) {
            self.weather.begin(step, device, condition);
        }
        self.end_weather(step, for_ms);
    }

    /// Breaks every connection of the devices of `target`; both ends hear of it.
    pub fn reset(&self, step: u32, target: &Target) {
        for device in self.devices_of(target) {
            self.weather.reset(step, device);
        }
    }

    /// Takes every connection from the devices of `target`; the server hears nothing.
    pub fn vanish(&self, step: u32, target: &Target) {
        for device in self.devices_of(target) {
            self.weather.vanish(step, device);
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
            self.after(second * 1_000, move |levers| {
                if !levers.is_healed.load(Ordering::Relaxed) {
                    levers.set_clock(step, by_ms_each_s);
                }
            });
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

    /// Lets a fault happen.
    pub(super) fn strike(&self, step: u32, fault: &Fault) {
        self.recorder.begin_fault(step, fault.observed_kind(), fault.describe());
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
        self.close_tabs(None);
        self.weather.end_all();
        for (step, text) in self.machine.disk.recover_from_all() {
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
        tokio::spawn(async move {
            sleep(Duration::from_millis(ms)).await;
            act(&levers);
        });
    }

    pub(super) fn devices_of<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = &'a str> + 'a {
        self.devices.iter().map(String::as_str).filter(move |device| match target {
            Target::Device(name) => *device == name,
            Target::User(name) => device.split_once('/').is_some_and(|(user, _)| user == name),
            Target::Everyone => true,
        })
    }
}
