//! `rights/unauthorized`: nobody did, or read over REST, what they had no right to.
//!
//! Every committed event is judged by what its sender was just before it, in a small model of roles, activity and
//! memberships that is replayed from the final logs. Where the moment of a commit is known only roughly, the sender is
//! accused only if the right was never held in that time.

use system::client::ToldPiece;
use system::protocol::{
    CreateInvitation, Event, EventBody, FileDeleted, FileFailed, FileFailure, FileId, Member, Page, Role, Room,
    RoomDeleted, RoomHidden, RoomId, SessionId, SessionInfo, StreamId, User, UserId,
};

use crate::index::{Answer, Change, Condition, Index, Operation, Request, Standing, StreamLog, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Unauthorized;

impl Property for Unauthorized {
    fn id(&self) -> &'static str {
        "rights/unauthorized"
    }

    fn statement(&self) -> &'static str {
        "whoever caused an event had the right to, and so had whoever was told something over REST: of a stream, of the \
         company's rooms, users and invitations, of an account or of sessions"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-5", "IT-7", "IT-13", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "events on users' own streams, which only repeat what the company's and the rooms' say; that what was allowed \
         was done"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "the final logs are not there")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    // Without every log it is not known who had which right.
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut checked = 0;
    for (stream, log) in index.log.streams() {
        for event in log.events {
            let window = Window::before(index.log.span(stream, event.seq));
            if !(Deed { index, log, event, window }).is_allowed() {
                return Err(unauthorized(index, log, event));
            }
            checked += 1;
        }
    }
    for request in &index.requests {
        checked += check_read(index, request)?;
        checked += check_file(index, request)?;
    }
    Ok(checked)
}

/// An event, and the time just before it.
struct Deed<'i, 't> {
    index: &'i Index<'t>,
    log: &'i StreamLog<'t>,
    event: &'t Event,
    window: Window,
}

impl Deed<'_, '_> {
    fn is_allowed(&self) -> bool {
        let Event { sender, stream, .. } = *self.event;
        match (stream, &self.event.body) {
            (StreamId::Company(_), EventBody::CompanyCreated(_)) => self.event.seq == 1,
            (StreamId::Company(_), EventBody::UserCreated(user)) => {
                self.is_founding() || self.is_feed(user) || self.may_create(sender, user)
            }
            (StreamId::Company(_), EventBody::UserUpdated(user)) => self.may_change(sender, user),
            (StreamId::Company(_) | StreamId::Room(_), EventBody::RoomCreated(room)) => {
                room.created_by == sender && self.is(sender, Role::Member)
            }
            (StreamId::Room(_), EventBody::RoomUpdated(room)) => self.may_update(sender, room),
            // What changed stands in the room's own stream, and is judged there.
            (StreamId::Company(_), EventBody::RoomUpdated(room)) => self.manages(sender, room.id),
            (StreamId::Company(_), EventBody::RoomHidden(RoomHidden { room })) => self.governs(sender, *room),
            (StreamId::Company(_) | StreamId::Room(_), EventBody::RoomDeleted(RoomDeleted { room })) => {
                self.governs(sender, *room)
            }
            (StreamId::Room(room), EventBody::MemberAdded(member)) => {
                self.is_creators_own() || self.may_add(sender, room, member)
            }
            (StreamId::Room(room), EventBody::MemberRemoved(removed)) => {
                removed.removed_by == sender && self.may_remove(sender, room, removed.user)
            }
            (StreamId::Room(room), EventBody::MessageCreated(message)) => {
                let rights = &self.index.rights;
                message.author == sender
                    && rights.could_be_member(room, sender, self.window)
                    && rights.could_be_in_use(room, self.window)
            }
            (StreamId::Room(room), EventBody::MessageUpdated(message)) => {
                message.author == sender && self.index.rights.could_be_member(room, sender, self.window)
            }
            (StreamId::Room(room), EventBody::MessageDeleted(message)) => {
                let may = message.author == sender || self.is(sender, Role::Admin);
                may && self.index.rights.could_be_member(room, sender, self.window)
            }
            (StreamId::Room(room), EventBody::ThreadOpened(thread)) => {
                thread.opened_by == sender && self.index.rights.could_be_member(room, sender, self.window)
            }
            (StreamId::Room(room), EventBody::ThreadUpdated(_)) => {
                self.index.rights.could_be_member(room, sender, self.window)
            }
            (StreamId::User(user), EventBody::ReadUpdated(marker)) => {
                sender == user && self.index.rights.could_be_member(marker.room, sender, self.window)
            }
            (StreamId::Room(room), EventBody::FileCompleted(file)) => {
                file.owner == sender && file.room == Some(room) && self.writes(sender, file.room)
            }
            (StreamId::User(user), EventBody::FileCreated(file) | EventBody::FileCompleted(file)) => {
                file.owner == user && sender == user && self.writes(sender, file.room)
            }
            (StreamId::Room(_) | StreamId::User(_), EventBody::FileDeleted(deleted)) => {
                deleted.deleted_by == sender && self.may_delete(sender, deleted)
            }
            (StreamId::User(user), EventBody::FileFailed(FileFailed { reason: FileFailure::Terminated, .. })) => {
                sender == user || self.is(sender, Role::Admin)
            }
            // What else stands in a user's own stream repeats what was judged above.
            (StreamId::User(_), _) => true,
            (StreamId::Company(_) | StreamId::Room(_), _) => false,
        }
    }

