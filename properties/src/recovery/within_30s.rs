//! `recovery/within-30s`: after the weather clears, every device is back, and holds what the server holds.

use std::collections::BTreeSet;

use system::protocol::{Message, Role, SnapshotState, StreamId, Thread, UserId};

use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{possessive, user_of};
use crate::trace::{Belief, DeviceName, Observation, Phase, Replica};

/// See the module.
pub(crate) struct Within30s;

/// How long a device may take.
const LIMIT_MS: u64 = 30_000;

/// The device of the world's own: no history touches it, and it follows nothing.
const AUDITOR: &str = "auditor";

impl Property for Within30s {
    fn id(&self) -> &'static str {
        "recovery/within-30s"
    }

    fn statement(&self) -> &'static str {
        "within 30 s of the heal every device that wants to is connected, follows exactly what it may and did not leave \
         itself, and its state equals the server's"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-8", "IT-E1", "CG-1", "CG-7", "PROTOCOL 10"]
    }

    fn does_not_verify(&self) -> &'static str {
        "how long a device takes while faults go on, nor anything about a device that its history closed or that the \
         server sent away for good"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        let outcome = check(index).map(|checked| if a_fault_had_an_effect(index) { checked } else { 0 });
        Verdict::from_check(outcome, "no fault had an effect, or no device was there to recover")
    }
}

/// A recovery from nothing proves nothing.
fn a_fault_had_an_effect(index: &Index<'_>) -> bool {
    index.trace.entries.iter().any(|entry| matches!(entry.what, Observation::FaultEffect { .. }))
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let Some(&healed) = index.phases.get(&Phase::Healed) else { return Ok(0) };
    let mut checked = 0;
    for &(entry, device, user, belief) in &index.beliefs {
        let active = role_at_the_end(index, user).is_some();
        if !belief.wants_connection || !active || user_of(device) == AUDITOR {
            continue;
        }
        let case = Case { index, healed, entry, device, user, belief };
        if let Some(violation) = case.too_late().or_else(|| case.out_of_step()) {
            return Err(violation);
        }
        checked += 1;
    }
    Ok(checked)
}

/// The role of a user in the final snapshot of the company; none if they are not active.
fn role_at_the_end(index: &Index<'_>, user: UserId) -> Option<Role> {
    index.snapshots.values().find_map(|snapshot| match &snapshot.state {
        SnapshotState::Company { users, .. } => {
            users.iter().find(|candidate| candidate.id == user && candidate.active).map(|found| found.role)
        }
        _ => None,
    })
}

/// One device at the quiet moment.
struct Case<'i, 't> {
    index: &'i Index<'t>,
    healed: usize,
    entry: usize,
    device: &'t DeviceName,
    user: UserId,
    belief: &'t Belief,
}

impl Case<'_, '_> {
    fn too_late(&self) -> Option<Violation> {
        let recovered =
            self.index.trace.entries.iter().enumerate().skip(self.healed).find_map(|(entry, observed)| match &observed
                .what
            {
                Observation::Recovered { device, after_ms } if device == self.device => Some((entry, *after_ms)),
                _ => None,
            });
        let expected = format!("{} is back within 30 s of the heal", possessive(self.device));
        let story = Story::new(self.index).link(self.healed);
        match recovered {
            Some((_, after_ms)) if after_ms <= LIMIT_MS => None,
            Some((entry, after_ms)) => Some(Violation {
                expected,
                observed: format!("it took {}.{:03} s", after_ms / 1_000, after_ms % 1_000),
                evidence: story.breaks(entry).tell(),
            }),
            None => {
                let what = self.difference().map_or_else(
                    || "it came into step only with the last look".to_owned(),
                    |difference| difference.observed,
                );
                Some(Violation {
                    expected,
                    observed: format!("it never was: {what}"),
                    evidence: story.breaks(self.entry).tell(),
                })
            }
        }
    }

