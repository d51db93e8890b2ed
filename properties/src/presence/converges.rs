//! `presence/converges`: when all is quiet, everybody sees of everybody what is true.
//!
//! What is true is known from the other side: who is there, by the devices that are connected; the status, by the last
//! one that stands in the user's own stream. Twice devices say what they see: when all is quiet, and again when half of
//! the users have left and the server had the time to notice. The first look is lenient with who may just be coming or
//! going, the second is not.

use std::collections::BTreeMap;

use system::protocol::{EventBody, Presence, ServerFrame, Status, StreamId, UserId, UserStatus};

use crate::index::{Connection, Index, Timeline, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive, user_of};
use crate::trace::{At, DeviceName, Observation, Phase, SeenPresence};

/// See the module.
pub(crate) struct Converges;

/// How long a change may take to be seen when nothing is wrong any more, in microseconds: TCP may wait for 10 s before it
/// tries again.
const SEEN_WITHIN_US: u64 = 12_000_000;

/// How long the server may take for somebody to be gone who said goodbye, in microseconds.
const GRACE_US: u64 = 15_500_000;

/// How long the server may take for somebody to be gone whose connection ended without a word, in microseconds: 25 s of
/// silence, 15 s of grace (PROTOCOL.md, promises 9 and 10), and a margin.
const GONE_WITHIN_US: u64 = 45_000_000;

impl Property for Converges {
    fn id(&self) -> &'static str {
        "presence/converges"
    }

    fn statement(&self) -> &'static str {
        "when all is quiet every connected device sees exactly those of its company who are there, each as they last chose \
         to look, and no older word about anybody ever follows a newer one"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-6", "WS-4", "PROTOCOL 9"]
    }

    fn does_not_verify(&self) -> &'static str {
        "how soon a change is seen while faults go on, nor what GET /presence answers meanwhile"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no device said whom it sees")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    for connection in &index.connections {
        check_generations(index, connection)?;
    }
    // Without every log it is not known what anybody chose.
    if !index.log.is_complete() {
        return Ok(0);
    }
    let chosen = choices(index);
    let mut checked = 0;
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        if let Observation::SawPresence { device, seen } = &observed.what {
            checked += Look { index, chosen: &chosen, entry, device, seen: seen.as_deref() }.check()?;
        }
    }
    Ok(checked)
}

/// Of two words about a user on one connection, the later is not the older.
fn check_generations(index: &Index<'_>, connection: &Connection<'_>) -> Result<(), Violation> {
    let mut newest: BTreeMap<UserId, (usize, &Presence)> = BTreeMap::new();
    for (entry, frame) in connection.received() {
        let words = match frame {
            ServerFrame::Presence(seen) => std::slice::from_ref(seen),
            ServerFrame::PresenceState(state) => &state.users,
            _ => continue,
        };
        for seen in words {
            let before = newest.insert(seen.user, (entry, seen));
            let Some((earlier, before)) = before else { continue };
            let contradicts = seen.generation == before.generation && seen != before;
            if seen.generation < before.generation || contradicts {
                let user = index.names().user(seen.user);
                return Err(Violation {
                    expected: format!(
                        "{} hears of {user} nothing older than generation {}",
                        possessive(connection.device),
                        before.generation
                    ),
                    observed: format!("it hears generation {}: {user} is {}", seen.generation, telling::looks(seen)),
                    evidence: Story::new(index).link(earlier).breaks(entry).tell(),
                });
            }
        }
    }
    Ok(())
}

/// What each user chose, by time; nothing before the first choice.
fn choices<'t>(index: &Index<'t>) -> BTreeMap<UserId, Timeline<&'t UserStatus>> {
    let mut choices: BTreeMap<_, Timeline<_>> = BTreeMap::new();
    for (stream, log) in index.log.streams() {
        let StreamId::User(user) = stream else { continue };
        let timeline = choices.entry(user).or_default();
        for event in log.events {
            if let EventBody::StatusUpdated(chosen) = &event.body {
                timeline.push(event.seq, index.log.span(stream, event.seq), chosen);
            }
        }
    }
    choices
}

