//! Which pushes a REST call caused (SC-5): the call names itself with a correlation id, and the server puts that name on
//! every event of the call's.

use std::collections::BTreeMap;

use properties::trace::{At, DeviceName, Observation, Trace};
use serde_json::Value;
use system::protocol::{Event, ServerFrame};

use super::digest::milliseconds;
use super::model::{Delivery, EventState, IntegrationEvent, MoveRefused, Resource, Side};
use super::scene::correlation_name;

/// A call that may have changed something.
struct Call {
    sent: At,
    retries: u32,
    answered: bool,
    lost: Option<String>,
}

/// Every event that a REST call caused and that somebody saw, in the order in which they were first seen.
///
/// # Errors
/// One cannot have come about as it was observed: our own mistake.
pub(super) fn integration_events(trace: &Trace, tag: &str) -> Result<Vec<IntegrationEvent>, MoveRefused> {
    let calls = calls(trace, tag);
    let mut events: Vec<IntegrationEvent> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &trace.entries {
        let Observation::FrameReceived { device, frame, .. } = &entry.what else { continue };
        let ServerFrame::Event(event) = &**frame else { continue };
        let Some(call) = calls.get(&event.correlation_id) else { continue };
        let position = format!("{}#{} in {}", event.stream, event.seq, event.epoch.0);
        let place = match places.get(&position) {
            Some(place) => *place,
            None => {
                places.insert(position, events.len());
                events.push(caused(call, event, frame.text())?);
                events.len() - 1
            }
        };
        let event = &mut events[place];
        if event.deliveries.is_empty() {
            event.processing_ms = Some(milliseconds(call.sent, entry.at));
            event.advance(EventState::Processed)?;
        }
        event.deliveries.push(Delivery { device: device.to_string(), at_ms: entry.at.as_ms() });
    }
    Ok(events)
}

fn caused(call: &Call, event: &Event, text: &str) -> Result<IntegrationEvent, MoveRefused> {
    let frame: Value = serde_json::from_str(text).unwrap_or_default();
    let payload = frame["data"].clone();
    let kind = event.body.kind();
    let id = ["id", "user", "room", "session"].iter().find_map(|field| payload[*field].as_str());
    let resource = Resource {
        kind: kind.split('.').next().unwrap_or(kind).to_owned(),
        id: id.map_or_else(|| event.stream.to_string(), str::to_owned),
    };
    let name = event.correlation_id.clone();
    let mut caused = IntegrationEvent::new(kind.to_owned(), Side::Api, resource, call.sent.as_ms(), name);
    caused.user = Some(event.sender);
    caused.payload = payload;
    caused.retries = call.retries;
    if !call.answered {
        // The event is seen, so that the call took effect: the answer was lost, and the repeat only finds it done.
        caused.advance(EventState::Retrying)?;
        caused.error.clone_from(&call.lost);
    }
    caused.advance(EventState::Processing)?;
    Ok(caused)
}

/// Every call that is no reading, by its name.
fn calls(trace: &Trace, tag: &str) -> BTreeMap<String, Call> {
    let mut calls = BTreeMap::new();
    let mut keys: BTreeMap<(DeviceName, String), u32> = BTreeMap::new();
    let name = |device: &DeviceName, request: u32| format!("{}-{request}", correlation_name(tag, device));
    for entry in &trace.entries {
        match &entry.what {
            Observation::Requested { device, request, method, idempotency_key, .. }
                if !matches!(&**method, "GET" | "HEAD" | "OPTIONS") =>
            {
                let sent_before = idempotency_key.as_ref().map_or(0, |key| {
                    let count = keys.entry((device.clone(), key.to_string())).or_default();
                    *count += 1;
                    *count - 1
                });
                let call = Call { sent: entry.at, retries: sent_before, answered: false, lost: None };
                calls.insert(name(device, *request), call);
            }
            Observation::Answered { device, request, .. } => {
                if let Some(call) = calls.get_mut(&name(device, *request)) {
                    call.answered = true;
                }
            }
            Observation::AnswerLost { device, request, reason } => {
                if let Some(call) = calls.get_mut(&name(device, *request)) {
                    call.lost = Some(reason.clone());
                }
            }
            _ => {}
        }
    }
    calls
}
