//! When a server may say that it fails, and give up: while its power or its disk fails under it.

use std::collections::BTreeSet;

use crate::trace::{At, Concern, FaultChange, Observation, Phase, ServerChange};

/// How long after a disk has recovered its server may still learn of what it missed, in simulated microseconds.
const AFTERMATH_US: u64 = 2_000_000;

/// Follows a trace and knows whether the server's machine is to blame.
#[derive(Default)]
pub(super) struct Excuse {
    /// Losses of power that have begun and not happened: the disk decides when.
    losses_to_come: u32,
    /// The power is gone, and nobody has started the server since.
    power_is_gone: bool,
    /// The steps of the faults from which the disk suffers.
    ailing: BTreeSet<u32>,
    /// When the disk last recovered.
    recovered: Option<At>,
}

impl Excuse {
    /// Takes notice of the next observation.
    pub(super) fn observe(&mut self, at: At, what: &Observation) {
        match what {
            Observation::Fault { kind, step, change, .. } => match (kind.concerns, change) {
                // The power may fail again when the server is back: both belong to the one fault.
                (Concern::Power, FaultChange::Began) if kind.name == "recovery_crash" => self.losses_to_come += 2,
                (Concern::Power, FaultChange::Began) => self.losses_to_come += 1,
                (Concern::Disk, FaultChange::Began) => {
                    self.ailing.insert(*step);
                }
                (Concern::Disk, FaultChange::Ended) if self.ailing.remove(step) => self.recovered = Some(at),
                _ => {}
            },
            Observation::Server { change: ServerChange::PowerLost { .. }, .. } => {
                self.losses_to_come = self.losses_to_come.saturating_sub(1);
                self.power_is_gone = true;
            }
            Observation::Server { change: ServerChange::Started, .. } => self.power_is_gone = false,
            Observation::Phase { phase: Phase::Healed } => {
                self.losses_to_come = 0;
                if !std::mem::take(&mut self.ailing).is_empty() {
                    self.recovered = Some(at);
                }
            }
            _ => {}
        }
    }

    /// Whether the server may fail at that time.
    pub(super) fn holds(&self, at: At) -> bool {
        let aftermath = self.recovered.is_some_and(|recovered| at.0.saturating_sub(recovered.0) < AFTERMATH_US);
        self.losses_to_come > 0 || self.power_is_gone || !self.ailing.is_empty() || aftermath
    }
}