    /// The company's first user is made with the company, by themselves.
    fn is_founding(&self) -> bool {
        self.log.events.first().is_some_and(|first| {
            matches!(first.body, EventBody::CompanyCreated(_)) && first.correlation_id == self.event.correlation_id
        })
    }

    /// The company's feed comes by itself, with its first conversation, as a member that nobody is.
    fn is_feed(&self, user: &User) -> bool {
        self.event.sender == user.id && user.role == Role::Member && user.email.ends_with("@feed.invalid")
    }

    /// A room's first member is made with the room: its creator.
    fn is_creators_own(&self) -> bool {
        let first = self.log.events.first();
        let with_room = first.is_some_and(|first| first.correlation_id == self.event.correlation_id);
        let creator = match first.map(|first| &first.body) {
            Some(EventBody::RoomCreated(room)) => Some(room.created_by),
            _ => None,
        };
        let added = match &self.event.body {
            EventBody::MemberAdded(member) => Some(member.user),
            _ => None,
        };
        with_room && self.event.seq == 2 && creator == added && creator == Some(self.event.sender)
    }

    fn may_create(&self, sender: UserId, user: &User) -> bool {
        self.is(sender, Role::Admin.max(user.role))
    }

    /// Everybody changes what they are called. Else nobody touches who is above them, nor lifts anybody above
    /// themselves.
    fn may_change(&self, sender: UserId, user: &User) -> bool {
        let before = self.index.rights.standing(user.id).and_then(|standing| standing.at(self.event.seq - 1));
        let Some(before) = before else { return false };
        if sender == user.id && before.value == Standing::of(user) {
            return self.is(sender, Role::Guest);
        }
        self.is(sender, Role::Admin.max(user.role).max(before.value.role))
    }

    fn may_add(&self, sender: UserId, room: RoomId, member: &Member) -> bool {
        let rights = &self.index.rights;
        let public = rights.could_be_public(room, self.window);
        let joins = member.user == sender && public && self.is(sender, Role::Member);
        let in_use = rights.could_be_in_use(room, self.window);
        member.added_by == sender && in_use && (joins || self.manages(sender, room))
    }

    fn may_remove(&self, sender: UserId, room: RoomId, user: UserId) -> bool {
        let leaves = user == sender && self.is(sender, Role::Guest);
        leaves || self.manages(sender, room)
    }

    /// Members rename; who governs the room does everything else. An archived room only comes out of the archive.
    fn may_update(&self, sender: UserId, room: &Room) -> bool {
        let before = self.index.rights.condition(room.id).and_then(|condition| condition.at(self.event.seq - 1));
        let Some(Change { value: before, .. }) = before else { return false };
        let after = Condition::of(room);
        if before == after {
            return !before.archived && self.manages(sender, room.id);
        }
        self.governs(sender, room.id)
    }

    /// Whether a user may write to a room; to none: they need only be somebody.
    fn writes(&self, user: UserId, room: Option<RoomId>) -> bool {
        let rights = &self.index.rights;
        match room {
            Some(room) => rights.could_be_member(room, user, self.window) && rights.could_be_in_use(room, self.window),
            None => self.is(user, Role::Guest),
        }
    }

