//! `ordering/gapless`: no event of a followed stream is left out, repeated, or pushed to who does not follow it.

use std::collections::BTreeMap;

use system::protocol::{Command, Event, Position, ServerFrame, StreamId, StreamState};

use crate::index::{Connection, Index, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Gapless;

impl Property for Gapless {
    fn id(&self) -> &'static str {
        "ordering/gapless"
    }

    fn statement(&self) -> &'static str {
        "on each connection, each stream's events follow the position that the server named, without gap or repeat, \
         and only while the stream is followed"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-2", "CG-3", "PROTOCOL 1", "PROTOCOL 3", "PROTOCOL 4", "PROTOCOL 5"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that the last events of a stream arrive at all (recovery/within-30s does), nor that the events are the right \
         ones (ordering/same-for-all does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no event was pushed")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    for (stream, log) in index.log.streams() {
        for (expected, event) in (1..).zip(log.events) {
            if event.seq != expected {
                return Err(gap_in_log(index, stream, log.entry, expected, event.seq));
            }
        }
    }
    let mut checked = 0;
    for connection in &index.connections {
        checked += Walk::new(index, connection).check()?;
    }
    Ok(checked)
}

/// One connection, from its first frame to its last.
struct Walk<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
    followed: BTreeMap<StreamId, Followed>,
    /// Where each stream stopped being followed.
    ended: BTreeMap<StreamId, usize>,
    /// The positions that the device named, by the `id` of the frame that named them.
    named: BTreeMap<(&'t str, StreamId), (Position, usize)>,
}

/// Where the device is in a stream that it follows.
#[derive(Clone, Copy)]
struct Followed {
    position: Position,
    /// The welcome or subscription that it follows the stream by.
    since: usize,
    from: u64,
    resumed: bool,
    /// The last event of it, where there was one.
    last: Option<usize>,
}

impl<'i, 't> Walk<'i, 't> {
    fn new(index: &'i Index<'t>, connection: &'i Connection<'t>) -> Self {
        let (followed, ended, named) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { index, connection, followed, ended, named }
    }

    fn check(mut self) -> Result<u64, Violation> {
        let mut checked = 0;
        for frame in &self.connection.frames {
            match frame.seen {
                Seen::Sent(sent) => self.name_positions(frame.entry, sent.id.as_deref(), &sent.command),
                // What the frame would have said is not known, so nothing after it can be judged.
                Seen::Unreadable => return Ok(checked),
                Seen::Received(ServerFrame::Welcome(id, welcome)) => {
                    self.followed.clear();
                    for state in &welcome.streams {
                        self.follow(frame.entry, id.as_deref(), state)?;
                    }
                }
                Seen::Received(ServerFrame::Subscribed(id, state)) => self.follow(frame.entry, id.as_deref(), state)?,
                Seen::Received(ServerFrame::Unsubscribed(_, unsubscribed)) => {
                    self.followed.remove(&unsubscribed.stream);
                    self.ended.insert(unsubscribed.stream, frame.entry);
                }
                Seen::Received(ServerFrame::Event(event)) => {
                    self.read(frame.entry, event)?;
                    checked += 1;
                }
                Seen::Received(_) | Seen::Chunk(_) => {}
            }
        }
        Ok(checked)
    }

    fn name_positions(&mut self, entry: usize, id: Option<&'t str>, command: &'t Command) {
        let Some(id) = id else { return };
        match command {
            Command::Hello(hello) => {
                for named in &hello.positions {
                    self.named.insert((id, named.stream), (named.position(), entry));
                }
            }
            Command::Subscribe(subscribe) => {
                if let Some(position) = subscribe.position {
                    self.named.insert((id, subscribe.stream), (position, entry));
                }
            }
            _ => {}
        }
    }

