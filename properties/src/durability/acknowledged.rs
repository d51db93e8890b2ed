//! `durability/acknowledged`: what the server gave its word for is there at the end, to the field.

use system::protocol::{
    Ack, AckObject, ChunkStored, CreatedInvitation, Event, EventBody, File, FileId, FileState, Invitation, Member,
    Message, ReadMarker, Room, RoomId, ServerFrame, Session, Status, StreamId, Thread, User, UserId, UserStatus,
};

use crate::index::{Answer, Index, Operation, Request, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct Acknowledged;

impl Property for Acknowledged {
    fn id(&self) -> &'static str {
        "durability/acknowledged"
    }

    fn statement(&self) -> &'static str {
        "everything that the server acknowledged or pushed is in the final log, field by field"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-1", "CG-7", "IT-3", "IT-E5", "PROTOCOL 2"]
    }

    fn does_not_verify(&self) -> &'static str {
        "what was never answered: whether it took effect is the server's to decide; nor that a session or a token is \
         there, which leaves no event; nor what was in a room that was deleted since"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nothing was acknowledged or pushed, or the final logs are not there")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    // A stream that could not be read is server/healthy's to tell; nothing can be said of what it held.
    if !index.log.is_complete() {
        return Ok(0);
    }
    let mut checked = 0;
    for request in &index.requests {
        if let Some(answer) = request.success() {
            checked += check_answer(index, request, answer)?;
        }
    }
    for connection in &index.connections {
        for (entry, frame) in connection.received() {
            match frame {
                ServerFrame::Event(event) => check_push(index, connection.device, entry, event)?,
                ServerFrame::ChunkStored(_, stored) => check_chunk(index, connection.device, entry, *stored)?,
                ServerFrame::Ack(_, ack) => check_ack(index, connection.device, entry, ack)?,
                _ => continue,
            }
            checked += 1;
        }
    }
    Ok(checked)
}

fn check_push(index: &Index<'_>, device: &str, entry: usize, event: &Event) -> Result<(), Violation> {
    let logged = index.log.event(event.stream, event.seq);
    if logged == Some(event) || index.log.gone(event.stream).is_some() {
        return Ok(());
    }
    if index.log.came_after_the_last_look(event.stream, event.seq) {
        return Ok(());
    }
    let pushed = telling::event(index.names(), event);
    Err(Violation {
        expected: format!("{pushed}, which {} was sent, is in the final log", possessive(device)),
        observed: logged.map_or_else(
            || "the final log has nothing there".to_owned(),
            |logged| format!("the final log has {} there, by other fields", telling::event(index.names(), logged)),
        ),
        evidence: evidence(index, event.stream, event.seq, entry),
    })
}

fn check_message(index: &Index<'_>, device: &str, entry: usize, message: &Message) -> Result<(), Violation> {
    let stream = StreamId::Room(message.room);
    let logged_as = index.versions.of(message).map(|(_, logged)| logged);
    if logged_as == Some(message) || index.log.gone(stream).is_some() {
        return Ok(());
    }
    let logged = index.log.event(stream, message.seq);
    let place = index.names().place(stream, message.seq);
    Err(Violation {
        expected: format!("message {:?}, acknowledged to {}, is {place}", message.body, possessive(device)),
        observed: logged.map_or_else(
            || "the final log has nothing there".to_owned(),
            |logged| match &logged.body {
                EventBody::MessageCreated(other) => format!("{place} is {other:?}, not {message:?}"),
                body => format!("{place} is a {}", body.kind()),
            },
        ),
        evidence: evidence(index, stream, message.seq, entry),
    })
}

fn check_ack(index: &Index<'_>, device: &str, entry: usize, ack: &Ack) -> Result<(), Violation> {
    let marker = match &ack.object {
        AckObject::Message(message) => return check_message(index, device, entry, message),
        AckObject::Status(chosen) => return check_status(index, device, entry, ack, chosen),
        AckObject::ReadMarker(marker) => marker,
    };
    if has_marker(index, ack.stream, marker) {
        return Ok(());
    }
    let room = index.names().room(marker.room);
    Err(Violation {
        expected: format!("{}, acknowledged as having read {room} up to {}, has", possessive(device), marker.seq),
        observed: "the final log says nothing of it".to_owned(),
        evidence: evidence(index, ack.stream, ack.seq, entry),
    })
}

