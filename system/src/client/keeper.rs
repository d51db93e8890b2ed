//! Keeps a client connected: one conversation after another, with a backoff between them (REQUIREMENTS.md IT-8;
//! PROTOCOL.md, promise 10 and the close codes).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Connector;
use super::backoff::Backoff;
use super::conversation::{Ended, talk};
use super::session::{Access, Distrust, SentAway};
use super::shared::Shared;
use super::socket::{OpenError, Socket};
use super::wish::Wishes;
use crate::protocol::{CloseCode, ErrorCode};

/// Works while the client is wanted to be open.
pub(super) async fn run<C: Connector>(shared: Arc<Shared<C>>) {
    let mut wishes = shared.wishes();
    let mut connections = 0;
    while wishes.opened().await {
        if let Err(sent_away) = stay_connected(&shared, &mut wishes, &mut connections).await {
            shared.send_away(&sent_away);
        }
    }
}

/// Returns when the client is no longer wanted to be open.
async fn stay_connected<C: Connector>(
    shared: &Arc<Shared<C>>,
    wishes: &mut Wishes,
    connections: &mut u32,
) -> Result<(), SentAway> {
    let mut backoff = Backoff::new(&shared.config.timing);
    loop {
        let opened = tokio::select! {
            biased;
            () = wishes.withdrawn() => return Ok(()),
            opened = open(shared, connections) => opened?,
        };
        let mut retry_after_ms = 0;
        if let Some((socket, access)) = opened {
            let ended = talk(shared, socket, access, wishes).await;
            if ended.welcomed {
                backoff.reset();
            }
            retry_after_ms = heed(shared, &ended)?;
        }
        let wait = backoff.next(&*shared.platform).max(Duration::from_millis(retry_after_ms));
        tokio::select! {
            biased;
            () = wishes.withdrawn() => return Ok(()),
            () = sleep(wait) => {}
        }
    }
}

/// Logs in if that is needed, connects, upgrades. None: not this time.
async fn open<C: Connector>(
    shared: &Shared<C>,
    connections: &mut u32,
) -> Result<Option<(Socket<C::Stream>, Access)>, SentAway> {
    let access = shared.session.access().await?;
    let timing = shared.config.timing;
    match Socket::open(&*shared.connector, &access.token, timing).await {
        Ok(websocket) => {
            *connections += 1;
            let socket = Socket::new(websocket, *connections, shared.observer.clone(), timing);
            Ok(Some((socket, access)))
        }
        Err(OpenError::Refused { status: 401 | 403, code }) => {
            let revoked = code == Some(ErrorCode::SessionRevoked);
            shared.session.distrust(&access.token, if revoked { Distrust::Revoked } else { Distrust::Expired });
            Ok(None)
        }
        Err(OpenError::Refused { .. } | OpenError::Unreachable) => Ok(None),
    }
}

/// Does as the server said when it closed: how long to stay away at least.
fn heed<C: Connector>(shared: &Shared<C>, ended: &Ended) -> Result<u64, SentAway> {
    let announced = ended.closing.as_ref();
    let code = ended.end.code.or(announced.map(|closing| closing.code));
    // The session is over, not the user: the password opens another, unless that is refused too.
    if code == Some(CloseCode::Unauthorized.number()) {
        shared.session.distrust(&ended.token, Distrust::Revoked);
        return Ok(announced.map_or(0, |closing| closing.retry_after_ms));
    }
    let unwelcome = code.is_some_and(|code| !CloseCode::reconnect(code));
    if unwelcome || announced.is_some_and(|closing| !closing.reconnect) {
        let code = code.map_or("without a code".to_owned(), |code| format!("with code {code}"));
        return Err(SentAway(format!("the connection was closed {code} ({})", ended.end.reason)));
    }
    if code == Some(CloseCode::TokenExpired.number()) {
        shared.session.distrust(&ended.token, Distrust::Expired);
    }
    Ok(announced.map_or(0, |closing| closing.retry_after_ms))
}
