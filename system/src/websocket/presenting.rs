//! The commands about oneself: the status that others see, and that one types.

use std::time::Duration;

use super::session::Session;
use crate::domain::rights::{acting, writable_room};
use crate::domain::status;
use crate::protocol::{Ack, AckObject, ServerFrame, StartTyping, StatusSet, StreamId, Typing};
use crate::refusal::{Answer, Refusal};

/// Chooses a status.
pub(super) async fn choose(session: &Session, wanted: StatusSet, correlation: &str) -> Answer<Ack> {
    let actor = session.handle.actor;
    let chosen = session.app.store.write(correlation, move |draft| status::choose(draft, actor, wanted)).await?;
    let object = AckObject::Status(chosen.status);
    Ok(Ack { stream: StreamId::User(actor.user), seq: chosen.seq, object, duplicate: false })
}

/// Shows the room that its user types. Passed on once in a while, however often it is said: a client may say it at each
/// key.
pub(super) async fn typing(session: &Session, typing: StartTyping) -> Answer<()> {
    let actor = session.handle.actor;
    let room = typing.room;
    session
        .app
        .store
        .read(move |view| {
            let caller = acting(view, actor)?;
            writable_room(view, &caller, room)?;
            Ok::<_, Refusal>(())
        })
        .await?;
    let presence = &session.app.config.presence;
    if session.may_type(room, Duration::from_millis(presence.typing_interval_ms)) {
        let stream = StreamId::Room(room);
        let typing = Typing { stream, user: actor.user, expires_ms: presence.typing_expires_ms };
        session.app.hub.push_ephemeral(stream, &ServerFrame::Typing(typing), Some(actor.user));
    }
    Ok(())
}
