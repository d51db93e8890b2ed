//! Whether what was committed is what the contract says.

use std::collections::BTreeMap;

use system::protocol::{Event, EventBody, StreamId};

use super::misfit::Misfit;
use super::state::State;

/// What was committed must be what the contract says, in the order of each stream, and at the next positions.
pub(super) fn compare<'t>(
    state: &State,
    place: usize,
    expected: &[(StreamId, EventBody)],
    events: &[&'t Event],
    lead: &'t Event,
) -> Result<(), Misfit<'t>> {
    let mut left: Vec<&Event> = events.to_vec();
    let mut heads = BTreeMap::new();
    for (stream, body) in expected {
        let Some(found) = left.iter().position(|event| event.stream == *stream) else {
            return Err(Misfit::Missing { event: lead, expected: Box::new((*stream, body.clone())) });
        };
        let event = left.remove(found);
        let head = heads.entry(*stream).or_insert_with(|| state.head(*stream));
        *head += 1;
        let same = event.body == *body && event.seq == *head;
        if !same || event.sender != lead.sender || event.timestamp != lead.timestamp {
            let event = events.iter().copied().find(|other| std::ptr::eq(*other, event)).unwrap_or(lead);
            return Err(Misfit::Differs { place, event, expected: Some(Box::new((*stream, body.clone()))) });
        }
    }
    match left.first() {
        None => Ok(()),
        Some(extra) => {
            let event = events.iter().copied().find(|other| std::ptr::eq(*other, *extra)).unwrap_or(lead);
            Err(Misfit::Differs { place, event, expected: None })
        }
    }
}
