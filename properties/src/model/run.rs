//! The run of the model along the committed order.
//!
//! Mutations have their places in that order; everything else needs one. Whatever was answered must be what the model
//! says at some place between the commits that were durable when it was asked and those that were when it was answered,
//! and not before the place of anything that was answered before it was asked. The smallest such place is taken: nothing
//! that comes later can need an earlier one.

use std::collections::BTreeSet;

use system::protocol::{Event, EventBody, FileFailure, FileId, RoomId, StreamId};

use super::answer::Answer;
use super::ask::{Ask, Response, Said};
use super::asked::asked;
use super::compare::compare;
use super::decide::{Actor, Drawn, Step, decide, quota_without};
use super::infer::{Inferred, drawn, infer};
use super::misfit::Misfit;
use super::order::{Committed, Order};
use super::state::{Kept, State};
use super::wanted::Wanted;
use crate::index::Index;

/// A run of the model.
pub(super) struct Run<'i, 't> {
    pub(super) index: &'i Index<'t>,
    pub(super) order: Order<'i>,
    pub(super) asks: Vec<Ask<'t>>,
    pub(super) state: State,
    /// Asks that may still happen or be explained, by the order of their sending.
    live: Vec<usize>,
    /// Asks that changed nothing, as far as is known, but may have later.
    same: Vec<usize>,
    /// Whether the trace tells of everything that was asked, from the founding of the company on.
    complete: bool,
    /// Asks, by the order in which they come into question.
    coming: Vec<(usize, usize)>,
    checked: u64,
    pub(super) files: FileEnds,
}

/// How files end that do not end as their owners wish.
#[derive(Debug, Default)]
pub(super) struct FileEnds {
    /// Those whose time was over.
    pub(super) expired: BTreeSet<FileId>,
    /// Of rooms of which nothing is known.
    opaque: BTreeSet<FileId>,
}

impl<'i, 't> Run<'i, 't> {
    pub(super) fn new(index: &'i Index<'t>, rebuilt: &'i [Event]) -> Self {
        let order = Order::new(index, rebuilt);
        let files = FileEnds::new(&order);
        let mut asks = asked(index, &order);
        asks.retain(|ask| !ask.wanted.file().is_some_and(|file| files.opaque.contains(&file)));
        let mut coming: Vec<_> =
            asks.iter().enumerate().map(|(ask, asked)| (order.before(begin(asked)), ask)).collect();
        coming.sort_unstable();
        coming.reverse();
        let complete = asks.iter().any(|ask| matches!(ask.wanted, Wanted::Register { .. }));
        let (live, same) = (Vec::new(), Vec::new());
        Self { index, order, asks, state: State::default(), live, same, complete, coming, checked: 0, files }
    }

    /// Runs to the end. `look` is shown each ask that is still to be explained, at each place where it may be.
    ///
    /// # Errors
    /// What does not fit.
    pub(super) fn check(mut self, mut look: impl FnMut(&Self, usize, usize)) -> Result<u64, Box<(Self, Misfit<'i>)>> {
        let places = self.order.operations.len();
        for place in 0..=places {
            while let Some((_, ask)) = self.coming.pop_if(|(from, _)| *from <= place) {
                let later = self.live.partition_point(|other| *other < ask);
                self.live.insert(later, ask);
            }
            self.explain(place, &mut look);
            if let Some(ask) = self.live.iter().copied().find(|ask| self.is_over(*ask, place)) {
                return Err(Box::new((self, Misfit::Unexplained { ask })));
            }
            if place < places
                && let Err(misfit) = self.step(place)
            {
                return Err(Box::new((self, misfit)));
            }
        }
        Ok(self.checked)
    }

    /// Explains what the state explains.
    fn explain(&mut self, place: usize, look: &mut impl FnMut(&Self, usize, usize)) {
        let live = std::mem::take(&mut self.live);
        let mut waiting = usize::MAX;
        let mut left = Vec::with_capacity(live.len());
        for ask in live {
            let asked = &self.asks[ask];
            let answered = asked.response.as_ref().filter(|_| asked.is_answered()).map(|response| response.entry);
            // What was answered before this was asked must have happened before.
            if begin(asked) < waiting && answered.is_some() {
                look(self, place, ask);
                if self.is_true(asked) {
                    if asked.may_repeat() {
                        self.same.push(ask);
                    }
                    self.checked += 1;
                    continue;
                }
            }
            waiting = waiting.min(answered.unwrap_or(usize::MAX));
            left.push(ask);
        }
        self.live = left;
    }

    /// Whether an ask had to be explained by now.
    fn is_over(&self, ask: usize, place: usize) -> bool {
        self.last_place(&self.asks[ask]).is_some_and(|last| last <= place)
    }