    /// The stream is followed from a position. "Recovered" means from the device's own, or something is left out.
    fn follow(&mut self, entry: usize, id: Option<&'t str>, state: &StreamState) -> Result<(), Violation> {
        let position = Position { seq: state.seq, epoch: state.epoch };
        let named = id.and_then(|id| self.named.get(&(id, state.stream)));
        if let Some((own, asked)) = named.filter(|(own, _)| state.recovered && *own != position) {
            let names = self.index.names();
            let (device, stream) = (possessive(self.connection.device), names.stream(state.stream));
            return Err(Violation {
                expected: format!("{device} resumes {stream} at its own seq {}, or starts over", own.seq),
                observed: format!("the server says that it is recovered, and goes on after {}", state.seq),
                evidence: Story::new(self.index)
                    .departure(self.connection)
                    .commit(state.stream, own.seq.saturating_add(1))
                    .link(*asked)
                    .breaks_because(entry, format!("resume from {} -> {}, recovered", own.seq, state.seq))
                    .tell(),
            });
        }
        let resumed = named.is_some() && state.recovered;
        let followed = Followed { position, since: entry, from: state.seq, resumed, last: None };
        self.followed.insert(state.stream, followed);
        Ok(())
    }

    fn read(&mut self, entry: usize, event: &Event) -> Result<(), Violation> {
        let Some(followed) = self.followed.get_mut(&event.stream) else {
            return Err(self.not_followed(entry, event));
        };
        let next = Position { seq: followed.position.seq.saturating_add(1), epoch: followed.position.epoch };
        if event.position() != next {
            let followed = *followed;
            return Err(self.not_next(entry, event, followed));
        }
        followed.position = next;
        followed.last = Some(entry);
        Ok(())
    }

    fn not_followed(&self, entry: usize, event: &Event) -> Violation {
        let stream = self.index.names().stream(event.stream);
        let device = possessive(self.connection.device);
        let why = match self.ended.get(&event.stream) {
            Some(ended) => format!("was unsubscribed at {}", self.index.trace.entries[*ended].at),
            None => "was never subscribed".to_owned(),
        };
        Violation {
            expected: format!("{device} reads nothing of {stream} while it does not follow it"),
            observed: format!("it receives {}, though it {why}", telling::event(self.index.names(), event)),
            evidence: Story::new(self.index)
                .link(self.ended.get(&event.stream).copied())
                .origin(event)
                .breaks(entry)
                .tell(),
        }
    }

    fn not_next(&self, entry: usize, event: &Event, followed: Followed) -> Violation {
        let names = self.index.names();
        let (device, stream) = (possessive(self.connection.device), names.stream(event.stream));
        let Position { seq, epoch } = followed.position;
        let next = seq.saturating_add(1);
        let how = match (followed.resumed, self.index.what(followed.since)) {
            (true, _) => "resume",
            (false, crate::trace::Observation::FrameReceived { frame, .. })
                if matches!(**frame, ServerFrame::Welcome(..)) =>
            {
                "welcome"
            }
            (false, _) => "subscription",
        };
        let since = format!("the {how} at {}", self.index.trace.entries[followed.since].at);
        let observed = if event.epoch != epoch {
            format!("{seq} of epoch {}, then {} of epoch {}, without starting over", epoch.0, event.seq, event.epoch.0)
        } else if event.seq == next.saturating_add(1) {
            format!("{seq}, then {}: event {next} was never delivered after {since}", event.seq)
        } else if event.seq > next {
            format!("{seq}, then {}: events {next} to {} were never delivered after {since}", event.seq, event.seq - 1)
        } else {
            format!("{seq}, then {}: event {} was delivered again after {since}", event.seq, event.seq)
        };
        let left_out = self.index.log.event(event.stream, next).filter(|_| event.seq > next);
        let mut story = Story::new(self.index).link(followed.last);
        if followed.resumed {
            story = story.departure(self.connection);
        }
        if let Some(left_out) = left_out {
            story = story.origin(left_out);
        }
        Violation {
            expected: format!("{device} reads seq {next} of {stream} after {seq}"),
            observed,
            evidence: story
                .say(followed.since, format!("{how} in {stream} after {}", followed.from))
                .breaks(entry)
                .tell(),
        }
    }
}

