//! Everything that was asked of the server, over REST and on WebSockets, as the trace tells it.

use std::collections::{BTreeMap, VecDeque};

use serde::de::DeserializeOwned;
use system::client::ToldCreation;
use system::protocol::{
    API_PREFIX, AcceptInvitation, ChangeRole, Command, CreateRoom, CreateUser, CreatedInvitation, EditMessage, Epoch,
    MarkRead, OpenThread, PostMessage, Problem, Register, Role, ServerFrame, Session, SessionId, StatusSet, StreamId,
    UpdateProfile, UpdateRoom, UserId,
};

use super::answer::Answer;
use super::ask::{Ask, Response, Said};
use super::decide::Actor;
use super::order::Order;
use super::wanted::{Reading, Version, Wanted};
use crate::index::{Connection, Index, Operation, Request, Seen};
use crate::trace::Observation;

/// All that was asked, in the order of its sending, without what the model does not cover.
pub(super) fn asked<'t>(index: &Index<'t>, order: &Order<'_>) -> Vec<Ask<'t>> {
    let actors = Actors::new(index);
    let requests = index.requests.iter().filter_map(|request| of_request(&actors, request));
    let commands = index.connections.iter().flat_map(|connection| of_connection(index, &actors, connection));
    let mut asks: Vec<Ask<'t>> = requests.chain(commands).collect();
    let is_opaque = |ask: &Ask<'_>| {
        let made = match ask.response.as_ref().map(|response| &response.said) {
            Some(Said::Done { answer: Answer::Room(room), .. }) => Some(room.id),
            _ => None,
        };
        ask.wanted.room().or(made).is_some_and(|room| order.opaque.contains(&room))
    };
    asks.retain(|ask| !is_opaque(ask));
    asks.sort_by_key(|ask| ask.entry);
    let mut first: BTreeMap<(UserId, &str, &str), usize> = BTreeMap::new();
    for ask in &mut asks {
        if let (Some(once), Some(key)) = (ask.wanted.once(), ask.key) {
            ask.first_entry = *first.entry((ask.actor.user, once, key)).or_insert(ask.entry);
        }
        if let Some(Response { said: Said::Done { answer, .. }, .. }) = &mut ask.response {
            let given = std::mem::replace(answer, Answer::Nothing);
            *answer = given.without(&order.opaque);
        }
    }
    asks
}

/// Who acts through each device, by which login, from which entry on; and whom each invitation is for.
struct Actors<'t> {
    logins: BTreeMap<&'t str, Vec<(usize, Actor)>>,
    founders: BTreeMap<&'t str, Actor>,
    invited: BTreeMap<String, (UserId, String, Role)>,
}

impl<'t> Actors<'t> {
    fn new(index: &Index<'t>) -> Self {
        let mut logins: BTreeMap<&str, Vec<(usize, Actor)>> = BTreeMap::new();
        for (entry, observed) in index.trace.entries.iter().enumerate() {
            if let Observation::LoggedIn { device, user, session } = &observed.what {
                let actor = Actor { user: *user, session: Some(*session) };
                logins.entry(&**device).or_default().push((entry, actor));
            }
        }
        let (mut founders, mut invited) = (BTreeMap::new(), BTreeMap::new());
        for request in &index.requests {
            let Some(answer) = request.success() else { continue };
            match request.operation {
                // Whoever is no device of the history is told nowhere else.
                Operation::Register | Operation::Tokens if !index.users.contains_key(&**request.device) => {
                    if let Some(Session { session, user, .. }) = answer.object() {
                        let actor = Actor { user: user.id, session: Some(session) };
                        logins.entry(request.device).or_default().push((answer.entry, actor));
                        founders.entry(&**request.device).or_insert(actor);
                    }
                }
                Operation::Invite => {
                    if let Some(CreatedInvitation { invitation, token }) = answer.object() {
                        invited.insert(token, (invitation.invited_by, invitation.email, invitation.role));
                    }
                }
                _ => {}
            }
        }
        Self { logins, founders, invited }
    }

    fn of(&self, device: &str, entry: usize) -> Option<Actor> {
        let logins = self.logins.get(device)?;
        let before = logins.iter().take_while(|(since, _)| *since < entry).last();
        before.map(|(_, actor)| *actor)
    }

    /// Who sends a request. Whoever founded the company may borrow the hands of somebody else, to be given a role by them.
    fn of_request(&self, request: &Request<'_>) -> Option<Actor> {
        let latest = self.of(request.device, request.entry)?;
        match (self.founders.get(&**request.device), request.operation) {
            (Some(founder), Operation::ChangeUser(user)) if user == founder.user => Some(latest),
            (Some(founder), _) => Some(*founder),
            (None, _) => Some(latest),
        }
    }
}

