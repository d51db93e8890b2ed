//! What the feed does to rooms and messages: see [`crate::feed`].
//!
//! Nobody asks for these operations over the wire; the server does them for a user of each company that cannot log in.
//! They are held up by what a person decides: a room that is archived, a feed user that was removed or deactivated. Each
//! decides by what is kept of the conversation and its lines, in its own transaction: to do one twice is to do it once.

use super::accounts::add_user;
use super::members::enter;
use super::rights::is_member;
use super::{messages, rooms};
use crate::feed::{Heading, Line, Step};
use crate::protocol::{CompanyId, Conversation, FeedSource, Message, Role, Room, RoomId, User, UserId, Visibility};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{
    CompanyKey, FeedBadLineKey, FeedConversationKey, FeedIdKey, FeedLineKey, FeedUserKey, MessageKey, RoomKey, UserKey,
};
use crate::store::{Draft, FeedConversation, FeedLine, FeedState, View};

/// The name of a company's feed user.
const FEED_USER_NAME: &str = "Feed";

/// The hash of no password.
const NO_PASSWORD: &str = "!";

/// What became of something that the feed wants to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fed<T> {
    /// It is done, now or before.
    Done(T),
    /// A person does not want it now.
    Held(&'static str),
    /// The room was deleted, for good.
    Gone,
}

/// What a step left of what is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    /// This line.
    Line(FeedLine),
    /// No line of this identifier.
    NoLine(String),
    /// This unreadable line.
    Bad(String),
    /// No such unreadable line.
    NotBad(String),
}

/// A conversation whose file is seen for the first time: its room, with the company's feed user in it. A conversation
/// that is known by its own identifier is given back as it is.
///
/// # Errors
/// [`NotFound`](crate::protocol::ErrorCode::NotFound) if there is no such company.
pub fn open(
    draft: &mut Draft<'_>,
    company: CompanyId,
    file: &str,
    heading: &Heading,
    displaced: Option<RoomId>,
) -> Answer<FeedConversation> {
    draft.get(&CompanyKey(company))?.ok_or_else(|| Refusal::not_found("company"))?;
    if let Some(id) = &heading.id
        && let Some(room) = draft.get(&FeedIdKey(company, id.clone()))?
        && let Some(known) = draft.get(&FeedConversationKey(company, room))?
    {
        return Ok(known);
    }
    let feed = feed_user(draft, company)?;
    let room = Room {
        id: RoomId(draft.new_uuid()),
        company,
        name: heading.title.clone(),
        visibility: Visibility::Public,
        created_by: feed,
        created_at: draft.now(),
        conversation: Some(Box::new(heading.conversation())),
        archived_at: None,
        version: 1,
    };
    rooms::add(draft, feed, &room)?;
    enter(draft, feed, &room, feed)?;
    let (id, heading) = (heading.id.clone(), heading.digest());
    let (file, state) = (Some(file.to_owned()), FeedState::Fed);
    let conversation = FeedConversation { room: room.id, company, id, file, heading, state };
    displace(draft, company, displaced)?;
    keep(draft, &conversation);
    Ok(conversation)
}

/// The file of a known conversation: under another name, with another first line, or back again.
///
/// # Errors
/// The store fails.
pub fn attach(
    draft: &mut Draft<'_>,
    (company, room): (CompanyId, RoomId),
    file: &str,
    heading: Option<&Heading>,
    displaced: Option<RoomId>,
) -> Answer<Fed<FeedConversation>> {
    let Some(mut conversation) = draft.get(&FeedConversationKey(company, room))? else { return Ok(Fed::Gone) };
    let Some(before) = draft.get(&RoomKey(room))? else { return Ok(Fed::Gone) };
    let mut after = before.clone();
    if conversation.state == FeedState::Archived {
        after.archived_at = None;
    }
    let (feed, mut after) = match writer(draft.view(), after)? {
        Fed::Done(may) => may,
        Fed::Held(why) => return Ok(Fed::Held(why)),
        Fed::Gone => return Ok(Fed::Gone),
    };
    if let Some(heading) = heading.filter(|heading| heading.digest() != conversation.heading) {
        let mut described = heading.conversation();
        // An identifier can be given to a conversation that has none, and is then its own for good.
        if conversation.id.is_none()
            && let Some(id) = &heading.id
            && draft.get(&FeedIdKey(company, id.clone()))?.is_none()
        {
            conversation.id = Some(id.clone());
        }
        described.id.clone_from(&conversation.id);
        conversation.heading = heading.digest();
        if before.conversation.as_deref().is_some_and(|known| known.title == before.name) {
            after.name.clone_from(&described.title);
        }
        after.conversation = Some(Box::new(described));
    }
    conversation.state = FeedState::Fed;
    conversation.file = Some(file.to_owned());
    displace(draft, company, displaced)?;
    keep(draft, &conversation);
    if after != before {
        rooms::change(draft, feed, before.visibility, after)?;
    }
    Ok(Fed::Done(conversation))
}

/// The file of a conversation is gone: its room is archived, unless somebody has done so.
///
/// # Errors
/// The store fails.
pub fn archive(draft: &mut Draft<'_>, (company, room): (CompanyId, RoomId)) -> Answer<Option<FeedConversation>> {
    let Some(mut conversation) = draft.get(&FeedConversationKey(company, room))? else { return Ok(None) };
    conversation.file = None;
    conversation.state = FeedState::Left;
    if let Some(before) = draft.get(&RoomKey(room))?.filter(|room| room.archived_at.is_none()) {
        let feed = feed_user(draft, company)?;
        conversation.state = FeedState::Archived;
        let after = Room { archived_at: Some(draft.now()), ..before };
        rooms::change(draft, feed, after.visibility, after)?;
    }
    keep(draft, &conversation);
    Ok(Some(conversation))
}

