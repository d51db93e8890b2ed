//! Joining streams: read the store as of one commit, then let the hub take over from exactly there.

use std::collections::BTreeMap;

use super::session::Session;
use crate::config::ResumeConfig;
use crate::domain::rights::{acting, may_follow};
use crate::domain::streams::{self, Joined};
use crate::hub::{Attached, Joining};
use crate::protocol::{
    ErrorCode, Follow, Hello, Position, ServerFrame, StreamId, StreamState, Subscribe, Timestamp, User, Welcome,
};
use crate::refusal::{Answer, Refusal};
use crate::store::{Actor, CommitNumber, View};

/// Answers `hello`: every stream that is to be followed and may be, each from the client's position where that can be
/// recovered whole.
pub(super) async fn hello(session: &Session, id: Option<String>, hello: Hello) -> Answer<()> {
    let most = session.app.config.websocket.streams;
    if hello.positions.len() > most || matches!(&hello.follow, Follow::These(streams) if streams.len() > most) {
        return Err(Refusal::new(ErrorCode::TooLarge, format!("a connection follows at most {most} streams")));
    }
    let actor = session.handle.actor;
    let positions: BTreeMap<StreamId, Position> =
        hello.positions.iter().map(|position| (position.stream, position.position())).collect();
    let follows_all = hello.follow == Follow::All;
    loop {
        let (follow, asked) = (hello.follow.clone(), positions.clone());
        let window = session.app.config.resume.clone();
        let now = session.app.platform.now();
        let (as_of, user, streams) =
            session.app.store.read(move |view| read_hello(view, actor, &follow, &asked, &window, now)).await?;
        let welcome = |streams: Vec<StreamState>| {
            for state in streams.iter().filter(|state| positions.contains_key(&state.stream)) {
                session.app.metrics.websocket.resumed(state.recovered);
            }
            welcome(session, &user, now, id.clone(), streams)
        };
        match session.app.hub.attach(session.handle.id, as_of, follows_all, streams, welcome) {
            Attached::Behind => {}
            Attached::Done | Attached::Gone => return Ok(()),
        }
    }
}

/// Answers `subscribe`.
pub(super) async fn subscribe(session: &Session, id: Option<String>, subscribe: Subscribe) -> Answer<()> {
    let actor = session.handle.actor;
    let Subscribe { stream, position } = subscribe;
    loop {
        let window = session.app.config.resume.clone();
        let now = session.app.platform.now();
        let (as_of, joined) = session
            .app
            .store
            .read(move |view| {
                let as_of = view.last_commit()?;
                let user = acting(view, actor)?;
                if !may_follow(view, &user, stream)? {
                    return Err(Refusal::forbidden("you may not follow this stream"));
                }
                Ok((as_of, streams::join(view, stream, position, &window, now)?))
            })
            .await?;
        let subscribed = |states: Vec<StreamState>| {
            let state = states[0];
            if position.is_some() {
                session.app.metrics.websocket.resumed(state.recovered);
            }
            ServerFrame::Subscribed(id.clone(), state).to_text().into()
        };
        let joining = vec![Joining { joined, position }];
        match session.app.hub.attach(session.handle.id, as_of, false, joining, subscribed) {
            Attached::Behind => {}
            Attached::Done | Attached::Gone => return Ok(()),
        }
    }
}

/// Everything that `hello` needs, in one consistent state: rights, heads and missing events.
fn read_hello(
    view: &View<'_>,
    actor: Actor,
    follow: &Follow,
    positions: &BTreeMap<StreamId, Position>,
    window: &ResumeConfig,
    now: Timestamp,
) -> Answer<(CommitNumber, User, Vec<Joining>)> {
    let as_of = view.last_commit()?;
    let user = acting(view, actor)?;
    let mut wanted = streams::followed_by(view, &user)?;
    if let Follow::These(these) = follow {
        wanted.retain(|stream| these.contains(stream));
    }
    let mut bytes_left = window.bytes;
    let mut joining = Vec::with_capacity(wanted.len());
    for stream in wanted {
        let position = positions.get(&stream).copied();
        let joined = streams::join(view, stream, position, window, now)?;
        joining.push(Joining { joined: within(joined, &mut bytes_left), position });
    }
    Ok((as_of, user, joining))
}

/// The window's bytes hold for all streams together: what no longer fits is not recovered, rather than in part.
fn within(mut joined: Joined, bytes_left: &mut usize) -> Joined {
    let Some(missing) = &joined.missing else { return joined };
    let bytes: usize = missing.iter().map(|commit| commit.text.len()).sum();
    match bytes_left.checked_sub(bytes) {
        Some(left) => *bytes_left = left,
        None => joined.missing = None,
    }
    joined
}

fn welcome(
    session: &Session,
    user: &User,
    server_time: Timestamp,
    id: Option<String>,
    streams: Vec<StreamState>,
) -> tokio_tungstenite::tungstenite::Utf8Bytes {
    let welcome = Welcome {
        session: session.handle.actor.session,
        user: user.id,
        company: user.company,
        role: user.role,
        server_time,
        heartbeat_ms: session.app.config.websocket.heartbeat_ms,
        token_expires_at: session.token_expires_at(),
        streams,
    };
    ServerFrame::Welcome(id, welcome).to_text().into()
}