fn of_request<'t>(actors: &Actors<'t>, request: &Request<'t>) -> Option<Ask<'t>> {
    let nobody = Actor { user: UserId(uuid::Uuid::nil()), session: None };
    let (wanted, actor) = match request.operation {
        Operation::Register => {
            let Register { company, email, name, .. } = object(request)?;
            (Wanted::Register { company, email, name }, nobody)
        }
        Operation::AcceptInvitation => {
            let AcceptInvitation { token, name, .. } = object(request)?;
            let (inviter, email, role) = actors.invited.get(&token)?.clone();
            (Wanted::CreateUser { email, name, role }, Actor { user: inviter, session: None })
        }
        _ => (wanted(request)?, actors.of_request(request)?),
    };
    let said = |answer: crate::index::Answer<'_>| {
        if let Some(told) = request.success() {
            let answer = Answer::read(&wanted, told.body);
            let unknown = Said::Unknown { without_effect: false };
            return answer.map_or(unknown, |answer| Said::Done { answer, position: None, duplicate: None });
        }
        match answer.object::<Problem>() {
            Some(problem) => Said::refused(problem.code, problem.quota),
            None => Said::Unknown { without_effect: false },
        }
    };
    let response = request.answer.map(|answer| Response { entry: answer.entry, said: said(answer) });
    let (entry, device) = (request.entry, &**request.device);
    Some(Ask { entry, first_entry: entry, device, actor, wanted, key: request.key, response })
}

/// What a request asks for, in the name of who sends it; none for what the model does not cover.
fn wanted(request: &Request<'_>) -> Option<Wanted> {
    let (path, query) = request.path.split_once('?').unwrap_or((request.path, ""));
    let path = path.strip_prefix(API_PREFIX).unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // Which page is the server's to decide, once it is not the first.
    if query.split('&').any(|field| field.starts_with("cursor=")) {
        return None;
    }
    Some(match (request.operation, parts.as_slice()) {
        (Operation::CreateUser, _) => {
            let CreateUser { email, name, role, .. } = object(request)?;
            Wanted::CreateUser { email, name, role }
        }
        (Operation::ChangeUser(user), [.., "role"]) => {
            Wanted::ChangeRole { user, role: object::<ChangeRole>(request)?.role }
        }
        (Operation::ChangeUser(user), [.., "activate"]) => Wanted::SetActive { user, active: true },
        (Operation::ChangeUser(user), [.., "deactivate"]) => Wanted::SetActive { user, active: false },
        (Operation::ChangeSelf, _) => {
            let UpdateProfile { name, email } = object(request)?;
            Wanted::UpdateProfile { name, email }
        }
        (Operation::RevokeSession(session), _) => Wanted::RevokeSession(session),
        (Operation::CreateRoom, _) => {
            let CreateRoom { name, visibility } = object(request)?;
            Wanted::CreateRoom { name, visibility }
        }
        (Operation::ChangeRoom(room), [.., "archive"]) => Wanted::Archive { room, archived: true },
        (Operation::ChangeRoom(room), [.., "unarchive"]) => Wanted::Archive { room, archived: false },
        (Operation::ChangeRoom(room), _) => {
            let UpdateRoom { name, visibility } = object(request)?;
            Wanted::UpdateRoom { room, name, visibility }
        }
        (Operation::DeleteRoom(room), _) => Wanted::DeleteRoom(room),
        (Operation::AddMember(room, Some(user)), _) => Wanted::AddMember(room, user),
        (Operation::RemoveMember(room, user), _) => Wanted::RemoveMember(room, user),
        (Operation::PostMessage(room), parts) => {
            let thread = match parts {
                ["rooms", _, "threads", thread, "messages"] => Some(thread.parse().ok()?),
                _ => None,
            };
            Wanted::Send { room, thread, body: object::<PostMessage>(request)?.body, feed: None }
        }
        (Operation::EditMessage(room), [.., message]) => {
            let (message, version) = (message.parse().ok()?, Version::Untold);
            Wanted::Edit { room, message, body: object::<EditMessage>(request)?.body, version, feed: None }
        }
        (Operation::DeleteMessage(room), [.., message]) => Wanted::Delete { room, message: message.parse().ok()? },
        (Operation::OpenThread(room), _) => Wanted::OpenThread { room, root: object::<OpenThread>(request)?.message },
        (Operation::MarkRead(room), _) => Wanted::MarkRead { room, seq: object::<MarkRead>(request)?.seq },
        (Operation::ChooseStatus, _) => {
            let StatusSet { status, text } = object(request)?;
            Wanted::SetStatus { status, text }
        }
        (Operation::CreateUpload, _) => Wanted::CreateUpload(object::<ToldCreation>(request)?.file),
        (Operation::DeleteFile(file), _) => Wanted::DeleteFile(file),
        (operation, parts) => Wanted::Read(reading(operation, parts, query)?),
    })
}