/// What one device says that it sees.
struct Look<'i, 't> {
    index: &'i Index<'t>,
    chosen: &'i BTreeMap<UserId, Timeline<&'t UserStatus>>,
    entry: usize,
    device: &'t DeviceName,
    seen: Option<&'t SeenPresence>,
}

/// Whether a user is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum There {
    Yes,
    No,
    Maybe,
}

impl Look<'_, '_> {
    /// How many people were looked at.
    fn check(&self) -> Result<u64, Violation> {
        let at = self.index.trace.entries[self.entry].at;
        let Some(told) = self.seen else { return self.told_nothing() };
        let seen: BTreeMap<UserId, &Presence> = told.users.iter().map(|seen| (seen.user, seen)).collect();
        let mut checked = 0;
        for user in self.chosen.keys() {
            let acceptable = self.acceptable(*user, at);
            let looks = seen.get(user).map(|seen| (seen.status, seen.text.as_deref()));
            // In companies that are too large for one frame, who is not told of may be there.
            if acceptable.contains(&looks) || (looks.is_none() && !told.complete) {
                checked += 1;
                continue;
            }
            return Err(self.differs(*user, seen.get(user).copied(), &acceptable));
        }
        if let Some((_, stranger)) = seen.iter().find(|(user, _)| !self.chosen.contains_key(user)) {
            return Err(self.differs(stranger.user, Some(stranger), &[None]));
        }
        Ok(checked)
    }

    /// It follows the company, and nobody told it who is there: fine while it has just come.
    fn told_nothing(&self) -> Result<u64, Violation> {
        let mut own = self.index.connections.iter().filter(|connection| connection.device == self.device);
        let Some(live) = own.rfind(|connection| connection.closed.is_none_or(|closed| closed > self.entry)) else {
            return Ok(0);
        };
        if !self.is_old(live) {
            return Ok(0);
        }
        Err(Violation {
            expected: format!("{}, which follows the company, is told who is there", possessive(self.device)),
            observed: "it knows of nobody".to_owned(),
            evidence: Story::new(self.index)
                .link(live.welcome().map(|(welcomed, _)| welcomed))
                .breaks(self.entry)
                .tell(),
        })
    }

    /// Each way in which a user may look; none of it: as offline.
    fn acceptable(&self, user: UserId, at: At) -> Vec<Option<(Status, Option<&str>)>> {
        let there = self.is_there(user, at);
        let mut acceptable = Vec::new();
        if there != There::Yes {
            acceptable.push(None);
        }
        if there != There::No {
            let window = Window::between(self.entry_at(At(at.0.saturating_sub(SEEN_WITHIN_US))), self.entry);
            let timeline = &self.chosen[&user];
            let mut any = false;
            for change in timeline.changes() {
                if timeline.could(window, |chosen| std::ptr::eq(chosen, change.value)) {
                    acceptable.push(looks(change.value));
                }
                any |= change.span.to < self.entry_at(At(at.0.saturating_sub(SEEN_WITHIN_US)));
            }
            if !any {
                acceptable.push(Some((Status::Online, None)));
            }
        }
        acceptable
    }

    fn is_there(&self, user: UserId, at: At) -> There {
        let entries = &self.index.trace.entries;
        let parted = self.index.phases.get(&Phase::Parted).is_some_and(|parted| *parted < self.entry);
        let gone_within_us = if parted { GRACE_US } else { GONE_WITHIN_US };
        let own = self.index.connections.iter().filter(|connection| self.owner(connection) == Some(user));
        let mut there = There::No;
        for connection in own {
            let began = connection.frames.first().map_or(self.entry, |frame| frame.entry);
            if began >= self.entry {
                continue;
            }
            match connection.closed.filter(|closed| *closed < self.entry) {
                None if self.is_old(connection) => return There::Yes,
                None => there = There::Maybe,
                Some(closed) if entries[closed].at.0 + gone_within_us > at.0 => there = There::Maybe,
                Some(_) => {}
            }
        }
        // A device that wants to be connected may have come as far as the server and not know it.
        let own = |device: &DeviceName| self.index.users.get(&**device) == Some(&user);
        let wants = self.index.beliefs.iter().any(|(_, device, _, belief)| own(device) && belief.wants_connection);
        if wants && !parted && there == There::No { There::Maybe } else { there }
    }