    /// Its owner and admins delete a file, and whoever deletes its room.
    fn may_delete(&self, user: UserId, deleted: &FileDeleted) -> bool {
        let owner = self.index.files.get(deleted.file).map(|file| file.object.owner);
        let with_room = deleted.room.is_some_and(|room| self.index.rights.is_gone(room));
        owner == Some(user) || self.is(user, Role::Admin) || with_room
    }

    /// Whether a user may archive, hide and delete a room: admins, and its creator while they are in it.
    fn governs(&self, user: UserId, room: RoomId) -> bool {
        let rights = &self.index.rights;
        let created = rights.is_gone(room) || rights.room(room).is_some_and(|room| room.created_by == user);
        self.is(user, Role::Admin) || (created && self.manages(user, room))
    }

    /// Whether a user may add and remove others.
    fn manages(&self, user: UserId, room: RoomId) -> bool {
        let inside = self.index.rights.could_be_member(room, user, self.window);
        self.is(user, Role::Admin) || (inside && self.is(user, Role::Member))
    }

    fn is(&self, user: UserId, role: Role) -> bool {
        self.index.rights.could_be(user, role, self.window)
    }
}

fn unauthorized(index: &Index<'_>, log: &StreamLog<'_>, event: &Event) -> Violation {
    let names = index.names();
    let sender = names.user(event.sender);
    // What made the sender what they were: their last change before the event.
    let committed = index.log.committed(event.stream, event.seq);
    let until = committed.unwrap_or(log.entry);
    let standing = index.rights.standing(event.sender);
    let role = standing.and_then(|standing| standing.changes().iter().rfind(|change| change.span.to < until));
    let membership = match event.stream {
        StreamId::Room(room) => index.rights.membership(room, event.sender).and_then(|held| held.at(event.seq - 1)),
        _ => None,
    };
    let was = role.map_or("nobody of the company", |change| match change.value.active {
        true => change.value.role.as_str(),
        false => "deactivated",
    });
    let inside = match (event.stream, membership) {
        (StreamId::Room(_), Some(change)) if change.value => " in the room",
        (StreamId::Room(_), _) => " outside of the room",
        _ => "",
    };
    let story = Story::new(index).link(role.map(|change| change.span.to)).link(membership.map(|held| held.span.to));
    Violation {
        expected: format!("{sender}, who was {was}{inside}, is refused"),
        observed: format!("{} was committed as {sender}'s", telling::event(index.names(), event)),
        evidence: story.breaks(committed.unwrap_or(log.entry)).tell(),
    }
}