/// A chunk that was stored as the last of its file has completed it.
fn check_chunk(index: &Index<'_>, device: &str, entry: usize, stored: ChunkStored) -> Result<(), Violation> {
    if is_so_far(index, stored.file, stored.offset) {
        return Ok(());
    }
    let file = index.names().call(stored.file.0);
    Err(Violation {
        expected: format!("{file}, all of which was acknowledged to {}, is complete", possessive(device)),
        observed: "the final log says nothing of it".to_owned(),
        evidence: Story::new(index).breaks(entry).tell(),
    })
}

/// Whether the log knows a file, and that it is complete if it is at its end.
fn is_so_far(index: &Index<'_>, file: FileId, offset: u64) -> bool {
    index.files.get(file).is_some_and(|file| offset < file.object.size || file.completed.is_some())
}

/// Whether the log knows a file as it was answered.
fn has_file(index: &Index<'_>, answered: &File) -> bool {
    let logged = index.files.get(answered.id);
    logged.is_some_and(|logged| match answered.state {
        FileState::Complete => logged.completed.is_some_and(|(_, file)| file == answered),
        FileState::Uploading => {
            let expires_at = answered.expires_at;
            *logged.object == File { offset: 0, expires_at: logged.object.expires_at, ..answered.clone() }
                && expires_at >= logged.object.expires_at
        }
    })
}

/// A status that was chosen is in the log of its user's stream; online is what it was before any choice.
fn check_status(
    index: &Index<'_>,
    device: &str,
    entry: usize,
    ack: &Ack,
    chosen: &UserStatus,
) -> Result<(), Violation> {
    let unchosen = chosen.status == Status::Online && chosen.text.is_none();
    if unchosen || has(index, ack.stream, |body| matches!(body, EventBody::StatusUpdated(logged) if logged == chosen)) {
        return Ok(());
    }
    Err(Violation {
        expected: format!("the status {}, acknowledged to {}, was chosen", chosen.status.as_str(), possessive(device)),
        observed: "the final log says nothing of it".to_owned(),
        evidence: evidence(index, ack.stream, ack.seq, entry),
    })
}

/// Whether the log tells of a marker: it was moved there, or its user joined the room there.
fn has_marker(index: &Index<'_>, own: StreamId, marker: &ReadMarker) -> bool {
    let moved = |body: &EventBody| matches!(body, EventBody::ReadUpdated(ReadMarker { room, seq, .. }) if (*room, *seq) == (marker.room, marker.seq));
    let joined = index.log.event(StreamId::Room(marker.room), marker.seq);
    has(index, own, moved)
        || index.rights.is_gone(marker.room)
        || joined.is_some_and(
            |event| matches!(&event.body, EventBody::MemberAdded(member) if StreamId::User(member.user) == own),
        )
}

