//! All that a company's owner can read, to be compared before and after.

use std::collections::BTreeMap;

use system::client::{CallError, Connector, Rest};
use system::protocol::{Epoch, EventPage, Position, Snapshot, SnapshotState, StreamId};

/// The snapshot and the whole log of every stream of a company.
pub async fn whole_state<C: Connector>(
    rest: &Rest<C>,
    token: &str,
    company: StreamId,
) -> Result<BTreeMap<StreamId, (Snapshot, EventPage)>, CallError> {
    let mut state = BTreeMap::new();
    let mut streams = vec![company];
    while let Some(stream) = streams.pop() {
        if state.contains_key(&stream) {
            continue;
        }
        let snapshot = rest.snapshot(token, stream).await?;
        let start = Position { seq: 0, epoch: Epoch(snapshot.epoch.0) };
        let events = rest.events(token, stream, start, 200).await?;
        assert!(!events.more, "a company of these tests has short streams");
        match &snapshot.state {
            SnapshotState::Company { users, rooms, .. } => {
                streams.extend(users.iter().map(|user| StreamId::User(user.id)));
                streams.extend(rooms.iter().map(|room| StreamId::Room(room.id)));
            }
            SnapshotState::User { rooms, .. } => streams.extend(rooms.iter().map(|room| StreamId::Room(*room))),
            SnapshotState::Room { .. } => {}
        }
        state.insert(stream, (snapshot, events));
    }
    Ok(state)
}