fn reading(operation: Operation, parts: &[&str], query: &str) -> Option<Reading> {
    let field = |name: &str| query.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    Some(match (operation, parts) {
        // Whether it is read or changed, its own operation says of all but this.
        (Operation::Other, ["users", "me"]) => Reading::Profile,
        (Operation::ReadStatus, _) => Reading::Status,
        (Operation::ReadUsers, _) => Reading::Users,
        (Operation::ReadRooms, _) => Reading::Rooms,
        (Operation::ReadRoom(room), [.., "members"]) => Reading::Members(room),
        (Operation::ReadRoom(room), _) => Reading::Room(room),
        (Operation::ReadMessages(room), ["rooms", _, "threads", thread, "messages"]) => {
            Reading::Replies(room, thread.parse().ok()?)
        }
        (Operation::ReadMessages(room), _) => match field("query") {
            Some(text) => Reading::Search(room, decoded(text)?),
            None => Reading::Messages(room),
        },
        (Operation::ReadMessage(room), [.., message]) => Reading::Message(room, message.parse().ok()?),
        (Operation::ReadStream(StreamId::Room(room)), [.., "threads"]) => Reading::Threads(room),
        (Operation::ReadStream(StreamId::Room(room)), [.., "read"]) => Reading::Marker(room),
        (Operation::ReadStream(StreamId::Room(room)), [.., thread]) => Reading::Thread(room, thread.parse().ok()?),
        (Operation::ReadSnapshot(stream), _) => Reading::Snapshot(stream),
        (Operation::ReadEvents(stream), _) => {
            let epoch = field("epoch").and_then(|epoch| epoch.parse().ok()).map(Epoch);
            Reading::Events(stream, field("after")?.parse().ok()?, epoch)
        }
        (Operation::ReadFile(file), _) => Reading::File(file),
        (Operation::ReadFiles(room), _) => Reading::RoomFiles(room),
        (Operation::ReadOwnFiles, _) => Reading::OwnFiles,
        (Operation::ReadQuota, _) => Reading::Quota,
        _ => return None,
    })
}

fn of_connection<'t>(index: &Index<'t>, actors: &Actors<'t>, connection: &Connection<'t>) -> Vec<Ask<'t>> {
    let mut asks: Vec<Ask<'t>> = Vec::new();
    let mut waiting: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    let session = connection.welcome().map(|(_, welcome)| welcome.session);
    for frame in &connection.frames {
        match frame.seen {
            Seen::Sent(sent) => {
                let Some((wanted, key)) = of_command(&sent.command) else { continue };
                let Some(actor) = actor(index, actors, connection, session, frame.entry) else { continue };
                if let Some(id) = &sent.id {
                    waiting.entry(id).or_default().push_back(asks.len());
                }
                let (entry, device) = (frame.entry, &**connection.device);
                asks.push(Ask { entry, first_entry: entry, device, actor, wanted, key, response: None });
            }
            Seen::Received(received) => {
                let Some(waiting) = received.reply_to().and_then(|id| waiting.get_mut(id)) else { continue };
                let Some(said) = of_reply(received) else { continue };
                // Replies come in the order of what they answer, where a device numbers two things alike.
                let Some(ask) = waiting.pop_front() else { continue };
                asks[ask].response = Some(Response { entry: frame.entry, said });
            }
            Seen::Chunk(_) | Seen::Unreadable => {}
        }
    }
    asks
}

fn actor(
    index: &Index<'_>,
    actors: &Actors<'_>,
    connection: &Connection<'_>,
    session: Option<SessionId>,
    entry: usize,
) -> Option<Actor> {
    let user = connection.user.or_else(|| index.users.get(&**connection.device).copied());
    match (user, session) {
        (Some(user), Some(session)) => Some(Actor { user, session: Some(session) }),
        _ => actors.of(connection.device, entry),
    }
}

fn of_command(command: &Command) -> Option<(Wanted, Option<&str>)> {
    Some(match command {
        Command::MessageSend(send) => {
            let (room, thread, body) = (send.room, send.thread, send.body.clone());
            (Wanted::Send { room, thread, body, feed: None }, Some(&send.idempotency_key))
        }
        Command::MessageEdit(edit) => {
            let version = edit.version.map_or(Version::Any, Version::Is);
            let (room, message, body) = (edit.room, edit.message, edit.body.clone());
            (Wanted::Edit { room, message, body, version, feed: None }, Some(&edit.idempotency_key))
        }
        Command::MessageDelete(delete) => {
            (Wanted::Delete { room: delete.room, message: delete.message }, Some(&delete.idempotency_key))
        }
        Command::Read(read) => (Wanted::MarkRead { room: read.room, seq: read.seq }, None),
        Command::StatusSet(wanted) => (Wanted::SetStatus { status: wanted.status, text: wanted.text.clone() }, None),
        _ => return None,
    })
}

fn of_reply(reply: &ServerFrame) -> Option<Said> {
    match reply {
        ServerFrame::Ack(_, ack) => Some(Said::Done {
            answer: Answer::of_ack(&ack.object),
            position: Some((ack.stream, ack.seq)),
            duplicate: Some(ack.duplicate),
        }),
        ServerFrame::Error(_, error) => Some(Said::refused(error.code, None)),
        _ => None,
    }
}

fn object<T: DeserializeOwned>(request: &Request<'_>) -> Option<T> {
    serde_json::from_str(request.body).ok()
}

/// A text of a query, as it was before it was encoded.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
