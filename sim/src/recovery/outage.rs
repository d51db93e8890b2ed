//! The times in which a device wanted its connection and had none.

use std::collections::BTreeMap;

use properties::trace::{At, Observation, Phase, Trace};

use crate::history::History;
use crate::operations::Action;

/// A device without the connection that it wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Outage {
    pub(super) device: String,
    /// When it last heard of the server.
    pub(super) heard: At,
    /// When its connection ended.
    pub(super) lost: At,
    /// When it was welcomed again; none when the storm's heal found it without.
    pub(super) back: Option<At>,
}

/// What is known of a device so far.
#[derive(Default)]
struct Device {
    heard: At,
    lost: Option<(At, At)>,
    /// It closed its connection by itself.
    stays_away: bool,
}

/// Every outage that began in the storm, and when each device had last heard of the server when the heal came.
pub(super) fn outages(history: &History, trace: &Trace) -> (Vec<Outage>, BTreeMap<String, At>) {
    let wishes: BTreeMap<u32, bool> = history
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Close(_) => Some((step.id, false)),
            Action::Open(_) => Some((step.id, true)),
            _ => None,
        })
        .collect();
    let (mut devices, mut outages) = (BTreeMap::<String, Device>::new(), Vec::new());
    for observed in &trace.entries {
        if matches!(observed.what, Observation::Phase { phase: Phase::Healed }) {
            break;
        }
        let Some(name) = observed.what.device() else { continue };
        if !devices.contains_key(name) {
            devices.insert(name.to_owned(), Device::default());
        }
        let Some(device) = devices.get_mut(name) else { continue };
        match &observed.what {
            Observation::Step { step, .. } => match wishes.get(step) {
                Some(true) => device.stays_away = false,
                Some(false) => (device.stays_away, device.lost) = (true, None),
                None => {}
            },
            Observation::ConnectionOpened { .. } => {
                if let Some((heard, lost)) = device.lost.take() {
                    let back = Some(observed.at);
                    outages.push(Outage { device: name.to_owned(), heard, lost, back });
                }
                device.heard = observed.at;
            }
            Observation::ConnectionClosed { code, .. } => {
                // Whom the server sends away for good does not come back by itself.
                let for_good = code.is_some_and(|code| (4500..5000).contains(&code));
                if !device.stays_away && !for_good {
                    device.lost = Some((device.heard, observed.at));
                }
            }
            Observation::FrameReceived { .. } => device.heard = observed.at,
            _ => {}
        }
    }
    let heard = devices.iter().map(|(name, device)| (name.clone(), device.heard)).collect();
    outages.extend(devices.into_iter().filter_map(|(device, state)| {
        let (heard, lost) = state.lost?;
        Some(Outage { device, heard, lost, back: None })
    }));
    (outages, heard)
}
