//! The final log of each stream, and when each of its events was committed.

use std::collections::BTreeMap;

use system::protocol::{Epoch, Event, StreamId};

use crate::trace::{Observation, ServerChange, Trace};

/// The final logs: the ground truth of what is durable.
#[derive(Debug, Default)]
pub(crate) struct Log<'t> {
    streams: BTreeMap<StreamId, StreamLog<'t>>,
    commits: BTreeMap<StreamId, Vec<(u64, usize)>>,
    told: Vec<usize>,
    crashes: Vec<Crash>,
    gone: BTreeMap<StreamId, usize>,
    complete: bool,
    last_entry: usize,
}

/// The final log of one stream.
#[derive(Debug)]
pub(crate) struct StreamLog<'t> {
    /// The entry that tells of it.
    pub(crate) entry: usize,
    /// The history that its events count in.
    pub(crate) epoch: Epoch,
    /// From the first to the last.
    pub(crate) events: &'t [Event],
}

/// Entries between which something happened; both the same where that is known exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    /// Not before.
    pub(crate) from: usize,
    /// Not after.
    pub(crate) to: usize,
}

/// An end of the server's process: commits may have become durable in it without a word in the server's log.
#[derive(Clone, Copy, Debug)]
struct Crash {
    /// The last commit that the server told of before.
    last_commit: usize,
    /// The next start of the server.
    next_start: usize,
}

impl<'t> Log<'t> {
    pub(crate) fn new(trace: &'t Trace) -> Self {
        let mut log = Self { last_entry: trace.entries.len(), ..Self::default() };
        let mut failed_read = false;
        let mut down = false;
        for (entry, observed) in trace.entries.iter().enumerate() {
            match &observed.what {
                Observation::Committed { stream, seq, .. } => {
                    log.told.push(entry);
                    log.commits.entry(*stream).or_default().push((*seq, entry));
                }
                Observation::Server { change: ServerChange::Started, .. } => {
                    if let Some(crash) = log.crashes.last_mut().filter(|_| down) {
                        crash.next_start = entry;
                    }
                    down = false;
                }
                Observation::Server { change, .. } if *change != ServerChange::Listening && !down => {
                    let last_commit = log.told.last().copied().unwrap_or(0);
                    log.crashes.push(Crash { last_commit, next_start: trace.entries.len() });
                    down = true;
                }
                Observation::FinalLog { stream, epoch, events } => {
                    log.streams.insert(*stream, StreamLog { entry, epoch: *epoch, events });
                }
                Observation::FinalGone { stream } => {
                    log.gone.insert(*stream, entry);
                }
                Observation::FinalReadFailed { .. } => failed_read = true,
                _ => {}
            }
        }
        for commits in log.commits.values_mut() {
            commits.sort_unstable();
        }
        log.complete = !failed_read && !log.streams.is_empty();
        log
    }

    /// Every stream was read at the end: what is not in the log is not on the server.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The entry that tells that a stream is gone, if it is: deleted with all that was in it, so that no log can say what
    /// it held. Whether it may be gone is rights/deleted-rooms' to judge.
    pub(crate) fn gone(&self, stream: StreamId) -> Option<usize> {
        self.gone.get(&stream).copied()
    }

    /// The streams that are gone, each with the entry that tells so.
    pub(crate) fn all_gone(&self) -> impl Iterator<Item = (StreamId, usize)> {
        self.gone.iter().map(|(stream, entry)| (*stream, *entry))
    }

    /// The final logs, by stream.
    pub(crate) fn streams(&self) -> impl Iterator<Item = (StreamId, &StreamLog<'t>)> {
        self.streams.iter().map(|(stream, log)| (*stream, log))
    }