/// Does one step of a plan.
///
/// # Errors
/// The store fails.
pub fn step(draft: &mut Draft<'_>, room: RoomId, step: &Step) -> Answer<Fed<Kept>> {
    let Some(found) = draft.get(&RoomKey(room))? else { return Ok(Fed::Gone) };
    let (feed, room) = match writer(draft.view(), found)? {
        Fed::Done(may) => may,
        Fed::Held(why) => return Ok(Fed::Held(why)),
        Fed::Gone => return Ok(Fed::Gone),
    };
    Ok(Fed::Done(match step {
        Step::Say { line, number } => say(draft, feed, &room, line, *number)?,
        Step::Obscure { id, digest } => match draft.get(&FeedLineKey(room.id, id.clone()))? {
            Some(known) => keep_line(draft, room.id, FeedLine { unreadable: Some(digest.clone()), ..known }),
            None => Kept::NoLine(id.clone()),
        },
        Step::Drop { id } => {
            let key = FeedLineKey(room.id, id.clone());
            if let Some(known) = draft.get(&key)? {
                draft.delete(&key);
                if let Some(message) = living_message(draft.view(), room.id, &known)? {
                    messages::erase(draft, feed, message)?;
                }
            }
            Kept::NoLine(id.clone())
        }
        Step::MarkBad { digest } => {
            draft.put(&FeedBadLineKey(room.id, digest.clone()), digest);
            Kept::Bad(digest.clone())
        }
        Step::UnmarkBad { digest } => {
            draft.delete(&FeedBadLineKey(room.id, digest.clone()));
            Kept::NotBad(digest.clone())
        }
    }))
}

/// A line says this: a message is created or changed, or nothing where it is as it should be.
fn say(draft: &mut Draft<'_>, feed: UserId, room: &Room, line: &Line, number: u64) -> Answer<Kept> {
    let digest = line.digest();
    let known = draft.get(&FeedLineKey(room.id, line.id.clone()))?;
    let seq = match &known {
        None => messages::say(draft, feed, room.id, None, &line.body, Some(source(room, line)))?.seq,
        Some(known) => {
            // One that an admin has deleted stays deleted, whatever its line says.
            if known.digest != digest
                && let Some(message) = living_message(draft.view(), room.id, known)?
            {
                let feed_source = Some(source(room, line));
                messages::rewrite(draft, feed, Message { body: line.body.clone(), feed: feed_source, ..message })?;
            }
            known.seq
        }
    };
    Ok(keep_line(draft, room.id, FeedLine { id: line.id.clone(), digest, number, seq, unreadable: None }))
}

/// Who writes for the feed, if nobody is against it.
fn writer(view: &View<'_>, room: Room) -> Answer<Fed<(UserId, Room)>> {
    let Some(feed) = view.get(&FeedUserKey(room.company))? else { return Ok(Fed::Gone) };
    if room.archived_at.is_some() {
        return Ok(Fed::Held("its room is archived"));
    }
    if !view.get(&UserKey(feed))?.is_some_and(|record| record.user.active) {
        return Ok(Fed::Held("the company's feed user is deactivated"));
    }
    if !is_member(view, room.id, feed)? {
        return Ok(Fed::Held("the company's feed user was removed from its room"));
    }
    Ok(Fed::Done((feed, room)))
}

/// The company's feed user, who comes with the first conversation.
fn feed_user(draft: &mut Draft<'_>, company: CompanyId) -> Answer<UserId> {
    if let Some(feed) = draft.get(&FeedUserKey(company))? {
        return Ok(feed);
    }
    let user = User {
        id: UserId(draft.new_uuid()),
        company,
        // Nobody can have it before: its name is drawn. And no mail can reach it (RFC 2606).
        email: format!("feed-{}@feed.invalid", draft.new_uuid()),
        name: FEED_USER_NAME.to_owned(),
        role: Role::Member,
        active: true,
        created_at: draft.now(),
        version: 1,
    };
    draft.put(&FeedUserKey(company), &user.id);
    add_user(draft, user.id, user.clone(), NO_PASSWORD, None)?;
    Ok(user.id)
}

/// The message that a line became, unless it was deleted.
fn living_message(view: &View<'_>, room: RoomId, known: &FeedLine) -> Answer<Option<Message>> {
    Ok(view.get(&MessageKey(room, known.seq))?.filter(|message| message.deleted_at.is_none()))
}

fn source(room: &Room, line: &Line) -> Box<FeedSource> {
    let (conversation, title) = match room.conversation.as_deref() {
        Some(Conversation { id, title, .. }) => (id.clone(), title.clone()),
        None => (None, room.name.clone()),
    };
    Box::new(FeedSource { conversation, title, line: line.id.clone(), author: line.author.clone(), at: line.at })
}

/// The conversation that had the file until now has none any more.
fn displace(draft: &mut Draft<'_>, company: CompanyId, displaced: Option<RoomId>) -> Answer<()> {
    if let Some(room) = displaced
        && let Some(other) = draft.get(&FeedConversationKey(company, room))?
    {
        keep(draft, &FeedConversation { file: None, ..other });
    }
    Ok(())
}

fn keep(draft: &mut Draft<'_>, conversation: &FeedConversation) {
    let FeedConversation { company, room, .. } = *conversation;
    draft.put(&FeedConversationKey(company, room), conversation);
    if let Some(id) = &conversation.id {
        draft.put(&FeedIdKey(company, id.clone()), &room);
    }
}

fn keep_line(draft: &mut Draft<'_>, room: RoomId, line: FeedLine) -> Kept {
    draft.put(&FeedLineKey(room, line.id.clone()), &line);
    Kept::Line(line)
}