    fn out_of_step(&self) -> Option<Violation> {
        let Difference { expected, observed, stream } = self.difference()?;
        let server = stream.and_then(|stream| self.final_read(stream));
        let back =
            self.index.trace.entries.iter().position(
                |entry| matches!(&entry.what, Observation::Recovered { device, .. } if device == self.device),
            );
        let evidence = Story::new(self.index).link(self.healed).link(back).link(server).breaks(self.entry).tell();
        Some(Violation { expected: format!("{} {expected}", possessive(self.device)), observed, evidence })
    }

    fn final_read(&self, stream: StreamId) -> Option<usize> {
        self.index.trace.entries.iter().position(
            |entry| matches!(&entry.what, Observation::FinalSnapshot { snapshot } if snapshot.stream == stream),
        )
    }

    /// What the device and the server do not agree about, if anything.
    fn difference(&self) -> Option<Difference> {
        let called = |stream: StreamId| self.index.names().stream(stream);
        if !self.belief.connected {
            return Some(Difference::new("is connected", "it is not connected", None));
        }
        if self.belief.outbox > 0 {
            let observed = format!("{} operations wait for an answer", self.belief.outbox);
            return Some(Difference::new("has an answer to all that it asked", observed, None));
        }
        let mut allowed = self.streams_that_it_may_follow();
        allowed.retain(|stream| !self.belief.left.contains(stream));
        if let Some(stream) = allowed.iter().find(|stream| !self.belief.streams.contains_key(stream)) {
            let expected = format!("follows {}", called(*stream));
            return Some(Difference::new(expected, "it does not follow it", Some(*stream)));
        }
        for (stream, replica) in &self.belief.streams {
            if !allowed.contains(stream) && self.index.log.is_complete() {
                let expected = format!("does not follow {}, which it may not see", called(*stream));
                return Some(Difference::new(expected, "it still follows it", Some(*stream)));
            }
            if let Some(difference) = self.difference_in(*stream, replica) {
                return Some(difference);
            }
        }
        None
    }

    fn difference_in(&self, stream: StreamId, replica: &Replica) -> Option<Difference> {
        let called = || self.index.names().stream(stream);
        let snapshot = self.index.snapshots.get(&stream)?;
        let head = self.index.log.stream(stream).map_or(snapshot.seq, |log| log.head());
        // The server cleans up on its own too, and may do so after the device was asked and before the last look.
        let came_later = |seq| self.index.log.committed(stream, seq).is_some_and(|entry| entry > self.entry);
        if replica.epoch == snapshot.epoch && replica.seq < head && (replica.seq + 1..=head).all(came_later) {
            return None;
        }
        if (replica.seq, replica.epoch) != (head, snapshot.epoch) {
            let observed = format!("it is at seq {} of epoch {}", replica.seq, replica.epoch.0);
            let expected = format!("is at seq {head} of epoch {} in {}", snapshot.epoch.0, called());
            return Some(Difference::new(expected, observed, Some(stream)));
        }
        let what = match &replica.state {
            Some(state) => difference_of_states(state, &snapshot.state)?,
            None => "it holds nothing: no snapshot was ever taken".to_owned(),
        };
        Some(Difference::new(format!("holds of {} what the server holds", called()), what, Some(stream)))
    }

    /// Its own, the company's unless it is a guest's, and the rooms that it is a member of.
    fn streams_that_it_may_follow(&self) -> BTreeSet<StreamId> {
        let guest = role_at_the_end(self.index, self.user) == Some(Role::Guest);
        let may_follow = |stream: &StreamId, state: &SnapshotState| match (stream, state) {
            (StreamId::User(owner), _) => *owner == self.user,
            (StreamId::Company(_), _) => !guest,
            (StreamId::Room(_), SnapshotState::Room { members, .. }) => {
                members.iter().any(|member| member.user == self.user)
            }
            (StreamId::Room(_), _) => false,
        };
        let snapshots = self.index.snapshots.iter();
        snapshots.filter(|(stream, snapshot)| may_follow(stream, &snapshot.state)).map(|(stream, _)| *stream).collect()
    }
}

/// What a device and the server do not agree about.
struct Difference {
    /// Goes on after the device's name.
    expected: String,
    observed: String,
    stream: Option<StreamId>,
}

