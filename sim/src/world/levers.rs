//! What a fault can do to the world. Each fault's own file says which of these it pulls.

use std::sync::Arc;
use std::time::Duration;

use properties::trace::{FaultChange, Observation};
use tokio::time::sleep;

use super::feed::FeedWriter;
use super::machine::Machine;
use super::recorder::Recorder;
use crate::faults::{Direction, Fault, Target};
use crate::interpose;
use crate::network::Weather;

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
}

impl Levers {
    /// Cuts the devices of `target` off for a while.
    pub fn cut(&self, step: u32, target: &Target, direction: Direction, for_ms: u64) {
        for device in self.devices_of(target) {
            self.weather.cut(step, device, direction);
        }
        self.end_weather(step, "cut", for_ms);
    }

    /// Holds up the bytes of the devices of `target` for a while.
    pub fn stall(&self, step: u32, target: &Target, for_ms: u64) {
        for device in self.devices_of(target) {
            self.weather.stall(step, device);
        }
        self.end_weather(step, "stall", for_ms);
    }

    /// Breaks every connection of the devices of `target`.
    pub fn reset(&self, step: u32, target: &Target) {
        for device in self.devices_of(target) {
            self.weather.reset(step, device);
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

    /// Moves the server's wall clock.
    pub fn jump_clock(&self, step: u32, by_ms: i64) {
        self.machine.clock.jump_ms(by_ms);
        interpose::set_wall_offset_ms(self.machine.clock.offset_ms());
        if self.machine.is_up() {
            self.recorder.record_effect("clock_jump", step, format!("the server's clock moved by {by_ms} ms"));
        }
    }

    /// Lets a fault happen.
    pub(super) fn strike(&self, step: u32, fault: &Fault) {
        let (kind, text) = (fault.kind(), fault.describe());
        self.recorder.record(Observation::Fault { kind, step, change: FaultChange::Began, text });
        fault.strike(step, self);
    }

    /// Ends every fault that lasts.
    pub(super) fn heal(&self) {
        self.weather.end_all();
        self.machine.heal();
        self.report_effects();
    }

    /// Records what the weather did since the last time.
    pub(super) fn report_effects(&self) {
        for effect in self.weather.take_effects() {
            self.recorder.record_effect(effect.kind, effect.step, effect.text);
        }
    }

    fn end_weather(&self, step: u32, kind: &'static str, for_ms: u64) {
        let levers = self.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(for_ms)).await;
            levers.weather.end(step);
            let text = format!("the {kind} is over");
            levers.recorder.record(Observation::Fault { kind, step, change: FaultChange::Ended, text });
            levers.report_effects();
        });
    }

    fn devices_of<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = &'a str> + 'a {
        self.devices.iter().map(String::as_str).filter(move |device| match target {
            Target::Device(name) => *device == name,
            Target::User(name) => device.split_once('/').is_some_and(|(user, _)| user == name),
            Target::Everyone => true,
        })
    }
}
