//! `rights/revocation`: who lost the right to a stream gets nothing more of it.
//!
//! "After the removal" is a position, not a moment: an event below the removal's `seq` may still arrive late, one at
//! or above it never, unless the user was let in again before it arrived. A connection that was opened after the
//! removal gets nothing at all. What counts as let in again is generous by the one commit that the server can have
//! known before it told of it.

use system::protocol::{Event, FileProgress, Role, ServerFrame, StreamId, UserId};

use crate::index::{Change, Connection, Index, Seen, Standing, Timeline, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Revocation;

impl Property for Revocation {
    fn id(&self) -> &'static str {
        "rights/revocation"
    }

    fn statement(&self) -> &'static str {
        "no event of a stream, and no subscription to it, reaches a device whose user has no right to it: removed, made \
         a guest, deactivated, or never let in"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-7", "IT-14", "IT-E3", "IT-2", "WS-5", "WS-7", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a connection of a deactivated user is closed in time, nor what REST answers show (rights/unauthorized \
         does), nor rooms that are deleted in the end (rights/deleted-rooms does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no device was pushed an event, or the final logs are not there")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    // Without every log it is not known who was a member of what.
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut checked = 0;
    for connection in &index.connections {
        if let Some(user) = connection.user {
            checked += Case { index, connection, user }.check()?;
        }
    }
    Ok(checked)
}

/// One connection of one user.
struct Case<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
    user: UserId,
}

/// Why an event may not be pushed.
enum Refusal {
    /// The right was lost at this place, which is not after the event's.
    Lost { stream: StreamId, seq: u64 },
    /// The right was never given.
    NeverHeld,
}

impl Case<'_, '_> {
    fn check(&self) -> Result<u64, Violation> {
        let opened = self.connection.hello().unwrap_or(0);
        let mut checked = 0;
        for frame in &self.connection.frames {
            match frame.seen {
                Seen::Received(ServerFrame::Event(event)) => {
                    if let Some(refusal) = self.refusal(event, frame.entry, opened) {
                        return Err(self.pushed(event, frame.entry, &refusal));
                    }
                    checked += 1;
                }
                Seen::Received(ServerFrame::Welcome(_, welcome)) => {
                    for state in &welcome.streams {
                        self.check_subscription(state.stream, opened, frame.entry)?;
                    }
                }
                Seen::Received(ServerFrame::Subscribed(_, state)) => {
                    self.check_subscription(state.stream, opened, frame.entry)?;
                }
                Seen::Received(ServerFrame::FileProgress(progress)) => {
                    self.check_progress(progress, frame.entry)?;
                    checked += 1;
                }
                _ => {}
            }
        }
        Ok(checked)
    }

    /// Progress has no place in its stream. But it cannot have been made before the bytes that it tells of were sent: the
    /// right must have been held since.
    fn check_progress(&self, progress: &FileProgress, entry: usize) -> Result<(), Violation> {
        let Some(sent) = self.index.sendings.reaching(progress.file, progress.offset) else { return Ok(()) };
        let window = Window::between(sent, self.index.log.horizon(entry));
        if self.index.rights.could_follow(self.user, progress.stream, window) {
            return Ok(());
        }
        let (device, names) = (possessive(self.connection.device), self.index.names());
        Err(Violation {
            expected: format!("{device} hears nothing of files of {}", names.stream(progress.stream)),
            observed: format!(
                "it hears of {}, though {} has no right to it since before it was sent",
                names.call(progress.file.0),
                self.name()
            ),
            evidence: Story::new(self.index).link(sent).breaks(entry).tell(),
        })
    }

    /// The right must have been held at some moment since the connection began.
    fn check_subscription(&self, stream: StreamId, opened: usize, entry: usize) -> Result<(), Violation> {
        let window = Window::between(opened, self.index.log.horizon(entry));
        if self.index.rights.could_follow(self.user, stream, window) {
            return Ok(());
        }
        let (device, names) = (possessive(self.connection.device), self.index.names());
        Err(Violation {
            expected: format!(
                "{device} is not let into {}, to which {} has no right",
                names.stream(stream),
                self.name()
            ),
            observed: "it is subscribed".to_owned(),
            evidence: Story::new(self.index).link(opened).breaks(entry).tell(),
        })
    }