    /// The final log of one stream.
    pub(crate) fn stream(&self, stream: StreamId) -> Option<&StreamLog<'t>> {
        self.streams.get(&stream)
    }

    /// The event at a place in a final log.
    pub(crate) fn event(&self, stream: StreamId, seq: u64) -> Option<&'t Event> {
        self.streams.get(&stream)?.event(seq)
    }

    /// The entry at which the server told that it committed an event, where it told so exactly once.
    pub(crate) fn committed(&self, stream: StreamId, seq: u64) -> Option<usize> {
        match self.told(stream, seq) {
            [(_, entry)] => Some(*entry),
            _ => None,
        }
    }

    /// Whether the server told of a commit only after the stream's final log was read: it cleans up on its own, and may do
    /// so at any time.
    pub(crate) fn came_after_the_last_look(&self, stream: StreamId, seq: u64) -> bool {
        let committed = self.committed(stream, seq);
        self.stream(stream).zip(committed).is_some_and(|(log, committed)| seq > log.head() && committed > log.entry)
    }

    /// When an event was committed.
    ///
    /// A commit that the server did not tell of lies after its predecessor in the stream, before its successor, and
    /// by the server's nature at one of its ends: only a process that dies can commit and not say so.
    pub(crate) fn span(&self, stream: StreamId, seq: u64) -> Span {
        match self.told(stream, seq) {
            [(_, entry)] => return Span { from: *entry, to: *entry },
            [(_, first), .., (_, last)] => return Span { from: *first, to: *last },
            [] => {}
        }
        let commits = self.commits.get(&stream).map_or(&[][..], Vec::as_slice);
        let next = commits.partition_point(|(told, _)| *told < seq);
        let from = next.checked_sub(1).map_or(0, |place| commits[place].1);
        let to = commits.get(next).map_or(self.last_entry, |(_, entry)| *entry);
        let mut crashes = self.crashes.iter().filter(|crash| crash.next_start >= from && crash.last_commit <= to);
        let first = crashes.next();
        let last = crashes.next_back().or(first);
        Span {
            from: first.map_or(from, |crash| from.max(crash.last_commit)),
            to: last.map_or(to, |crash| to.min(crash.next_start)),
        }
    }

    /// The last entry that tells of a commit which the server can have known when `entry` was observed.
    ///
    /// A commit is durable, and may be read, a moment before the server tells of it. There is one writer, so that can
    /// be one commit only: the next that is told, whose entries follow each other without any other between.
    pub(crate) fn horizon(&self, entry: usize) -> usize {
        let mut next = self.told.partition_point(|told| *told <= entry);
        let Some(mut horizon) = self.told.get(next).copied() else { return self.last_entry };
        while self.told.get(next + 1) == Some(&(horizon + 1)) {
            next += 1;
            horizon += 1;
        }
        horizon
    }

    /// The entry of the commit before the one that is told of at `entry`: what `entry` tells of was decided later.
    pub(crate) fn decided_after(&self, entry: usize) -> usize {
        let mut place = self.told.partition_point(|told| *told < entry);
        let mut begin = entry;
        while place > 0 && self.told[place - 1] + 1 == begin {
            place -= 1;
            begin -= 1;
        }
        place.checked_sub(1).map_or(0, |before| self.told[before])
    }

    fn told(&self, stream: StreamId, seq: u64) -> &[(u64, usize)] {
        let Some(commits) = self.commits.get(&stream) else { return &[] };
        // All but a server that lost commits tells of each seq once and in order: then the place is known.
        let guess = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
        let at = |place: usize| commits.get(place).map(|(told, _)| *told);
        if at(guess) == Some(seq) && at(guess + 1) != Some(seq) && guess.checked_sub(1).and_then(at) != Some(seq) {
            return &commits[guess..=guess];
        }
        let from = commits.partition_point(|(told, _)| *told < seq);
        let count = commits[from..].iter().take_while(|(told, _)| *told == seq).count();
        &commits[from..from + count]
    }
}

impl<'t> StreamLog<'t> {
    /// The event at a place.
    pub(crate) fn event(&self, seq: u64) -> Option<&'t Event> {
        let first = self.events.first()?.seq;
        let place = usize::try_from(seq.checked_sub(first)?).ok()?;
        // A log with a gap breaks ordering/gapless; whoever looks something up in it must still find it.
        self.events
            .get(place)
            .filter(|event| event.seq == seq)
            .or_else(|| self.events.iter().find(|event| event.seq == seq))
    }

    /// The position of the last event; 0 before the first.
    pub(crate) fn head(&self) -> u64 {
        self.events.last().map_or(0, |event| event.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Scene;
    use crate::trace::Entry;

    /// Three messages; the server did not tell of the second, and was started again before the third.
    fn untold() -> (Trace, StreamId) {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        let untold = scene.says("ana/phone", "general", "m2");
        scene.trace.entries.pop();
        scene.server(ServerChange::Killed);
        scene.server(ServerChange::Started);
        scene.says("ana/phone", "general", "m3");
        (scene.ends(), untold.stream)
    }

    fn position(trace: &Trace, looked_for: impl Fn(&Observation) -> bool) -> usize {
        trace.entries.iter().position(|Entry { what, .. }| looked_for(what)).expect("the scene has it")
    }

    #[test]
    fn a_commit_that_was_not_told_lies_between_the_last_that_was_and_the_next_start() {
        let (trace, stream) = untold();
        let log = Log::new(&trace);
        let told = log.committed(stream, 5).unwrap();
        let starts = |what: &Observation| matches!(what, Observation::Server { change: ServerChange::Started, .. });
        let start = trace.entries.iter().rposition(|entry| starts(&entry.what)).unwrap();
        assert_eq!(log.committed(stream, 6), None);
        assert_eq!(log.span(stream, 6), Span { from: told, to: start });
        assert_eq!(log.span(stream, 5), Span { from: told, to: told });
        assert_eq!(log.event(stream, 6).map(|event| event.seq), Some(6), "the log has it all the same");
    }

    #[test]
    fn the_server_can_have_known_one_commit_more_than_it_told() {
        let mut scene = Scene::company();
        scene.says("ana/phone", "general", "m1");
        scene.adds("ana", "general", "gil");
        let trace = scene.ends();
        let log = Log::new(&trace);
        let sent = position(
            &trace,
            |what| matches!(what, Observation::FrameSent { frame, .. } if frame.id.as_deref() == Some("m1")),
        );
        // The message and the addition follow each other without another entry between: they may be one commit.
        assert_eq!(log.horizon(sent), sent + 3);
        assert_eq!(log.horizon(sent + 3), trace.entries.len(), "no further commit was told");
        assert!(log.decided_after(sent + 3) < sent);
    }
}
