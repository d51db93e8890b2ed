//! What every command passes on its way, outermost first (REQUIREMENTS.md WS-14): it is taken at the pace of its connection
//! (`pace`), then all that may panic is contained, it is read (`said`), and goes through [`LAYERS`]. A layer does its part,
//! hands the command to the [`Next`], and sees how it ended. The connection itself was authenticated by its `handshake`.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tracing::{debug, error};

use super::perform::perform;
use super::said::{Asked, Said};
use super::session::Session;
use crate::hub::Closing;
use crate::protocol::{CloseCode, Command, ErrorCode};
use crate::refusal::{Answer, Refusal};

/// How a command ended: done or refused, and the connection stays open; or the connection ends.
pub(super) type Outcome = Result<Answer<()>, Closing>;

/// One layer around every command.
type Layer = for<'a> fn(&'a Session, Said, Next) -> BoxFuture<'a, Outcome>;

/// All of them.
const LAYERS: &[Layer] = &[observe, authenticate, answer, admit];

/// What lies further in.
#[derive(Clone, Copy)]
pub(super) struct Next(&'static [Layer]);

/// Takes a frame through all layers to what it does. A bug in that ends its connection, and harms no other (WS-12).
pub(super) fn handle(session: &Session, message: Message) -> BoxFuture<'_, Outcome> {
    let handled = async move {
        match Said::read(session, &message) {
            Some(said) => Next(LAYERS).run(session, said).await,
            None => Ok(Ok(())),
        }
    };
    async move {
        if let Ok(outcome) = AssertUnwindSafe(handled).catch_unwind().await {
            return outcome;
        }
        session.app.metrics.command_panicked();
        error!(target: "stormglass::websocket", connection = session.handle.id, "a command panicked");
        Err(Closing::after_queue(CloseCode::Internal, 1_000))
    }
    .boxed()
}

impl Next {
    fn run(self, session: &Session, said: Said) -> BoxFuture<'_, Outcome> {
        match self.0.split_first() {
            Some((layer, rest)) => layer(session, said, Self(rest)),
            None => async move { Ok(perform(session, said).await) }.boxed(),
        }
    }
}

/// Counts, measures and logs it, under the correlation id that its events and pushes have too (WS-9).
fn observe(session: &Session, said: Said, next: Next) -> BoxFuture<'_, Outcome> {
    async move {
        let (command, correlation_id) = (said.kind(), said.correlation.clone());
        let begun = Instant::now();
        let outcome = next.run(session, said).await;
        let took = begun.elapsed();
        let refusal = match &outcome {
            Ok(Ok(())) => None,
            Ok(Err(refusal)) => Some(refusal.code),
            Err(_) => Some(ErrorCode::Unauthenticated),
        };
        session.app.metrics.websocket.handled(command, refusal, took);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (connection, user) = (session.handle.id, session.handle.actor.user);
        debug!(
            target: "stormglass::command", connection, %user, command, refusal = ?refusal, took_ms, correlation_id, "handled"
        );
        outcome
    }
    .boxed()
}

/// Nothing is done on a token that is over, even if nobody has noticed yet (PROTOCOL.md, promise 7). Whether session and
/// user are still good is asked by each operation in its own transaction.
fn authenticate(session: &Session, said: Said, next: Next) -> BoxFuture<'_, Outcome> {
    if session.token_is_over() {
        return std::future::ready(Err(Closing::at_once(CloseCode::TokenExpired))).boxed();
    }
    next.run(session, said)
}

/// Tells a refusal as an `error` frame.
fn answer(session: &Session, said: Said, next: Next) -> BoxFuture<'_, Outcome> {
    async move {
        let (id, correlation) = (said.id.clone(), said.correlation.clone());
        let outcome = next.run(session, said).await;
        if let Ok(Err(refusal)) = &outcome {
            session.refuse_as(id, refusal, correlation);
        }
        outcome
    }
    .boxed()
}

/// `hello` comes first, once; only a new token and the answer to a ping may come before.
fn admit(session: &Session, said: Said, next: Next) -> BoxFuture<'_, Outcome> {
    let greeted = session.is_greeted();
    let unexpected = match &said.asked {
        Asked::Command(Command::Hello(_)) if greeted => Some("`hello` was said already"),
        Asked::Command(Command::Hello(_) | Command::AuthRefresh(_) | Command::Pong) => None,
        _ if !greeted => Some("say `hello` first"),
        _ => None,
    };
    match unexpected {
        None => next.run(session, said),
        Some(detail) => {
            let refusal = Refusal::new(ErrorCode::UnexpectedCommand, detail);
            std::future::ready(Ok(Err(refusal))).boxed()
        }
    }
}
