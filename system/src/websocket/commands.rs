//! What each command does. A refused command leaves the connection open and changes nothing.

use super::session::Session;
use super::{conversing, joining, presenting};
use crate::domain::rights::acting;
use crate::http::read_token;
use crate::protocol::{
    Ack, ClientFrame, Command, Done, ErrorCode, FrameError, ServerFrame, TokenRefreshed, Unsubscribed,
};
use crate::refusal::{Answer, Refusal};

/// Handles one text frame.
pub(super) async fn handle(session: &Session, text: &str) {
    let limit_bytes = session.app.config.websocket.frame_bytes;
    if text.len() > limit_bytes {
        let detail = format!("the frame is larger than {limit_bytes} bytes");
        return session.refuse(None, &Refusal::new(ErrorCode::TooLarge, detail));
    }
    let ClientFrame { id, command } = match ClientFrame::parse(text) {
        Ok(frame) => frame,
        Err(FrameError { id, code, message }) => return session.refuse(id, &Refusal::new(code, message)),
    };
    let correlation = session.app.platform.new_uuid().to_string();
    if let Err(refusal) = perform(session, id.clone(), command, &correlation).await {
        session.refuse_as(id, &refusal, correlation);
    }
}

async fn perform(session: &Session, id: Option<String>, command: Command, correlation: &str) -> Answer<()> {
    let greeted = session.is_greeted();
    let unexpected = |detail| Err(Refusal::new(ErrorCode::UnexpectedCommand, detail));
    match command {
        Command::Pong => Ok(()),
        Command::Hello(_) if greeted => unexpected("`hello` was said already"),
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
        _ if !greeted => unexpected("say `hello` first"),
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