/// What a REST request was answered with, or did without leaving an event.
enum Told {
    Stream(StreamId),
    Account(UserId),
    Other(&'static str),
}

fn check_read(index: &Index<'_>, request: &Request<'_>) -> Result<u64, Violation> {
    let (Some(answer), Some(user)) = (request.success(), request.user) else { return Ok(0) };
    let window = Window::between(index.first_sending(request), index.log.horizon(answer.entry));
    let is = |role| index.rights.could_be(user, role, window);
    let (allowed, told) = match request.operation {
        Operation::ReadRoom(room) => {
            (index.rights.could_see_room(user, room, window), Told::Stream(StreamId::Room(room)))
        }
        Operation::ReadMessages(room) | Operation::ReadMessage(room) | Operation::ReadFiles(room) => {
            let stream = StreamId::Room(room);
            (index.rights.could_read(user, stream, window), Told::Stream(stream))
        }
        Operation::ReadStream(stream) | Operation::ReadEvents(stream) | Operation::ReadSnapshot(stream) => {
            (index.rights.could_read(user, stream, window), Told::Stream(stream))
        }
        Operation::ReadRooms => {
            let listed = answer.object::<Page<Room>>().map(|page| page.items).unwrap_or_default();
            let hidden = listed.iter().find(|room| !index.rights.could_see_room(user, room.id, window));
            (hidden.is_none(), hidden.map_or(Told::Other("the rooms"), |room| Told::Stream(StreamId::Room(room.id))))
        }
        Operation::ReadUsers => (is(Role::Member), Told::Other("the users")),
        Operation::ReadInvitations | Operation::RevokeInvitation(_) => {
            (is(Role::Admin), Told::Other("the invitations"))
        }
        Operation::Invite => {
            let asked = serde_json::from_str::<CreateInvitation>(request.body).map_or(Role::Owner, |asked| asked.role);
            (is(Role::Admin.max(asked)), Told::Other("inviting such a user"))
        }
        Operation::ReadAccount(of) => (of == user || is(Role::Admin), Told::Account(of)),
        Operation::ReadSessions => {
            let listed = answer.object::<Page<SessionInfo>>().map(|page| page.items).unwrap_or_default();
            let others = listed.iter().any(|listed| is_anothers(index, listed.id, user));
            (!others, Told::Other("others' sessions"))
        }
        Operation::RevokeSession(session) => (!is_anothers(index, session, user), Told::Other("others' sessions")),
        _ => return Ok(0),
    };
    if allowed {
        return Ok(1);
    }
    let names = index.names();
    let what = match told {
        Told::Stream(stream) => names.stream(stream),
        Told::Account(of) => format!("the account of {}", names.user(of)),
        Told::Other(what) => what.to_owned(),
    };
    Err(answered(index, request, user, answer, &what))
}

/// A file is its owner's, and of those who may read its room; only its owner continues it, while they may write there.
fn check_file(index: &Index<'_>, request: &Request<'_>) -> Result<u64, Violation> {
    let (Some(answer), Some(user)) = (request.success(), request.user) else { return Ok(0) };
    let window = Window::between(request.entry, index.log.horizon(answer.entry));
    let rights = &index.rights;
    let reads = |room: RoomId| rights.could_read(user, StreamId::Room(room), window);
    let about = |id: FileId| index.files.get(id).map(|file| (id, file.object));
    let (file, allowed) = match request.operation {
        Operation::ReadContent(id) => {
            let Some((id, file)) = about(id) else { return Ok(0) };
            (id, file.room.map_or(file.owner == user, reads))
        }
        Operation::ReadFile(id) | Operation::AskUpload(id) => {
            let Some((id, file)) = about(id) else { return Ok(0) };
            (id, file.owner == user || file.room.is_some_and(reads))
        }
        Operation::ContinueUpload(id) => {
            let Some((id, file)) = about(id) else { return Ok(0) };
            let adds = serde_json::from_str::<ToldPiece>(request.body).is_ok_and(|piece| piece.bytes > 0);
            let inside = file.room.is_none_or(|room| rights.could_be_member(room, user, window));
            (id, file.owner == user && (inside || !adds))
        }
        _ => return Ok(0),
    };
    if allowed { Ok(1) } else { Err(answered(index, request, user, answer, &index.names().call(file.0))) }
}

fn answered(index: &Index<'_>, request: &Request<'_>, user: UserId, answer: Answer<'_>, what: &str) -> Violation {
    let names = index.names();
    Violation {
        expected: format!("{}, whose user has no right to {what}, is refused", possessive(request.device)),
        observed: format!("{} was answered {} to {}", names.user(user), answer.status, names.path(request.path)),
        evidence: Story::new(index).link(request.entry).breaks(answer.entry).tell(),
    }
}

/// Whether a session is known to be somebody else's.
fn is_anothers(index: &Index<'_>, session: SessionId, user: UserId) -> bool {
    let owner = index.sessions.get(&session).and_then(|device| index.users.get(&***device));
    owner.is_some_and(|owner| *owner != user)
}

#[cfg(test)]
mod tests {
    use system::protocol::{Page, Visibility};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    /// Something that the server should have refused, and how the violation tells it.
    #[track_caller]
    fn check(deed: impl FnOnce(&mut Scene), expected: &str, observed: &str) {
        let mut scene = Scene::company();
        deed(&mut scene);
        let violation = violated(&Unauthorized, &scene.ends());
        assert_eq!((violation.expected.as_str(), violation.observed.as_str()), (expected, observed));
    }