    fn refusal(&self, event: &Event, entry: usize, opened: usize) -> Option<Refusal> {
        let rights = &self.index.rights;
        let standing = rights.standing(self.user);
        let by_place = match event.stream {
            StreamId::User(owner) => (owner != self.user).then_some(Refusal::NeverHeld),
            StreamId::Room(room) if rights.is_gone(room) => None,
            StreamId::Room(room) => {
                self.refused_by_place(event, entry, opened, rights.membership(room, self.user), |is_member| is_member)
            }
            StreamId::Company(_) => self.refused_by_place(event, entry, opened, standing, Standing::sees_company),
        };
        by_place.or_else(|| self.refused_by_deactivation(event, entry, standing?))
    }

    /// The right to a stream whose own events give and take it.
    fn refused_by_place<T: Copy>(
        &self,
        event: &Event,
        entry: usize,
        opened: usize,
        timeline: Option<&Timeline<T>>,
        holds: impl Fn(T) -> bool,
    ) -> Option<Refusal> {
        let Some(timeline) = timeline else { return Some(Refusal::NeverHeld) };
        let known = self.index.log.horizon(entry);
        let given_later =
            |seq: u64| timeline.after(seq).iter().any(|change| holds(change.value) && change.span.from <= known);
        let lost = |change: Change<T>| Some(Refusal::Lost { stream: event.stream, seq: change.seq });
        match timeline.at(event.seq) {
            None => (!given_later(event.seq)).then_some(Refusal::NeverHeld),
            Some(change) if !holds(change.value) => (!given_later(change.seq)).then(|| lost(change)).flatten(),
            // The user held the right at the event's place; the connection may have begun when it was gone.
            Some(_) => {
                let gone = timeline.after(event.seq).iter().rfind(|change| change.span.to < opened)?;
                (!holds(gone.value) && !given_later(gone.seq)).then(|| lost(*gone)).flatten()
            }
        }
    }

    /// A deactivated user gets nothing that was committed after, on no stream.
    fn refused_by_deactivation(&self, event: &Event, entry: usize, standing: &Timeline<Standing>) -> Option<Refusal> {
        let ended = standing.changes().iter().rfind(|change| change.span.to <= entry && !change.value.active)?;
        let known = self.index.log.horizon(entry);
        if standing.after(ended.seq).iter().any(|change| change.value.active && change.span.from <= known) {
            return None;
        }
        let committed = self.index.log.committed(event.stream, event.seq)?;
        let company = self.index.rights.company()?;
        let deactivation = self.index.log.event(company, ended.seq)?;
        // The same mutation tells the user's own stream of it: these are the last words.
        let last_words = deactivation.correlation_id == event.correlation_id;
        (committed > ended.span.to && !last_words).then_some(Refusal::Lost { stream: company, seq: ended.seq })
    }

    fn pushed(&self, event: &Event, entry: usize, refusal: &Refusal) -> Violation {
        let names = self.index.names();
        let (device, user) = (possessive(self.connection.device), self.name());
        let stream = names.stream(event.stream);
        let story = Story::new(self.index).origin(event);
        let (expected, why, story) = match refusal {
            Refusal::Lost { stream: by, seq } => (
                format!(
                    "{device} gets nothing of {stream} from {} on, where {user} lost the right",
                    names.place(*by, *seq)
                ),
                format!("though {user} was not let in again"),
                story.commit(*by, *seq),
            ),
            Refusal::NeverHeld => {
                (format!("{device} gets nothing of {stream}"), format!("to which {user} had no right"), story)
            }
        };
        Violation {
            expected,
            observed: format!("it receives {}, {why}", telling::event(self.index.names(), event)),
            evidence: story.breaks(entry).tell(),
        }
    }

    fn name(&self) -> String {
        self.index.names().user(self.user)
    }
}

