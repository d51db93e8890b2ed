//! The log: every stream gapless from 1 in one epoch, every number once, every message kept (PROTOCOL.md, promise 1).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::findings::Findings;
use crate::protocol::{Epoch, EventBody, StreamId};
use crate::store::key::{MessageKey, RoomKey, StreamKey, log_place};
use crate::store::log::Commit;
use crate::store::view::TableName;
use crate::store::{StoreError, View};

/// What the findings call it.
const WHAT: &str = "events";

/// Where each stream of the log ends, and which numbers were given out.
#[derive(Debug, Default)]
pub(super) struct Streams {
    ends: BTreeMap<StreamId, End>,
    numbers: Numbers,
}

/// The newest event of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) seq: u64,
    pub(super) epoch: Epoch,
    number: u64,
}

impl Streams {
    /// Reads all of the log.
    pub(super) fn read(view: &View<'_>, findings: &mut Findings) -> Result<Self, StoreError> {
        let mut streams = Self::default();
        view.walk(TableName::Log, None, &mut |key, row| {
            findings.count(WHAT, key.len() + row.len());
            let Some((stream, seq)) = log_place(key) else {
                findings.problem(WHAT, &key.escape_ascii().to_string(), "lies under a key that is none");
                return Ok(ControlFlow::Continue(()));
            };
            let place = format!("{stream} {seq}");
            match Commit::from_row(key, row) {
                Ok(commit) => streams.take(view, stream, seq, &commit, &mut |problem| {
                    findings.problem(WHAT, &place, &problem);
                })?,
                Err(error) => findings.problem(WHAT, &place, &error.to_string()),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(streams)
    }

    /// Where a stream ends.
    pub(super) fn end_of(&self, stream: StreamId) -> Option<End> {
        self.ends.get(&stream).copied()
    }

    /// The greatest number that was given out.
    pub(super) fn last_number(&self) -> u64 {
        self.numbers.last
    }

    /// Notes each stream that has events and no head.
    pub(super) fn require_heads(&self, view: &View<'_>, findings: &mut Findings) -> Result<(), StoreError> {
        for (stream, end) in &self.ends {
            if !view.contains(&StreamKey(*stream))? {
                findings.problem("streams", &stream.to_string(), &format!("has {} events and no head", end.seq));
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        view: &View<'_>,
        stream: StreamId,
        seq: u64,
        commit: &Commit,
        note: &mut dyn FnMut(String),
    ) -> Result<(), StoreError> {
        let (event, number) = (&commit.event, commit.number.0);
        if (event.stream, event.seq) != (stream, seq) {
            note(format!("says that it is {} {}", event.stream, event.seq));
        }
        let before = self.ends.insert(stream, End { seq, epoch: event.epoch, number });
        if before.map_or(0, |before| before.seq) + 1 != seq {
            note(format!("follows {}: a gap", before.map_or(0, |before| before.seq)));
        }
        if let Some(before) = before {
            if before.epoch != event.epoch {
                note(format!("is of epoch {}, the one before it of {}", event.epoch.0, before.epoch.0));
            }
            if before.number >= number {
                note(format!("was committed as number {number}, the one before it as {}", before.number));
            }
        }
        if !self.numbers.take(number) {
            note(format!("has number {number}, as another event has"));
        }
        if let EventBody::MessageCreated(message) = &event.body
            && !view.contains(&MessageKey(message.room, message.seq))?
            && view.contains(&RoomKey(message.room))?
        {
            note("creates a message that is not there".to_owned());
        }
        Ok(())
    }
}

/// Which numbers of events were seen: a bit each, since no order finds a repeat.
#[derive(Debug, Default)]
struct Numbers {
    seen: Vec<u64>,
    last: u64,
}

/// A number beyond this is damage, not a reason to ask for the memory (8 GiB of bits would be 64 G events).
const NUMBER_LIMIT: u64 = 1 << 36;

impl Numbers {
    /// False if it was seen, or cannot be.
    fn take(&mut self, number: u64) -> bool {
        if number == 0 || number > NUMBER_LIMIT {
            return false;
        }
        self.last = self.last.max(number);
        let (word, bit) = (usize::try_from(number / 64).expect("it is below the limit"), number % 64);
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let new = self.seen[word] & (1 << bit) == 0;
        self.seen[word] |= 1 << bit;
        new
    }
}