    #[test]
    fn files_without_the_right_to_them_are_violations() {
        check(
            |scene| {
                let file = scene.uploads("ana/phone", Some("general"), "a.bin", 10);
                scene.removes("ana", "general", "ben");
                scene.downloads("ben/phone", &file, "");
            },
            "ben's phone, whose user has no right to a.bin, is refused",
            "ben was answered 200 to /api/v1/files/a.bin/content",
        );
        check(
            |scene| {
                let file = scene.uploads("ana/phone", None, "a.bin", 10);
                scene.downloads("ben/phone", &file, "");
            },
            "ben's phone, whose user has no right to a.bin, is refused",
            "ben was answered 200 to /api/v1/files/a.bin/content",
        );
        check(
            |scene| {
                let file = scene.creates_upload("ana/phone", Some("general"), "a.bin", 10);
                scene.removes("ben", "general", "ana");
                scene.continues("ana/phone", &file, 0, 5, 5);
            },
            "ana's phone, whose user has no right to a.bin, is refused",
            "ana was answered 204 to /api/v1/files/a.bin",
        );
        check(
            |scene| {
                let file = scene.creates_upload("ana/phone", Some("general"), "a.bin", 10);
                scene.removes("ben", "general", "ana");
                scene.completes(&file);
            },
            "ana, who was member outside of the room, is refused",
            "general#6 file.completed a.bin of 10 bytes was committed as ana's",
        );
        check(
            |scene| {
                let file = scene.uploads("ana/phone", Some("general"), "a.bin", 10);
                scene.deletes_file("ben/phone", &file);
            },
            "ben, who was member in the room, is refused",
            "general#6 file.deleted (a.bin) was committed as ben's",
        );
    }

    #[test]
    fn deeds_without_the_right_are_violations() {
        check(
            |scene| {
                scene.removes("ben", "general", "ana");
                scene.says("ana/phone", "general", "m1");
            },
            "ana, who was member outside of the room, is refused",
            "general#6 message.created \"m1\" was committed as ana's",
        );
        check(
            |scene| {
                scene.changes("auditor", "ana", |user| user.active = false);
                scene.says("ana/phone", "general", "m1");
            },
            "ana, who was deactivated in the room, is refused",
            "general#5 message.created \"m1\" was committed as ana's",
        );
        check(
            |scene| drop(scene.changes("ana", "ana", |user| user.role = Role::Owner)),
            "ana, who was member, is refused",
            "company#6 user.updated (ana is an owner) was committed as ana's",
        );
        check(
            |scene| {
                scene.changes("auditor", "ana", |user| user.role = Role::Admin);
                scene.changes("ana", "auditor", |user| user.role = Role::Member);
            },
            "ana, who was admin, is refused",
            "company#7 user.updated (auditor is a member) was committed as ana's",
        );
        check(
            |scene| drop(scene.adds("gil", "general", "gil")),
            "gil, who was guest outside of the room, is refused",
            "general#5 member.added gil was committed as gil's",
        );
        check(
            |scene| {
                scene.adds("ana", "general", "gil");
                scene.removes("gil", "general", "ben");
            },
            "gil, who was guest in the room, is refused",
            "general#6 member.removed ben was committed as gil's",
        );
    }

    #[test]
    fn the_proof_is_what_the_sender_was_and_what_they_did() {
        let mut scene = Scene::company();
        scene.removes("ben", "general", "ana");
        scene.says("ana/phone", "general", "m1");
        let violation = violated(&Unauthorized, &scene.ends());
        assert_eq!(
            chain(&violation),
            [
                "server: committed company#3 user.created (ana is a member)",
                "server: committed general#5 member.removed ana",
                "server: committed general#6 message.created \"m1\" <- breaks it",
            ]
        );
    }

    #[test]
    fn a_read_without_the_right_is_a_violation() {
        let mut scene = Scene::company();
        scene.logs_in("gil/phone");
        let path = format!("/api/v1/rooms/{}/messages", scene.room("general"));
        let request = scene.asks("gil/phone", "GET", &path, None, "");
        scene.has_user("cleo", Role::Member);
        scene.answers("gil/phone", request, 200, &Page::<u8> { items: vec![], next: None });
        let violation = violated(&Unauthorized, &scene.ends());
        assert_eq!(violation.expected, "gil's phone, whose user has no right to room general, is refused");
        assert_eq!(violation.observed, "gil was answered 200 to /api/v1/rooms/general/messages");
    }

