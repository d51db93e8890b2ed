//! What lasted: connections and their absence, the lives of the server, faults at work.

use std::collections::BTreeMap;

use properties::telling::fault_concerns;
use properties::trace::{At, Concern, FaultChange, Observation, Phase, ServerChange, Trace};

use super::build::Lanes;
use super::model::{Band, BandKind};

/// The bands of a trace, by when they begin.
pub(super) fn bands(trace: &Trace, lanes: &Lanes) -> Vec<Band> {
    let end = trace.entries.iter().map(|entry| entry.at).max().unwrap_or_default();
    let mut pass = Pass { lanes, bands: Vec::new(), devices: BTreeMap::new(), server: None, faults: BTreeMap::new() };
    let mut are_leaving = false;
    for entry in &trace.entries {
        are_leaving |= matches!(entry.what, Observation::Phase { phase: Phase::Quiet });
        pass.observe(entry.at, &entry.what, are_leaving);
    }
    pass.end(end);
    let mut bands = pass.bands;
    bands.sort_by_key(|band| (band.from, band.lane));
    bands
}

/// What is going on so far.
struct Pass<'t> {
    lanes: &'t Lanes,
    bands: Vec<Band>,
    /// What each device is doing, since when.
    devices: BTreeMap<&'t str, Lasting>,
    server: Option<Lasting>,
    /// Lasting faults by their step.
    faults: BTreeMap<u32, (Vec<usize>, Lasting)>,
}

struct Lasting {
    kind: BandKind,
    since: At,
    text: String,
}

impl<'t> Pass<'t> {
    fn observe(&mut self, at: At, what: &'t Observation, are_leaving: bool) {
        match what {
            Observation::ConnectionOpened { device, connection, .. } => {
                let text = format!("connection {connection}");
                self.device(device, Some(Lasting { kind: BandKind::Connected, since: at, text }), at);
            }
            Observation::ConnectionClosed { device, reason, .. } => {
                let was_connected = self.devices.get(&**device).is_some_and(|now| now.kind == BandKind::Connected);
                // One that was never welcomed changes nothing, and who leaves for good is not away.
                if was_connected {
                    let text = format!("not connected: {}", reason.trim_end_matches([':', ' ']));
                    let away = Lasting { kind: BandKind::Away, since: at, text };
                    self.device(device, (!are_leaving).then_some(away), at);
                }
            }
            Observation::Server { incarnation, change } => self.server(at, *incarnation, change),
            Observation::Fault { kind, step, change: FaultChange::Began, text } if kind.lasts => {
                let mut lanes = vec![self.lanes.world()];
                match kind.concerns {
                    Concern::Connections => lanes.extend(self.lanes.devices(|device| fault_concerns(text, device))),
                    _ => lanes.push(self.lanes.server()),
                }
                let lasting = Lasting { kind: BandKind::Fault, since: at, text: text.clone() };
                self.faults.insert(*step, (lanes, lasting));
            }
            Observation::Fault { step, change: FaultChange::Ended, .. } => {
                if let Some((lanes, lasting)) = self.faults.remove(step) {
                    lanes.into_iter().for_each(|lane| self.close(lane, &lasting, at));
                }
            }
            Observation::Phase { phase: Phase::Healed } => self.end_faults(at),
            _ => {}
        }
    }

    fn device(&mut self, device: &'t str, next: Option<Lasting>, at: At) {
        let before = match next {
            Some(next) => self.devices.insert(device, next),
            None => self.devices.remove(device),
        };
        if let (Some(before), Some(lane)) = (before, self.lanes.device(device)) {
            self.close(lane, &before, at);
        }
    }

    fn server(&mut self, at: At, incarnation: u32, change: &ServerChange) {
        let next = match change {
            ServerChange::Started => return,
            ServerChange::Listening => (BandKind::Up, format!("server {incarnation}")),
            // What ends a server that is on its way down already is part of that.
            _ if self.server.as_ref().is_none_or(|now| now.kind == BandKind::Down) => return,
            _ => (BandKind::Down, "the server is down".to_owned()),
        };
        let (kind, text) = next;
        if let Some(before) = self.server.replace(Lasting { kind, since: at, text }) {
            self.close(self.lanes.server(), &before, at);
        }
    }

    fn end_faults(&mut self, at: At) {
        for (lanes, lasting) in std::mem::take(&mut self.faults).into_values() {
            lanes.into_iter().for_each(|lane| self.close(lane, &lasting, at));
        }
    }

    fn end(&mut self, at: At) {
        self.end_faults(at);
        let devices: Vec<&str> = self.devices.keys().copied().collect();
        devices.into_iter().for_each(|device| self.device(device, None, at));
        if let Some(server) = self.server.take() {
            self.close(self.lanes.server(), &server, at);
        }
    }

    fn close(&mut self, lane: usize, lasting: &Lasting, to: At) {
        let Lasting { kind, since, text } = lasting;
        self.bands.push(Band { kind: *kind, lane, from: *since, to, text: text.clone() });
    }
}
