//! What the feed keeps of conversations and their lines: each line is a message of its own. A room that somebody has
//! deleted leaves its conversation behind, so that its file is not taken for a new one.

use super::look::{Checked, Look};
use crate::protocol::{CompanyId, RoomId};
use crate::store::key::{
    CompanyKey, CompanyUserKey, FeedBadLineKey, FeedConversationKey, FeedIdKey, FeedLineKey, FeedUserKey, MessageKey,
    RoomKey,
};

/// A company's feed is one of its users.
pub(super) fn user(look: &mut Look<'_>) -> Checked {
    let Some(user) = look.read::<FeedUserKey>() else { return Ok(()) };
    let company = CompanyId(look.id_at(1));
    look.lies_at(&FeedUserKey(company));
    look.needs(&CompanyUserKey(company, user), "is no user of the company")
}

/// A conversation is of a company that is there, and found by its own identifier.
pub(super) fn conversation(look: &mut Look<'_>) -> Checked {
    let Some(conversation) = look.read::<FeedConversationKey>() else { return Ok(()) };
    look.lies_at(&FeedConversationKey(conversation.company, conversation.room));
    look.needs(&CompanyKey(conversation.company), "is of a company that is not there")?;
    if let Some(id) = conversation.id {
        let found = look.other(&FeedIdKey(conversation.company, id))?;
        look.require(found == Some(conversation.room), "is not found by its identifier");
    }
    let room = look.other(&RoomKey(conversation.room))?;
    let is_other = room.is_some_and(|room| room.company != conversation.company || room.conversation.is_none());
    look.require(!is_other, "is a room that is not fed");
    Ok(())
}

/// An identifier leads to the conversation that has it.
pub(super) fn id(look: &mut Look<'_>) -> Checked {
    let Some(room) = look.read::<FeedIdKey>() else { return Ok(()) };
    let company = CompanyId(look.id_at(1));
    let id = look.key.get(17..).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default().to_owned();
    look.lies_at(&FeedIdKey(company, id.clone()));
    let found = look.other(&FeedConversationKey(company, room))?.and_then(|conversation| conversation.id);
    look.require(found == Some(id), "leads to no conversation that has it");
    Ok(())
}

/// A line is the message that it became, unless its room was deleted.
pub(super) fn line(look: &mut Look<'_>) -> Checked {
    let Some(line) = look.read::<FeedLineKey>() else { return Ok(()) };
    let room = RoomId(look.id_at(1));
    look.lies_at(&FeedLineKey(room, line.id.clone()));
    if !look.view.contains(&RoomKey(room))? {
        return Ok(());
    }
    let message = look.other(&MessageKey(room, line.seq))?;
    let holds = message.and_then(|message| message.feed).is_some_and(|source| source.line == line.id);
    look.require(holds, "is not the message that it became");
    Ok(())
}

/// An unreadable line lies where its digest says.
pub(super) fn bad_line(look: &mut Look<'_>) -> Checked {
    let Some(digest) = look.read::<FeedBadLineKey>() else { return Ok(()) };
    look.lies_at(&FeedBadLineKey(RoomId(look.id_at(1)), digest));
    Ok(())
}