impl Standing {
    /// Whether who is this may follow the company's stream.
    fn sees_company(self) -> bool {
        self.is_at_least(Role::Member)
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Epoch, StreamState, Visibility};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    #[test]
    fn an_event_after_a_removal_is_a_violation() {
        let mut scene = Scene::company();
        scene.removes("ben", "general", "ana");
        scene.fault("stall", "stall ana/phone");
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&Revocation, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's phone gets nothing of room general from general#5 on, where ana lost the right"
        );
        assert_eq!(violation.observed, "it receives general#6 message.created \"m1\", though ana was not let in again");
        assert_eq!(
            chain(&violation),
            [
                "server: committed general#5 member.removed ana",
                "fault: stall ana/phone",
                "ben/phone: message.send \"m1\" to general",
                "server: committed general#6 message.created \"m1\"",
                "ana/phone: receives general#6 message.created \"m1\" <- breaks it",
            ]
        );
    }

    #[test]
    fn the_removal_itself_is_already_too_much() {
        let mut scene = Scene::company();
        let removal = scene.removes("ben", "general", "ana");
        scene.gets("ana/phone", &removal);
        let violation = violated(&Revocation, &scene.ends());
        assert!(violation.observed.contains("general#5 member.removed"), "{}", violation.observed);
    }

    #[test]
    fn an_event_that_a_guest_gets_of_the_company_is_a_violation() {
        let mut scene = Scene::company();
        scene.changes("auditor", "ana", |user| user.role = Role::Guest);
        let event = scene.has_user("cleo", Role::Member);
        scene.gets("ana/phone", &event);
        let violation = violated(&Revocation, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's phone gets nothing of the company's stream from company#6 on, where ana lost the right"
        );
    }

    #[test]
    fn an_event_after_a_deactivation_is_a_violation_on_every_stream() {
        let mut scene = Scene::company();
        scene.changes("auditor", "ana", |user| user.active = false);
        let own = scene.logs[&StreamId::User(scene.user("ana"))].last().unwrap().clone();
        scene.gets("ana/phone", &own);
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&Revocation, &scene.ends());
        assert_eq!(violation.observed, "it receives general#5 message.created \"m1\", though ana was not let in again");
        assert!(violation.expected.ends_with("from company#6 on, where ana lost the right"), "{}", violation.expected);
    }

    #[test]
    fn a_room_that_one_never_was_in_is_a_violation() {
        let mut scene = Scene::company();
        scene.has_room("den", Visibility::Private, &["ben"]);
        let event = scene.says("ben/phone", "den", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&Revocation, &scene.ends());
        assert_eq!(violation.expected, "ana's phone gets nothing of room den");
        assert_eq!(violation.observed, "it receives den#4 message.created \"m1\", to which ana had no right");
    }

    #[test]
    fn a_connection_that_was_opened_after_the_removal_gets_nothing_old_either() {
        let mut scene = Scene::company();
        let event = scene.says("ben/phone", "general", "m1");
        scene.closes("ana/phone");
        scene.removes("ben", "general", "ana");
        scene.opens("ana/phone");
        scene.gets("ana/phone", &event);
        let violation = violated(&Revocation, &scene.ends());
        assert_eq!(
            violation.expected,
            "ana's phone gets nothing of room general from general#6 on, where ana lost the right"
        );
    }

    #[test]
    fn a_subscription_without_the_right_is_a_violation() {
        let mut scene = Scene::company();
        scene.has_room("den", Visibility::Private, &["ben"]);
        scene.has_room("attic", Visibility::Private, &[]);
        let stream = scene.room_stream("den");
        let state = StreamState { stream, seq: 3, epoch: Epoch(1), recovered: false };
        scene.receives("ana/phone", ServerFrame::Subscribed(Some("1".into()), state));
        let violation = violated(&Revocation, &scene.ends());
        assert_eq!(violation.expected, "ana's phone is not let into room den, to which ana has no right");
        assert_eq!(violation.observed, "it is subscribed");
    }

    #[test]
    fn progress_of_a_rooms_file_after_the_removal_is_a_violation() {
        let progress = |late: bool| {
            let mut scene = Scene::company();
            let file = scene.creates_upload("ben/phone", Some("general"), "a.bin", 10);
            if !late {
                scene.sends_chunk("ben/phone", &file, 0, 5);
            }
            scene.removes("ben", "general", "ana");
            if late {
                scene.sends_chunk("ben/phone", &file, 0, 5);
            }
            let stream = scene.room_stream("general");
            let progress = FileProgress { stream, file: file.id, offset: 5, size: 10 };
            scene.receives("ana/phone", ServerFrame::FileProgress(progress));
            scene.ends()
        };
        held(&Revocation, &progress(false));
        let violation = violated(&Revocation, &progress(true));
        assert_eq!(violation.expected, "ana's phone hears nothing of files of room general");
        assert_eq!(violation.observed, "it hears of a.bin, though ana has no right to it since before it was sent");
    }

    #[test]
    fn what_was_committed_before_the_removal_may_come_late() {
        let mut scene = Scene::company();
        let event = scene.says("ben/phone", "general", "m1");
        scene.removes("ben", "general", "ana");
        scene.gets("ana/phone", &event);
        held(&Revocation, &scene.ends());
    }

    #[test]
    fn who_was_let_in_again_may_read_what_they_missed() {
        let mut scene = Scene::company();
        scene.removes("ben", "general", "ana");
        let missed = scene.says("ben/phone", "general", "m1");
        scene.adds("ben", "general", "ana");
        scene.gets("ana/phone", &missed);
        held(&Revocation, &scene.ends());
    }

    #[test]
    fn without_a_push_there_is_nothing_to_check() {
        vacuous(&Revocation, &Scene::company().ends());
    }
}