    /// A request of gil's phone, a guest's, that the server answers with `object`.
    fn asked(method: &'static str, path: &str, object: impl Fn(&mut Scene) -> serde_json::Value) -> Violation {
        let mut scene = Scene::company();
        scene.logs_in("gil/phone");
        let request = scene.asks("gil/phone", method, path, None, r#"{"email":"zoe@acme.test","role":"member"}"#);
        let object = object(&mut scene);
        scene.answers("gil/phone", request, 200, &object);
        violated(&Unauthorized, &scene.ends())
    }

    #[test]
    fn lists_that_are_not_a_guests_are_violations() {
        let empty = |_: &mut Scene| serde_json::json!({ "items": [] });
        let check = |violation: &Violation, what: &str| {
            let expected = format!("gil's phone, whose user has no right to {what}, is refused");
            assert_eq!(violation.expected, expected);
        };
        check(&asked("GET", "/api/v1/users", empty), "the users");
        check(&asked("GET", "/api/v1/invitations", empty), "the invitations");
        check(&asked("POST", "/api/v1/invitations", empty), "inviting such a user");
        let rooms = |scene: &mut Scene| serde_json::json!({ "items": scene.rooms().collect::<Vec<_>>() });
        check(&asked("GET", "/api/v1/rooms", rooms), "room general");
        let sessions = |scene: &mut Scene| {
            let at = scene.now();
            let id = scene.trace.entries.iter().find_map(|entry| match &entry.what {
                crate::trace::Observation::LoggedIn { device, session, .. } if &**device == "ana/phone" => {
                    Some(*session)
                }
                _ => None,
            });
            let (id, device) = (id.expect("ana's phone has logged in"), "phone".to_owned());
            let listed = SessionInfo { id, device, created_at: at, refreshed_at: at, expires_at: at, current: false };
            serde_json::json!({ "items": [listed] })
        };
        check(&asked("GET", "/api/v1/auth/sessions", sessions), "others' sessions");
    }

    #[test]
    fn an_admin_knows_of_every_room_but_reads_in_none() {
        let read = |what: &str| {
            let mut scene = Scene::company();
            scene.has_user("dora", Role::Admin);
            scene.logs_in("dora/phone");
            let path = format!("/api/v1/rooms/{}{what}", scene.room("general"));
            let request = scene.asks("dora/phone", "GET", &path, None, "");
            scene.answers("dora/phone", request, 200, &());
            scene.ends()
        };
        held(&Unauthorized, &read(""));
        assert_eq!(
            violated(&Unauthorized, &read("/messages")).observed,
            "dora was answered 200 to /api/v1/rooms/general/messages"
        );
    }

    #[test]
    fn a_read_while_the_right_was_taken_is_no_violation() {
        let mut scene = Scene::company();
        let path = format!("/api/v1/rooms/{}/messages", scene.room("general"));
        let request = scene.asks("ana/phone", "GET", &path, None, "");
        scene.removes("ben", "general", "ana");
        scene.answers("ana/phone", request, 200, &Page::<u8> { items: vec![], next: None });
        held(&Unauthorized, &scene.ends());
    }

    #[test]
    fn a_commit_that_the_server_died_over_is_judged_by_what_can_have_been() {
        let mut scene = Scene::company();
        scene.adds("ana", "general", "gil");
        let untold = |entry: &crate::trace::Entry| matches!(&entry.what, crate::trace::Observation::Committed { seq: 5, kind, .. } if &**kind == "member.added");
        scene.trace.entries.retain(|entry| !untold(entry));
        scene.server(crate::trace::ServerChange::Killed);
        scene.logs_in("gil/phone");
        scene.says("gil/phone", "general", "m1");
        held(&Unauthorized, &scene.ends());
    }

    #[test]
    fn what_is_allowed_holds() {
        let mut scene = Scene::company();
        scene.has_room("square", Visibility::Public, &[]);
        scene.adds("ana", "square", "ana");
        scene.removes("ana", "square", "ana");
        scene.changes("auditor", "ben", |user| user.role = Role::Owner);
        scene.changes("ben", "auditor", |user| user.active = false);
        scene.says("ana/phone", "general", "m1");
        held(&Unauthorized, &scene.ends());
    }

    #[test]
    fn without_final_logs_there_is_nothing_to_check() {
        let scene = Scene::company();
        vacuous(&Unauthorized, &scene.trace);
    }
}
