//! Operations that were not definitely answered yet. Each keeps its idempotency key until it is (PROTOCOL.md,
//! promise 8; REQUIREMENTS.md CG-1 and CG-3).
//!
//! A list and nothing more: the conversation takes commands from it, the worker takes REST operations, and both put
//! outcomes back. It survives reconnects because it lives outside of every connection.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::operation::{Operation, Outcome, Pending};

/// The number of an operation in its client's order.
pub(super) type Ticket = u64;

/// An operation and its key.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) ticket: Ticket,
    pub(super) operation: Arc<Operation>,
    pub(super) key: Arc<str>,
}

/// All operations that wait for an answer, in the order in which they were performed.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    last_ticket: Ticket,
    entries: BTreeMap<Ticket, Entry>,
}

#[derive(Debug)]
struct Entry {
    item: Item,
    reply: oneshot::Sender<Outcome>,
}

impl Outbox {
    /// Appends an operation.
    pub(super) fn push(&mut self, operation: Operation, key: Arc<str>) -> Pending {
        let (reply, receiver) = oneshot::channel();
        self.last_ticket += 1;
        let item = Item { ticket: self.last_ticket, operation: Arc::new(operation), key };
        self.entries.insert(self.last_ticket, Entry { item, reply });
        Pending(receiver)
    }

    /// The first command for the WebSocket after `ticket`.
    pub(super) fn command_after(&self, ticket: Ticket) -> Option<Item> {
        self.entries
            .range((Bound::Excluded(ticket), Bound::Unbounded))
            .map(|(_, entry)| &entry.item)
            .find(|item| item.operation.is_command())
            .cloned()
    }

    /// The operation with this ticket, if it still waits.
    pub(super) fn get(&self, ticket: Ticket) -> Option<Item> {
        self.entries.get(&ticket).map(|entry| entry.item.clone())
    }

    /// The oldest operation that is not for the WebSocket.
    pub(super) fn first_for_rest(&self) -> Option<Item> {
        self.entries.values().map(|entry| &entry.item).find(|item| !item.operation.is_command()).cloned()
    }

    /// A definite answer came: the operation leaves the outbox. None if it had left before.
    pub(super) fn settle(&mut self, ticket: Ticket, outcome: Outcome) -> Option<Item> {
        let entry = self.entries.remove(&ticket)?;
        // The receiver is gone when the operation was detached.
        let _ = entry.reply.send(outcome);
        Some(entry.item)
    }

    /// There is no connection: what is worth doing only at once is not done any more.
    pub(super) fn lapse(&mut self) {
        let momentary = |entry: &Entry| entry.item.operation.is_momentary();
        let lapsed: Vec<Ticket> =
            self.entries.iter().filter(|(_, entry)| momentary(entry)).map(|(ticket, _)| *ticket).collect();
        for ticket in lapsed {
            self.settle(ticket, Outcome::Lapsed);
        }
    }

    /// The client ends: whoever waits learns that the outcome is not known.
    pub(super) fn abandon(&mut self) {
        self.entries.clear();
    }

    /// How many operations wait.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::RoomId;

    fn send() -> Operation {
        Operation::SendMessage { room: RoomId(Uuid::nil()), body: "hi".to_owned() }
    }

    #[tokio::test]
    async fn each_way_takes_its_own_in_order_until_settled() {
        let mut outbox = Outbox::default();
        let first = outbox.push(send(), "a".into());
        let refresh = outbox.push(Operation::RefreshToken, "b".into());
        outbox.push(send(), "c".into());

        assert_eq!(outbox.command_after(0).unwrap().key.as_ref(), "a");
        assert_eq!(outbox.command_after(1).unwrap().key.as_ref(), "c");
        assert!(outbox.command_after(3).is_none());
        assert_eq!(outbox.first_for_rest().unwrap().key.as_ref(), "b");

        assert!(outbox.settle(2, Outcome::Refreshed).is_some());
        assert!(outbox.settle(2, Outcome::Refreshed).is_none(), "an answer settles once");
        assert_eq!(refresh.await, Outcome::Refreshed);
        assert_eq!(outbox.len(), 2);

        let typing = outbox.push(Operation::Typing { room: RoomId(Uuid::nil()) }, "d".into());
        outbox.lapse();
        assert_eq!(typing.await, Outcome::Lapsed);
        assert_eq!(outbox.len(), 2, "what can wait, waits");

        outbox.abandon();
        assert_eq!(first.await, Outcome::Abandoned);
        assert_eq!(outbox.len(), 0);
    }
}