impl Difference {
    fn new(expected: impl Into<String>, observed: impl Into<String>, stream: Option<StreamId>) -> Self {
        Self { expected: expected.into(), observed: observed.into(), stream }
    }
}

fn difference_of_states(device: &SnapshotState, server: &SnapshotState) -> Option<String> {
    use SnapshotState::{Company, Room, User};
    match (device, server) {
        (
            Room { room, members, messages, threads, .. },
            Room { room: object, members: in_room, messages: said, earlier, threads: opened, earlier_threads },
        ) => {
            if room != object {
                return Some(format!("the room is {room:?} on the device and {object:?} on the server"));
            }
            if members != in_room {
                let (here, there) = (members.len(), in_room.len());
                return Some(format!("its {here} members are not the server's {there}"));
            }
            difference_of_messages(messages, said, *earlier)
                .or_else(|| difference_of_threads(threads, opened, *earlier_threads))
        }
        (Company { .. }, Company { .. }) | (User { .. }, User { .. }) if device == server => None,
        _ => Some(format!("it holds {device:?}, the server {server:?}")),
    }
}

/// Where the server names only the newest messages, the device may hold more, or have begun with fewer.
fn difference_of_messages(device: &[Message], server: &[Message], earlier: bool) -> Option<String> {
    let pairs = (1..).zip(device.iter().rev().zip(server.iter().rev()));
    for (number, (here, there)) in pairs {
        if here != there {
            let (here, there) = (&here.body, &there.body);
            return Some(format!(
                "message {number} from the newest is {here:?} on the device, {there:?} on the server"
            ));
        }
    }
    let complete = if earlier { device.is_empty() == server.is_empty() } else { device.len() == server.len() };
    (!complete).then(|| format!("it holds {} messages, the server {}", device.len(), server.len()))
}