/// How many things in the answer were checked.
fn check_answer(index: &Index<'_>, request: &Request<'_>, answer: Answer<'_>) -> Result<u64, Violation> {
    // A room that was deleted since took everything with it.
    if request.operation.room().is_some_and(|room| index.rights.is_gone(room)) {
        return Ok(0);
    }
    let in_log = match request.operation {
        Operation::PostMessage(_) | Operation::EditMessage(_) | Operation::DeleteMessage(_) => {
            let Some(message) = answer.object::<Message>() else { return Ok(0) };
            return check_message(index, request.device, answer.entry, &message).map(|()| 1);
        }
        Operation::Register => {
            let Some(session) = answer.object::<Session>() else { return Ok(0) };
            has_user(index, &session.user)
                && has(
                    index,
                    StreamId::Company(session.company.id),
                    |body| matches!(body, EventBody::CompanyCreated(company) if *company == session.company),
                )
        }
        Operation::CreateUser => {
            let Some(user) = answer.object::<User>() else { return Ok(0) };
            has_user(index, &user)
        }
        Operation::ChangeUser(id) => match answer.object::<User>() {
            Some(user) => has_user(index, &user),
            // No object came back: that the user changed, or had no need to, is all that was said.
            None => index.rights.standing(id).is_some(),
        },
        Operation::ChangeSelf => {
            let Some(user) = answer.object::<User>() else { return Ok(0) };
            has_user(index, &user)
        }
        Operation::AcceptInvitation => {
            let Some(session) = answer.object::<Session>() else { return Ok(0) };
            let is_theirs = |invitation: &Invitation| invitation.accepted_by == Some(session.user.id);
            has_user(index, &session.user) && invitation(index, is_theirs)
        }
        Operation::Invite => {
            let Some(CreatedInvitation { invitation: created, .. }) = answer.object() else { return Ok(0) };
            invitation(index, |kept| {
                let (accepted_by, revoked_at) = (created.accepted_by, created.revoked_at);
                Invitation { accepted_by, revoked_at, ..kept.clone() } == created
            })
        }
        Operation::RevokeInvitation(id) => {
            invitation(index, |kept| kept.id == id && kept.revoked_at.is_some() && kept.accepted_by.is_none())
        }
        Operation::RevokeSession(session) => {
            let Some(user) = request.user else { return Ok(0) };
            has(
                index,
                StreamId::User(user),
                |body| matches!(body, EventBody::SessionRevoked(ended) if ended.session == session),
            )
        }
        Operation::CreateRoom => {
            let Some(room) = answer.object::<Room>() else { return Ok(0) };
            has(
                index,
                StreamId::Room(room.id),
                |body| matches!(body, EventBody::RoomCreated(created) if *created == room),
            ) || index.rights.is_gone(room.id)
        }
        Operation::ChangeRoom(id) => {
            let Some(room) = answer.object::<Room>() else { return Ok(0) };
            has(
                index,
                StreamId::Room(id),
                |body| matches!(body, EventBody::RoomCreated(logged) | EventBody::RoomUpdated(logged) if *logged == room),
            )
        }
        Operation::OpenThread(room) => {
            let Some(thread) = answer.object::<Thread>() else { return Ok(0) };
            has(
                index,
                StreamId::Room(room),
                |body| matches!(body, EventBody::ThreadOpened(logged) | EventBody::ThreadUpdated(logged) if *logged == thread),
            )
        }
        Operation::CreateUpload | Operation::ReadFile(_) => {
            let Some(file) = answer.object::<File>() else { return Ok(0) };
            has_file(index, &file)
        }
        Operation::ContinueUpload(file) | Operation::AskUpload(file) => match request.upload_offset {
            Some(offset) => is_so_far(index, file, offset),
            None => return Ok(0),
        },
        Operation::DeleteFile(file) => index.files.get(file).is_some_and(|file| file.ended.is_some()),
        Operation::MarkRead(_) => match (answer.object::<ReadMarker>(), request.user) {
            (Some(marker), Some(user)) => has_marker(index, StreamId::User(user), &marker),
            _ => return Ok(0),
        },
        Operation::AddMember(room, user) => match (answer.object::<Member>(), user) {
            (Some(member), _) => has(
                index,
                StreamId::Room(room),
                |body| matches!(body, EventBody::MemberAdded(added) if *added == member),
            ),
            (None, Some(user)) => was(index, request, answer, (room, user), true),
            (None, None) => return Ok(0),
        },
        Operation::RemoveMember(room, user) => was(index, request, answer, (room, user), false),
        _ => return Ok(0),
    };
    if in_log { Ok(1) } else { Err(missing(index, request, answer)) }
}

/// Whether an event of a stream in the final log is what is looked for.
fn has(index: &Index<'_>, stream: StreamId, looked_for: impl Fn(&EventBody) -> bool) -> bool {
    index.log.stream(stream).is_some_and(|log| log.events.iter().any(|event| looked_for(&event.body)))
}

/// Whether an invitation at the end is what is looked for. Where they were not read, nothing is missed.
fn invitation(index: &Index<'_>, looked_for: impl Fn(&Invitation) -> bool) -> bool {
    index.invitations.is_none_or(|(_, all)| all.iter().any(looked_for))
}

fn has_user(index: &Index<'_>, user: &User) -> bool {
    has(
        index,
        StreamId::Company(user.company),
        |body| matches!(body, EventBody::UserCreated(logged) | EventBody::UserUpdated(logged) if logged == user),
    )
}

/// Whether a user can have been a member of a room, or not have been one, at some moment from the first sending of a
/// request to its answer. Adding a member, or removing who is none, changes nothing and is no lie.
fn was(index: &Index<'_>, request: &Request<'_>, answer: Answer<'_>, of: (RoomId, UserId), member: bool) -> bool {
    let first = index.first_sending(request);
    let window = Window::between(first, index.log.horizon(answer.entry));
    match index.rights.membership(of.0, of.1) {
        Some(timeline) if !member && timeline.changes().first().is_some_and(|change| change.span.from > first) => true,
        Some(timeline) => timeline.could(window, |held| held == member),
        None => !member,
    }
}