    /// Whether what a connection was told by its welcome, and by others since, must have been seen.
    fn is_old(&self, connection: &Connection<'_>) -> bool {
        let entries = &self.index.trace.entries;
        connection
            .welcome()
            .is_some_and(|(welcomed, _)| entries[welcomed].at.0 + SEEN_WITHIN_US <= entries[self.entry].at.0)
    }

    fn owner(&self, connection: &Connection<'_>) -> Option<UserId> {
        connection.user.or_else(|| self.index.users.get(&**connection.device).copied())
    }

    /// The first entry that is not before a moment.
    fn entry_at(&self, at: At) -> usize {
        self.index.trace.entries[..self.entry].iter().rposition(|entry| entry.at < at).map_or(0, |before| before + 1)
    }

    fn differs(
        &self,
        user: UserId,
        seen: Option<&Presence>,
        acceptable: &[Option<(Status, Option<&str>)>],
    ) -> Violation {
        let index = self.index;
        let name = index.names().user(user);
        let word = |looks: &Option<(Status, Option<&str>)>| match looks {
            None => "offline".to_owned(),
            Some((status, None)) => status.as_str().to_owned(),
            Some((status, Some(text))) => format!("{}, {text:?}", status.as_str()),
        };
        let truth: Vec<String> = acceptable.iter().map(word).collect();
        let told =
            index.connections.iter().filter(|connection| connection.device == self.device).flat_map(|connection| {
                connection.received().filter(|(entry, frame)| {
                    *entry < self.entry
                        && match frame {
                            ServerFrame::Presence(seen) => seen.user == user,
                            ServerFrame::PresenceState(_) => true,
                            _ => false,
                        }
                })
            });
        let ends = index.connections.iter().filter(|connection| user_of(connection.device) == name);
        let last_end = ends.filter_map(|connection| connection.closed).filter(|closed| *closed < self.entry).max();
        let own = StreamId::User(user);
        let last_choice = self.chosen.get(&user).and_then(|choices| choices.changes().last());
        let mut story = Story::new(index).link(told.map(|(entry, _)| entry).last()).link(last_end);
        if let Some(choice) = last_choice {
            story = story.commit(own, choice.seq);
        }
        Violation {
            expected: format!("{} sees that {name} is {}", possessive(self.device), truth.join(" or ")),
            observed: format!("it sees that {name} is {}", seen.map_or("offline".to_owned(), telling::looks)),
            evidence: story.breaks(self.entry).tell(),
        }
    }
}

/// How somebody who is there looks with what they chose.
fn looks(chosen: &UserStatus) -> Option<(Status, Option<&str>)> {
    (chosen.status != Status::Offline).then_some((chosen.status, chosen.text.as_deref()))
}

#[cfg(test)]
mod tests {
    use system::protocol::PresenceState;

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::Trace;

    /// A scene's end, in which some of those who look see something else.
    fn seen_otherwise(scene: Scene, parted: bool, change: impl Fn(&mut Vec<Presence>)) -> Trace {
        let mut trace = scene.ends();
        let mut alone = false;
        for entry in &mut trace.entries {
            match &mut entry.what {
                Observation::Phase { phase: Phase::Parted } => alone = true,
                Observation::SawPresence { seen: Some(seen), .. } if alone == parted => {
                    change(&mut std::sync::Arc::make_mut(seen).users);
                }
                _ => {}
            }
        }
        trace
    }

    #[test]
    fn a_status_that_is_not_the_last_one_chosen_is_a_violation() {
        let mut scene = Scene::company();
        scene.chooses("ben", Status::Busy, Some("at lunch"));
        let ben = scene.user("ben");
        let trace = seen_otherwise(scene, false, |users| {
            users.iter_mut().filter(|seen| seen.user == ben).for_each(|seen| seen.text = None);
        });
        let violation = violated(&Converges, &trace);
        assert_eq!(violation.expected, "ana's phone sees that ben is busy, \"at lunch\"");
        assert_eq!(violation.observed, "it sees that ben is busy");
        assert_eq!(
            chain(&violation),
            ["server: committed ben#3 status.updated (ben is busy)", "ana/phone: sees 2 people there <- breaks it",]
        );
    }