/// As for messages.
fn difference_of_threads(device: &[Thread], server: &[Thread], earlier: bool) -> Option<String> {
    let pairs = (1..).zip(device.iter().rev().zip(server.iter().rev()));
    for (number, (here, there)) in pairs {
        if here != there {
            return Some(format!("thread {number} from the newest is {here:?} on the device, {there:?} on the server"));
        }
    }
    let complete = if earlier { device.is_empty() == server.is_empty() } else { device.len() == server.len() };
    (!complete).then(|| format!("it holds {} threads, the server {}", device.len(), server.len()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::Trace;

    fn stormy() -> Scene {
        let mut scene = Scene::company();
        let event = scene.says("ben/phone", "general", "m1");
        scene.fault("cut", "cut ana/phone");
        scene.all_get(&event);
        scene
    }

    /// The end of a stormy scene, where ana/phone believes something else.
    fn believing(change: impl FnOnce(&mut Belief)) -> Trace {
        let mut trace = stormy().ends();
        let believed = trace.entries.iter_mut().find_map(|entry| match &mut entry.what {
            Observation::Believed { device, belief, .. } if &**device == "ana/phone" => Some(belief),
            _ => None,
        });
        change(Arc::make_mut(believed.expect("ana/phone is open")));
        trace
    }

    fn general(belief: &mut Belief) -> &mut Replica {
        let room = belief.streams.iter_mut().find(|(stream, _)| matches!(stream, StreamId::Room(_)));
        room.expect("the phone follows the room").1
    }

    fn messages(belief: &mut Belief) -> &mut Vec<Message> {
        match &mut general(belief).state {
            Some(SnapshotState::Room { messages, .. }) => messages,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Belief), expected: &str, observed: &str) {
        let violation = violated(&Within30s, &believing(change));
        assert_eq!((violation.expected.as_str(), violation.observed.as_str()), (expected, observed));
    }

    #[test]
    fn what_the_server_commits_after_a_device_was_asked_is_not_missed() {
        let mut trace = believing(|belief| general(belief).seq = 4);
        violated(&Within30s, &trace);
        let last = |observation: &Observation| {
            matches!(observation, Observation::Committed { seq: 5, stream: StreamId::Room(_), .. })
        };
        let committed = trace.entries.iter().rposition(|entry| last(&entry.what)).expect("the room has five events");
        let committed = trace.entries.remove(committed);
        let asked = |observation: &Observation| matches!(observation, Observation::Believed { .. });
        let asked = trace.entries.iter().rposition(|entry| asked(&entry.what)).expect("devices were asked");
        trace.entries.insert(asked + 1, committed);
        held(&Within30s, &trace);
    }

    #[test]
    fn a_device_that_is_out_of_step_is_a_violation() {
        check(|belief| belief.connected = false, "ana's phone is connected", "it is not connected");
        check(
            |belief| belief.outbox = 2,
            "ana's phone has an answer to all that it asked",
            "2 operations wait for an answer",
        );
        check(
            |belief| general(belief).seq = 4,
            "ana's phone is at seq 5 of epoch 1 in room general",
            "it is at seq 4 of epoch 1",
        );
        check(
            |belief| general(belief).state = None,
            "ana's phone holds of room general what the server holds",
            "it holds nothing: no snapshot was ever taken",
        );
        check(
            |belief| messages(belief)[0].body = "m0".into(),
            "ana's phone holds of room general what the server holds",
            "message 1 from the newest is \"m0\" on the device, \"m1\" on the server",
        );
        check(
            |belief| belief.streams.retain(|stream, _| !matches!(stream, StreamId::Room(_))),
            "ana's phone follows room general",
            "it does not follow it",
        );
    }

    #[test]
    fn a_device_that_follows_what_it_may_not_see_is_a_violation() {
        let mut scene = stormy();
        scene.removes("ben", "general", "ana");
        let room = scene.room_stream("general");
        let mut trace = scene.ends();
        for entry in &mut trace.entries {
            if let Observation::Believed { device, belief, .. } = &mut entry.what
                && &**device == "ana/phone"
            {
                let replica = Replica { seq: 6, epoch: system::protocol::Epoch(1), state: None };
                Arc::make_mut(belief).streams.insert(room, replica);
            }
        }
        let violation = violated(&Within30s, &trace);
        assert_eq!(violation.expected, "ana's phone does not follow room general, which it may not see");
        assert_eq!(violation.observed, "it still follows it");
    }

    #[test]
    fn a_device_that_is_not_back_in_time_is_a_violation() {
        let mut trace = stormy().ends();
        for entry in &mut trace.entries {
            if let Observation::Recovered { device, after_ms } = &mut entry.what
                && &**device == "ben/phone"
            {
                *after_ms = 31_204;
            }
        }
        let violation = violated(&Within30s, &trace);
        assert_eq!(violation.expected, "ben's phone is back within 30 s of the heal");
        assert_eq!(violation.observed, "it took 31.204 s");
        assert_eq!(
            chain(&violation),
            ["world: all faults are over", "ben/phone: is back, 31.204 s after the heal <- breaks it"]
        );
    }

    #[test]
    fn a_device_that_never_is_back_is_a_violation() {
        let mut trace = believing(|belief| belief.connected = false);
        trace
            .entries
            .retain(|entry| !matches!(&entry.what, Observation::Recovered { device, .. } if &**device == "ana/phone"));
        let violation = violated(&Within30s, &trace);
        assert_eq!(violation.observed, "it never was: it is not connected");
    }

    #[test]
    fn a_device_may_hold_more_than_a_snapshot_of_the_newest_messages() {
        let mut trace = stormy().ends();
        for entry in &mut trace.entries {
            if let Observation::FinalSnapshot { snapshot } = &mut entry.what
                && let SnapshotState::Room { messages, earlier, .. } = &mut Arc::make_mut(snapshot).state
            {
                *earlier = true;
                let older = Message { body: "m0".into(), ..messages[0].clone() };
                messages.insert(0, older);
            }
        }
        held(&Within30s, &trace);
    }

    #[test]
    fn a_device_that_stays_away_is_not_judged() {
        held(&Within30s, &believing(|belief| (belief.connected, belief.wants_connection) = (false, false)));
    }

    #[test]
    fn recovery_from_a_fault_holds() {
        held(&Within30s, &stormy().ends());
    }

    #[test]
    fn recovery_from_no_fault_proves_nothing() {
        vacuous(&Within30s, &Scene::company().ends());
    }
}
