//! The commands about messages and read markers: each calls the operation that REST calls, and is acknowledged with what
//! it made.

use super::session::Session;
use crate::domain::{Changed, messages, reads};
use crate::protocol::{Ack, AckObject, Message, MessageDelete, MessageEdit, MessageSend, Read, RoomId, StreamId};
use crate::refusal::Answer;
use crate::store::{Draft, Effect};

/// Says something.
pub(super) async fn send(session: &Session, send: MessageSend, correlation: &str) -> Answer<Ack> {
    let actor = session.handle.actor;
    let MessageSend { room, thread, body, idempotency_key } = send;
    let write = move |draft: &mut Draft<'_>| messages::send(draft, actor, room, thread, &body, Some(&idempotency_key));
    let sent = session.app.store.write(correlation, write).await?;
    Ok(of_message(room, sent.map(|object| Changed { seq: object.seq, object })))
}

/// Changes the text of a message.
pub(super) async fn edit(session: &Session, edit: MessageEdit, correlation: &str) -> Answer<Ack> {
    let actor = session.handle.actor;
    let MessageEdit { room, message, body, version, idempotency_key } = edit;
    let write = move |draft: &mut Draft<'_>| {
        messages::edit(draft, actor, (room, message), &body, &version.into(), Some(&idempotency_key))
    };
    let edited = session.app.store.write(correlation, write).await?;
    Ok(of_message(room, edited))
}

/// Makes a message a tombstone.
pub(super) async fn delete(session: &Session, delete: MessageDelete, correlation: &str) -> Answer<Ack> {
    let actor = session.handle.actor;
    let MessageDelete { room, message, idempotency_key } = delete;
    let write = move |draft: &mut Draft<'_>| {
        messages::delete(draft, actor, (room, message), &None.into(), Some(&idempotency_key))
    };
    let deleted = session.app.store.write(correlation, write).await?;
    Ok(of_message(room, deleted))
}

/// Moves the read marker.
pub(super) async fn read(session: &Session, read: Read, correlation: &str) -> Answer<Ack> {
    let actor = session.handle.actor;
    let Read { room, seq } = read;
    let Changed { object, seq } =
        session.app.store.write(correlation, move |draft| reads::mark(draft, actor, room, seq)).await?;
    Ok(Ack { stream: StreamId::User(actor.user), seq, object: AckObject::ReadMarker(object), duplicate: false })
}

fn of_message(room: RoomId, effect: Effect<Changed<Message>>) -> Ack {
    let duplicate = effect.is_repeated();
    let (Effect::Done(Changed { object, seq }) | Effect::Repeated(Changed { object, seq })) = effect;
    Ack { stream: StreamId::Room(room), seq, object: AckObject::Message(object), duplicate }
}