    /// Takes the next operation of the committed order.
    fn step(&mut self, place: usize) -> Result<(), Misfit<'i>> {
        let Committed { events, .. } = &self.order.operations[place];
        let events = events.clone();
        if events.iter().any(|event| self.is_opaque(event)) {
            events.iter().for_each(|event| self.state.record(event));
            return Ok(());
        }
        let mut rest = &events[..];
        while let Some(lead) = rest.first().copied() {
            let Some(inferred) = infer(&self.state, rest) else { return Err(Misfit::Unknown { event: lead }) };
            let by_feed = self.state.feeds(lead.sender);
            let taken = match inferred {
                // What the feed makes of a file is feed/lossless-once's to judge.
                Inferred::FeedUser | Inferred::Conversation => rest.len(),
                Inferred::Expired => self.expire(place, rest)?,
                Inferred::Wanted(wanted) => self.perform(place, &wanted, rest)?,
            };
            let (done, left) = rest.split_at(taken);
            done.iter().for_each(|event| self.state.record(event));
            rest = left;
            self.checked += 1;
            // One call creates an upload and takes its bytes along, and a conversation file has many lines; nothing else
            // does two things.
            let goes_on = |event: &Event| by_feed || matches!(event.body, EventBody::FileCompleted(_));
            if let Some(event) = rest.first().filter(|event| !goes_on(event)) {
                return Err(Misfit::Differs { place, event, expected: None });
            }
        }
        Ok(())
    }

    /// What somebody wanted: how many of the events are of it.
    fn perform(&mut self, place: usize, wanted: &Wanted, events: &[&'i Event]) -> Result<usize, Misfit<'i>> {
        let (lead, drawn) = (events[0], drawn(events));
        let actor = Actor { user: lead.sender, session: None };
        let (expected, answer) = match decide(&self.state, actor, wanted, drawn) {
            Ok(Step::Does { events, answer }) => (events, answer),
            Ok(Step::Same { .. }) => return Err(Misfit::Differs { place, event: lead, expected: None }),
            Err(code) => return Err(Misfit::Refused { place, event: lead, code }),
        };
        let tail = self.ended_sessions(wanted, &events[expected.len().min(events.len())..]);
        let taken = (expected.len() + tail).min(events.len());
        compare(&self.state, place, &expected, &events[..expected.len().min(events.len())], lead)?;
        self.answer(place, lead, &expected, answer, drawn, wanted)?;
        Ok(taken)
    }

    /// How many events tell of sessions that end with an operation, each for the first time.
    fn ended_sessions(&self, wanted: &Wanted, events: &[&Event]) -> usize {
        if !matches!(wanted, Wanted::EndSessions | Wanted::SetActive { active: false, .. }) {
            return 0;
        }
        let ends = |event: &&&Event| match &event.body {
            EventBody::SessionRevoked(revoked) => !self.state.revoked.contains(&revoked.session),
            _ => false,
        };
        events.iter().take_while(ends).count()
    }

    /// Looks for who asked for it: their answer must be the model's.
    fn answer(
        &mut self,
        place: usize,
        lead: &'i Event,
        events: &[(StreamId, EventBody)],
        answer: Answer,
        drawn: Drawn,
        wanted: &Wanted,
    ) -> Result<(), Misfit<'i>> {
        let mut same = std::mem::take(&mut self.same);
        same.retain(|ask| self.last_place(&self.asks[*ask]).is_some_and(|last| last > place));
        self.same = same;
        let may = |ask: &usize| self.may_have_done(&self.asks[*ask], place, lead, (events, drawn, wanted));
        let may: Vec<usize> = self.live.iter().chain(&self.same).copied().filter(may).collect();
        let told = (lead.stream, lead.seq);
        let agrees = |ask: &usize| match self.asks[*ask].response.as_ref().map(|response| &response.said) {
            Some(Said::Done { answer: given, position, .. }) => {
                *given == answer && position.is_none_or(|position| position == told)
            }
            _ => false,
        };
        let unanswered = |ask: &usize| !self.asks[*ask].is_answered();
        let repeated = |ask: &usize| unanswered(ask) && self.is_done_again(&self.asks[*ask]);
        let first = |which: &dyn Fn(&usize) -> bool| may.iter().copied().find(|ask| which(ask));
        let cause = first(&agrees).or_else(|| first(&repeated)).or_else(|| first(&unanswered));
        let Some(cause) = cause else {
            return match may.first() {
                Some(ask) => Err(Misfit::Unlike { event: lead, ask: *ask, answer: Box::new(answer) }),
                None if self.must_be_asked(lead, wanted) => Err(Misfit::Unasked { event: lead }),
                None => Ok(()),
            };
        };
        let ask = &self.asks[cause];
        if let (Some(once), Some(key)) = (ask.wanted.once(), ask.key) {
            let kept = Kept { wanted: ask.wanted.clone(), answer };
            self.state.kept.insert((ask.actor.user, once, key.to_owned()), kept);
        }
        self.checked += u64::from(ask.is_answered());
        self.live.retain(|live| *live != cause);
        self.same.retain(|same| *same != cause);
        Ok(())
    }

    /// Whether an ask can have done what was committed at a place.
    fn may_have_done(
        &self,
        ask: &Ask<'_>,
        place: usize,
        lead: &Event,
        (events, drawn, wanted): (&[(StreamId, EventBody)], Drawn, &Wanted),
    ) -> bool {
        let ends = matches!((wanted, &ask.wanted), (Wanted::EndSessions, Wanted::RevokeSession(_)));
        let alike = ends || std::mem::discriminant(&ask.wanted) == std::mem::discriminant(wanted);
        let registers = matches!(ask.wanted, Wanted::Register { .. });
        let by_them = ask.actor.user == lead.sender || registers;
        if !alike || !by_them || ask.is_refused() || ask.entry >= self.order.operations[place].to {
            return false;
        }
        self.kept(ask).is_none()
            && match decide(&self.state, ask.actor, &ask.wanted, drawn) {
                Ok(Step::Does { events: own, .. }) => own == events || (ends && self.holds(place, &own)),
                _ => false,
            }
    }

    /// Whether an ask whose answer was lost was made again under its key, and answered with success.
    fn is_done_again(&self, lost: &Ask<'_>) -> bool {
        let is_done = |ask: &Ask<'_>| matches!(&ask.response, Some(Response { said: Said::Done { .. }, .. }));
        self.asks
            .iter()
            .any(|ask| ask.device == lost.device && ask.wanted == lost.wanted && ask.key == lost.key && is_done(ask))
    }

    /// Whether all of these events were committed at a place.
    fn holds(&self, place: usize, expected: &[(StreamId, EventBody)]) -> bool {
        let committed = &self.order.operations[place].events;
        let is_there = |stream: &StreamId, body: &EventBody| {
            committed.iter().any(|event| event.stream == *stream && event.body == *body)
        };
        expected.iter().all(|(stream, body)| is_there(stream, body))
    }

    /// Whether it is known who asked for everything of this kind.
    fn must_be_asked(&self, lead: &Event, wanted: &Wanted) -> bool {
        // The bytes of uploads, passwords and refresh tokens are not followed here, nor are conversation files.
        let followed = !matches!(wanted, Wanted::FinishUpload(_) | Wanted::EndSessions);
        self.complete && followed && !self.state.feeds(lead.sender)
    }

    /// The last place at which something can have happened that was answered.
    fn last_place(&self, ask: &Ask<'_>) -> Option<usize> {
        let response = ask.response.as_ref().filter(|_| ask.is_answered())?;
        Some(self.order.known(self.index.log.horizon(response.entry)))
    }

    /// Uploads of one owner end since nothing came for too long.
    fn expire(&self, place: usize, events: &[&'i Event]) -> Result<usize, Misfit<'i>> {
        let lead = events[0];
        let ended = |event: &&'i Event| match &event.body {
            EventBody::FileFailed(failed) if failed.reason == FileFailure::Expired => Some(failed.file),
            _ => None,
        };
        let files: BTreeSet<FileId> = events.iter().filter_map(ended).collect();
        let unknown = |file: &FileId| self.state.files.get(file).is_none_or(|file| file.owner != lead.sender);
        if files.iter().any(unknown) {
            return Err(Misfit::Unknown { event: lead });
        }
        let mut expected: Vec<_> = events
            .iter()
            .filter(|event| ended(event).is_some())
            .map(|event| (event.stream, event.body.clone()))
            .collect();
        expected.push(quota_without(&self.state, lead.sender, &files, drawn(events)));
        compare(&self.state, place, &expected, &events[..expected.len().min(events.len())], lead)?;
        Ok(expected.len())
    }

    fn is_opaque(&self, event: &Event) -> bool {
        let opaque = |room: RoomId| self.order.opaque.contains(&room);
        if self.order.opaque.is_empty() {
            return false;
        }
        match &event.body {
            EventBody::RoomCreated(room) | EventBody::RoomUpdated(room) | EventBody::RoomJoined(room) => {
                opaque(room.id)
            }
            EventBody::RoomHidden(hidden) => opaque(hidden.room),
            EventBody::RoomDeleted(deleted) => opaque(deleted.room),
            EventBody::RoomLeft(left) => opaque(left.room),
            EventBody::ThreadReplied(replied) => opaque(replied.room),
            EventBody::ReadUpdated(marker) => opaque(marker.room),
            EventBody::FileCreated(file) | EventBody::FileCompleted(file) => file.room.is_some_and(opaque),
            EventBody::FileFailed(failed) => self.files.opaque.contains(&failed.file),
            EventBody::FileDeleted(deleted) => self.files.opaque.contains(&deleted.file),
            _ => false,
        }
    }
}

impl FileEnds {
    fn new(order: &Order<'_>) -> Self {
        let mut ends = Self::default();
        for event in order.operations.iter().flat_map(|operation| &operation.events) {
            match &event.body {
                EventBody::FileFailed(failed) if failed.reason == FileFailure::Expired => {
                    ends.expired.insert(failed.file);
                }
                EventBody::FileCreated(file) if file.room.is_some_and(|room| order.opaque.contains(&room)) => {
                    ends.opaque.insert(file.id);
                }
                _ => {}
            }
        }
        ends
    }
}

/// The entry from which on something can have happened: a repeat of what was asked before can have then.
fn begin(ask: &Ask<'_>) -> usize {
    if ask.is_refused() { ask.entry } else { ask.first_entry }
}
