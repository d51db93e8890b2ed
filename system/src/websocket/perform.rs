//! What each command does. Whoever comes here has passed the layers of `chain`.

use super::said::{Asked, Said};
use super::session::Session;
use super::{chunks, conversing, joining, presenting};
use crate::domain::rights::acting;
use crate::http::read_token;
use crate::protocol::{Ack, Command, Done, ServerFrame, TokenRefreshed, Unsubscribed};
use crate::refusal::{Answer, Refusal};

/// Does it, and queues the reply.
///
/// # Errors
/// A refusal: then nothing was changed, and nothing is queued.
pub(super) async fn perform(session: &Session, said: Said) -> Answer<()> {
    let Said { id, asked, correlation } = said;
    let correlation = correlation.as_str();
    let command = match asked {
        Asked::Command(command) => command,
        Asked::Chunk(chunk) => {
            let stored = chunks::store(session, chunk, correlation).await?;
            session.reply(&ServerFrame::ChunkStored(id, stored));
            return Ok(());
        }
    };
    match command {
        Command::Pong => Ok(()),
        Command::Hello(hello) => {
            joining::hello(session, id, hello).await?;
            session.greet();
            Ok(())
        }
        Command::AuthRefresh(refresh) => {
            let token_expires_at = refresh_token(session, &refresh.token).await?;
            session.reply(&ServerFrame::TokenRefreshed(id, token_expires_at));
            Ok(())
        }
        Command::Subscribe(subscribe) => joining::subscribe(session, id, subscribe).await,
        Command::Unsubscribe(unsubscribe) => {
            session.app.hub.detach(session.handle.id, unsubscribe.stream);
            let data = Unsubscribed { stream: unsubscribe.stream, code: None, reason: None };
            session.reply(&ServerFrame::Unsubscribed(id, data));
            Ok(())
        }
        Command::MessageSend(send) => acknowledge(session, id, conversing::send(session, send, correlation).await?),
        Command::MessageEdit(edit) => acknowledge(session, id, conversing::edit(session, edit, correlation).await?),
        Command::MessageDelete(delete) => {
            acknowledge(session, id, conversing::delete(session, delete, correlation).await?)
        }
        Command::StatusSet(wanted) => acknowledge(session, id, presenting::choose(session, wanted, correlation).await?),
        Command::Typing(typing) => {
            presenting::typing(session, typing).await?;
            session.reply(&ServerFrame::Done(id, Done {}));
            Ok(())
        }
        Command::Read(read) => acknowledge(session, id, conversing::read(session, read, correlation).await?),
    }
}

fn acknowledge(session: &Session, id: Option<String>, ack: Ack) -> Answer<()> {
    session.reply(&ServerFrame::Ack(id, ack));
    Ok(())
}

/// Puts a new access token under the connection: of the same user and session only.
async fn refresh_token(session: &Session, token: &str) -> Answer<TokenRefreshed> {
    let claims = read_token(&session.app, Some(token))?;
    let actor = session.handle.actor;
    if claims.sub != actor.user || claims.sid != actor.session {
        return Err(Refusal::forbidden("the token is of another user or session: open a connection of its own"));
    }
    session.app.store.read(move |view| acting(view, actor).map(drop)).await?;
    session.set_token_expires_at(claims.expires_at());
    Ok(TokenRefreshed { token_expires_at: claims.expires_at() })
}