fn gap_in_log(index: &Index<'_>, stream: StreamId, entry: usize, expected: u64, found: u64) -> Violation {
    Violation {
        expected: format!("the log of {} has seq {expected} after {}", index.names().stream(stream), expected - 1),
        observed: format!("it has {found} there"),
        evidence: Story::new(index).commit(stream, expected).breaks(entry).tell(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    #[test]
    fn an_event_that_a_resume_leaves_out_is_a_violation() {
        let mut scene = Scene::company();
        let first = scene.says("ana/phone", "general", "m1");
        scene.all_get(&first);
        let second = scene.says("ben/phone", "general", "m2");
        scene.fault("cut", "cut ana/phone");
        scene.fault("cut", "cut ben/phone");
        scene.closes("ana/phone");
        scene.opens("ana/phone");
        let third = scene.says("ben/phone", "general", "m3");
        scene.gets("ana/phone", &third);

        let violation = violated(&Gapless, &scene.ends());
        assert_eq!(violation.expected, format!("ana's phone reads seq {} of room general after 5", second.seq));
        assert_eq!(violation.observed, "5, then 7: event 6 was never delivered after the resume at 0.043 s");
        assert_eq!(
            chain(&violation),
            [
                "ben/phone: message.send \"m2\" to general",
                "server: committed general#6 message.created \"m2\"",
                "fault: cut ana/phone",
                "ana/phone: connection 1 ends with 1000: the device closed it",
                "ana/phone: resume in room general after 5",
                "ana/phone: receives general#7 message.created \"m3\" <- breaks it",
            ]
        );
    }

    #[test]
    fn an_event_that_comes_again_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.gets("ben/phone", &event);
        scene.gets("ben/phone", &event);
        let violation = violated(&Gapless, &scene.ends());
        assert_eq!(violation.observed, "5, then 5: event 5 was delivered again after the welcome at 0.028 s");
    }

    #[test]
    fn recovered_at_another_position_than_ones_own_is_a_violation() {
        let mut scene = Scene::company();
        scene.says("ben/phone", "general", "m1");
        scene.closes("ana/phone");
        let welcome = scene.opens("ana/phone");
        let crate::trace::Observation::FrameReceived { frame, .. } = &mut scene.trace.entries[welcome].what else {
            panic!("a welcome")
        };
        let ServerFrame::Welcome(id, mut welcome) = (**frame).clone() else { panic!("{frame:?}") };
        welcome.streams[1].seq += 1;
        *frame = ServerFrame::Welcome(id, welcome).into();
        let violation = violated(&Gapless, &scene.ends());
        assert_eq!(violation.expected, "ana's phone resumes room general at its own seq 4, or starts over");
        assert_eq!(violation.observed, "the server says that it is recovered, and goes on after 5");
    }

    #[test]
    fn an_event_after_unsubscribed_is_a_violation() {
        let mut scene = Scene::company();
        let stream = scene.room_stream("general");
        let unsubscribed = system::protocol::Unsubscribed { stream, code: None, reason: None };
        scene.receives("ana/phone", ServerFrame::Unsubscribed(Some("1".into()), unsubscribed));
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&Gapless, &scene.ends());
        assert_eq!(violation.expected, "ana's phone reads nothing of room general while it does not follow it");
        assert_eq!(
            violation.observed,
            "it receives general#5 message.created \"m1\", though it was unsubscribed at 0.030 s"
        );
    }

    #[test]
    fn a_gap_in_the_log_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.logs.get_mut(&event.stream).unwrap().remove(1);
        let violation = violated(&Gapless, &scene.ends());
        assert_eq!(violation.expected, "the log of room general has seq 2 after 1");
        assert_eq!(violation.observed, "it has 3 there");
    }

    #[test]
    fn a_gapless_resume_holds() {
        let mut scene = Scene::company();
        let first = scene.says("ana/phone", "general", "m1");
        scene.all_get(&first);
        scene.closes("ana/phone");
        let second = scene.says("ben/phone", "general", "m2");
        scene.opens("ana/phone");
        scene.all_get(&second);
        held(&Gapless, &scene.ends());
    }

    #[test]
    fn without_a_push_there_is_nothing_to_check() {
        vacuous(&Gapless, &Scene::company().ends());
    }
}