    #[test]
    fn who_is_there_and_not_seen_is_a_violation() {
        let scene = Scene::company();
        let ben = scene.user("ben");
        let violation =
            violated(&Converges, &seen_otherwise(scene, false, |users| users.retain(|seen| seen.user != ben)));
        assert_eq!(violation.expected, "ana's phone sees that ben is online");
        assert_eq!(violation.observed, "it sees that ben is offline");
    }

    #[test]
    fn who_left_and_is_seen_still_is_a_violation() {
        let scene = Scene::company();
        let ghost = Presence {
            stream: scene.company_stream(),
            user: scene.user("ben"),
            status: Status::Online,
            text: None,
            generation: 7,
        };
        let violation = violated(&Converges, &seen_otherwise(scene, true, |users| users.push(ghost.clone())));
        assert_eq!(violation.expected, "ana's phone sees that ben is offline");
        assert_eq!(violation.observed, "it sees that ben is online");
        assert_eq!(
            chain(&violation),
            [
                "ben/phone: connection 1 ends with 1000: the device closed it",
                "ana/phone: sees 2 people there <- breaks it",
            ]
        );
    }

    #[test]
    fn who_never_was_there_and_is_seen_is_a_violation() {
        let scene = Scene::company();
        let (stream, gil) = (scene.company_stream(), scene.user("gil"));
        let ghost = Presence { stream, user: gil, status: Status::Away, text: None, generation: 7 };
        let violation = violated(&Converges, &seen_otherwise(scene, false, |users| users.push(ghost.clone())));
        assert_eq!(violation.expected, "ana's phone sees that gil is offline");
    }

    #[test]
    fn who_is_told_nothing_is_a_violation() {
        let mut trace = Scene::company().ends();
        for entry in &mut trace.entries {
            if let Observation::SawPresence { seen, .. } = &mut entry.what {
                *seen = None;
            }
        }
        assert_eq!(violated(&Converges, &trace).observed, "it knows of nobody");
    }

    #[test]
    fn an_older_word_after_a_newer_one_is_a_violation() {
        let mut scene = Scene::company();
        let seen = |scene: &Scene, status, generation| Presence {
            stream: scene.company_stream(),
            user: scene.user("ben"),
            status,
            text: None,
            generation,
        };
        let state = PresenceState {
            stream: scene.company_stream(),
            users: vec![seen(&scene, Status::Online, 3)],
            complete: true,
        };
        scene.receives("ana/phone", ServerFrame::PresenceState(state));
        let newer = seen(&scene, Status::Busy, 5);
        scene.receives("ana/phone", ServerFrame::Presence(newer));
        let older = seen(&scene, Status::Away, 4);
        scene.receives("ana/phone", ServerFrame::Presence(older));
        let violation = violated(&Converges, &scene.ends());
        assert_eq!(violation.expected, "ana's phone hears of ben nothing older than generation 5");
        assert_eq!(violation.observed, "it hears generation 4: ben is away");
    }

    #[test]
    fn what_is_true_holds() {
        let mut scene = Scene::company();
        scene.logs_in("gil/phone");
        scene.opens("gil/phone");
        scene.chooses("ben", Status::Busy, None);
        scene.chooses("ben", Status::Away, Some("back soon"));
        scene.chooses("gil", Status::Offline, Some("not for you"));
        held(&Converges, &scene.ends());
    }

    #[test]
    fn who_left_a_moment_ago_may_be_seen_or_not() {
        let mut scene = Scene::company();
        scene.closes("ben/phone");
        let ben = scene.user("ben");
        let stream = scene.company_stream();
        let still = Presence { stream, user: ben, status: Status::Online, text: None, generation: 7 };
        held(&Converges, &seen_otherwise(scene, false, |users| users.push(still.clone())));
    }

    #[test]
    fn where_nobody_looks_there_is_nothing_to_check() {
        vacuous(&Converges, &Scene::company().trace);
    }
}