fn missing(index: &Index<'_>, request: &Request<'_>, answer: Answer<'_>) -> Violation {
    let (_, asked) = telling::who_and_what(index, request.entry);
    Violation {
        expected: format!(
            "what {} asked for by {asked} is there at the end, for it was answered {}",
            possessive(request.device),
            answer.status
        ),
        observed: format!("nothing there equals the answer {}", answer.body),
        evidence: Story::new(index).link(request.entry).breaks(answer.entry).tell(),
    }
}

/// From the word that was given to the log in which it is missing.
fn evidence(index: &Index<'_>, stream: StreamId, seq: u64, word: usize) -> Vec<crate::property::Evidence> {
    let story = Story::new(index).commit(stream, seq).link(word);
    match index.log.stream(stream) {
        Some(log) => story.breaks(log.entry).tell(),
        None => story.breaks(word).tell(),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{Role, SessionRevoked, Visibility};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::{Observation, ServerChange};

    #[test]
    fn an_acknowledged_message_that_a_power_loss_takes_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.acknowledges("ana/phone", &event);
        scene.fault("power_loss", "the server loses power");
        scene.server(ServerChange::PowerLost { lost_writes: 1, unsynced_writes: 1 });
        scene.logs.get_mut(&event.stream).unwrap().pop();
        let violation = violated(&Acknowledged, &scene.ends());
        assert_eq!(violation.expected, "message \"m1\", acknowledged to ana's phone, is general#5");
        assert_eq!(violation.observed, "the final log has nothing there");
        assert_eq!(
            chain(&violation),
            [
                "server: committed general#5 message.created",
                "ana/phone: is acknowledged \"m1\" at general#5",
                "fault: the server loses power",
                "server: loses power, and 1 of 1 unsynced writes",
                "auditor: reads the log of room general: it ends at 4 <- breaks it",
            ]
        );
    }

    #[test]
    fn what_is_committed_after_the_last_look_need_not_be_in_it() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.gets("ben/phone", &event);
        scene.logs.get_mut(&event.stream).unwrap().pop();
        let mut trace = scene.ends();
        violated(&Acknowledged, &trace);
        let of_the_event = |observation: &Observation| matches!(observation, Observation::Committed { stream, seq, .. } if (*stream, *seq) == (event.stream, event.seq));
        let committed = trace.entries.iter().position(|entry| of_the_event(&entry.what)).unwrap();
        let committed = trace.entries.remove(committed);
        trace.entries.push(committed);
        held(&Acknowledged, &trace);
    }

    #[test]
    fn an_event_that_is_pushed_and_then_lost_is_a_violation() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.gets("ben/phone", &event);
        scene.logs.get_mut(&event.stream).unwrap().pop();
        let violation = violated(&Acknowledged, &scene.ends());
        assert_eq!(
            violation.expected,
            "general#5 message.created \"m1\", which ben's phone was sent, is in the final log"
        );
        assert_eq!(violation.observed, "the final log has nothing there");
    }

    #[test]
    fn an_acknowledgement_that_differs_from_its_event_is_a_violation() {
        let mut scene = Scene::company();
        let mut event = scene.says("ana/phone", "general", "m1");
        let EventBody::MessageCreated(message) = &mut event.body else { panic!("{event:?}") };
        message.body = "m2".into();
        scene.acknowledges("ana/phone", &event);
        let violation = violated(&Acknowledged, &scene.ends());
        assert!(violation.observed.starts_with("general#5 is Message"), "{}", violation.observed);
    }

    /// What the answer to a request says, against what is in the log.
    #[test]
    fn an_answer_without_its_event_is_a_violation() {
        let mut scene = Scene::company();
        let mut room = scene.rooms().next().unwrap().clone();
        room.name = "den".into();
        let request = scene.asks("ana/phone", "POST", "/api/v1/rooms", Some("k1"), r#"{"name":"den"}"#);
        scene.answers("ana/phone", request, 201, &room);
        let violation = violated(&Acknowledged, &scene.ends());
        assert_eq!(
            violation.expected,
            "what ana's phone asked for by POST /rooms {name: den} is there at the end, for it was answered 201"
        );
        assert!(violation.observed.contains("\"den\""), "{}", violation.observed);
        assert_eq!(
            chain(&violation),
            ["ana/phone: POST /rooms {name: den}", "ana/phone: is answered 201 <- breaks it"]
        );
    }

    #[test]
    fn a_removal_that_removed_nobody_is_a_violation() {
        let mut scene = Scene::company();
        let (room, ben) = (scene.room("general"), scene.user("ben"));
        let path = format!("/api/v1/rooms/{room}/members/{ben}");
        let request = scene.asks("ana/phone", "DELETE", &path, None, "");
        scene.answers("ana/phone", request, 204, &());
        let violation = violated(&Acknowledged, &scene.ends());
        assert_eq!(
            violation.expected,
            "what ana's phone asked for by DELETE /rooms/general/members/ben is there at the end, for it was \
             answered 204"
        );
    }

    /// Takes what the log says last of a user away: the file's last event, and the quota after it.
    fn forget(scene: &mut Scene, user: &str) {
        let log = scene.logs.get_mut(&StreamId::User(scene.user(user))).expect("the user has a stream");
        log.truncate(log.len() - 2);
    }

    #[test]
    fn a_file_that_was_created_completed_or_deleted_and_is_not_is_a_violation() {
        let mut scene = Scene::company();
        scene.creates_upload("ana/phone", None, "a.bin", 1_000);
        forget(&mut scene, "ana");
        let violation = violated(&Acknowledged, &scene.ends());
        assert!(violation.expected.contains("POST /files a.bin of 1000 bytes"), "{}", violation.expected);

        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", None, "a.bin", 1_000);
        forget(&mut scene, "ana");
        let violation = violated(&Acknowledged, &scene.ends());
        assert!(violation.expected.contains("PATCH /files/a.bin with bytes 0 to 1000"), "{}", violation.expected);

        let mut scene = Scene::company();
        scene.sends_chunk("ana/phone", &file, 0, 1_000);
        scene.stores_chunk("ana/phone", &file, 1_000);
        let violation = violated(&Acknowledged, &scene.ends());
        assert!(violation.expected.ends_with("acknowledged to ana's phone, is complete"), "{}", violation.expected);

        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", None, "a.bin", 1_000);
        scene.deletes_file("ana/phone", &file);
        forget(&mut scene, "ana");
        let violation = violated(&Acknowledged, &scene.ends());
        assert!(violation.expected.contains("DELETE /files/a.bin"), "{}", violation.expected);
    }

    #[test]
    fn files_that_are_there_hold() {
        let mut scene = Scene::company();
        let file = scene.uploads("ana/phone", Some("general"), "a.bin", 1_000);
        scene.asks_upload("ana/phone", &file, 1_000);
        scene.deletes_file("ana/phone", &file);
        let trace = scene.ends();
        assert_eq!(check(&Index::new(&trace)), Ok(4), "created, completed, asked for and deleted");
    }

    /// Ana's phone invites zoe, and the auditor finds what `kept` makes of the invitation.
    fn invited(kept: impl FnOnce(&mut Vec<Invitation>)) -> crate::trace::Trace {
        let mut scene = Scene::company();
        let created = scene.invitation("ana", "zoe");
        let invite = scene.asks("ana/phone", "POST", "/api/v1/invitations", Some("k1"), "{}");
        scene.answers("ana/phone", invite, 201, &created);
        let mut invitations = vec![created.invitation];
        kept(&mut invitations);
        scene.observe(Observation::FinalInvitations { invitations });
        scene.ends()
    }

    #[test]
    fn an_acknowledged_invitation_that_is_lost_or_altered_is_a_violation() {
        held(&Acknowledged, &invited(|_| {}));
        let expected = "what ana's phone asked for by POST /invitations is there at the end, for it was answered 201";
        assert_eq!(violated(&Acknowledged, &invited(Vec::clear)).expected, expected);
        violated(&Acknowledged, &invited(|kept| kept[0].role = Role::Owner));
    }

    #[test]
    fn an_invitation_whose_revocation_was_acknowledged_and_that_stands_is_a_violation() {
        let revoked = |kept: fn(&mut Invitation)| {
            let mut scene = Scene::company();
            let mut invitation = scene.invitation("ana", "zoe").invitation;
            let path = format!("/api/v1/invitations/{}", invitation.id);
            let revoke = scene.asks("ana/phone", "DELETE", &path, None, "");
            scene.answers("ana/phone", revoke, 204, &());
            kept(&mut invitation);
            scene.observe(Observation::FinalInvitations { invitations: vec![invitation] });
            scene.ends()
        };
        held(&Acknowledged, &revoked(|kept| kept.revoked_at = Some(kept.created_at)));
        violated(&Acknowledged, &revoked(|_| {}));
    }

    #[test]
    fn a_user_who_accepted_and_is_not_there_is_a_violation() {
        let accepted = |is_there: bool| {
            let mut scene = Scene::company();
            let mut invitation = scene.invitation("auditor", "zoe").invitation;
            let session = if is_there {
                scene.has_user("zoe", Role::Member);
                scene.session("zoe")
            } else {
                let session = scene.session("ana");
                system::protocol::Session { user: User { version: 7, ..session.user.clone() }, ..session }
            };
            let accept = scene.asks("ana/phone", "POST", "/api/v1/auth/accept", Some("k1"), "{}");
            scene.answers("ana/phone", accept, 200, &session);
            invitation.accepted_by = Some(session.user.id);
            scene.observe(Observation::FinalInvitations { invitations: vec![invitation] });
            scene.ends()
        };
        held(&Acknowledged, &accepted(true));
        violated(&Acknowledged, &accepted(false));
    }

    #[test]
    fn a_room_or_a_name_that_was_changed_and_is_as_before_is_a_violation() {
        let mut scene = Scene::company();
        let room = Room { name: "den".into(), version: 2, ..scene.rooms().next().expect("general").clone() };
        let rename = scene.asks("ana/phone", "PATCH", &format!("/api/v1/rooms/{}", room.id), None, "{}");
        scene.answers("ana/phone", rename, 200, &room);
        let violation = violated(&Acknowledged, &scene.ends());
        let expected =
            "what ana's phone asked for by PATCH /rooms/general is there at the end, for it was answered 200";
        assert_eq!(violation.expected, expected);

        let mut scene = Scene::company();
        let user = User { name: "Anne".into(), version: 2, ..scene.users["ana"].clone() };
        let rename = scene.asks("ana/phone", "PATCH", "/api/v1/users/me", None, "{}");
        scene.answers("ana/phone", rename, 200, &user);
        violated(&Acknowledged, &scene.ends());
    }

    #[test]
    fn a_session_that_was_ended_and_of_whose_end_nothing_tells_is_a_violation() {
        let ended = |told: bool| {
            let mut scene = Scene::company();
            let session = scene.session("ana").session;
            let revoke = scene.asks("ana/phone", "DELETE", &format!("/api/v1/auth/sessions/{session}"), None, "");
            if told {
                let own = StreamId::User(scene.user("ana"));
                scene.commit("ana", vec![(own, EventBody::SessionRevoked(SessionRevoked { session }))]);
            }
            scene.answers("ana/phone", revoke, 204, &());
            scene.ends()
        };
        held(&Acknowledged, &ended(true));
        violated(&Acknowledged, &ended(false));
    }

    #[test]
    fn what_was_acknowledged_and_is_there_holds() {
        let mut scene = Scene::company();
        let event = scene.says("ana/phone", "general", "m1");
        scene.acknowledges("ana/phone", &event);
        scene.all_get(&event);
        let (room, gil) = (scene.room("general"), scene.user("gil"));
        let path = format!("/api/v1/rooms/{room}/members/{gil}");
        let add = scene.asks("ana/phone", "PUT", &path, None, "");
        let added = scene.adds("ana", "general", "gil");
        let EventBody::MemberAdded(member) = &added.body else { panic!("{added:?}") };
        scene.answers("ana/phone", add, 200, member);
        let remove = scene.asks("ana/phone", "DELETE", &path, None, "");
        scene.removes("ana", "general", "gil");
        scene.answers("ana/phone", remove, 204, &());
        let again = scene.asks("ana/phone", "DELETE", &path, None, "");
        scene.answers("ana/phone", again, 204, &());
        let create = scene.asks("ana/phone", "POST", "/api/v1/rooms", Some("k1"), "{}");
        scene.has_room("den", Visibility::Public, &[]);
        let den = scene.rooms().find(|room| room.name == "den").unwrap().clone();
        scene.answers("ana/phone", create, 201, &den);
        let path = format!("/api/v1/users/{gil}/role");
        let promote = scene.asks("auditor", "PUT", &path, None, r#"{"role":"member"}"#);
        scene.changes("auditor", "gil", |user| user.role = Role::Member);
        let gil = scene.users["gil"].clone();
        scene.answers("auditor", promote, 200, &gil);
        let trace = scene.ends();
        held(&Acknowledged, &trace);
        assert_eq!(check(&Index::new(&trace)), Ok(8), "an ack, two pushes and five answers");
    }

    #[test]
    fn without_a_word_there_is_nothing_to_keep() {
        vacuous(&Acknowledged, &Scene::company().ends());
    }
}
