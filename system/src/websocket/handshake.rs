//! `GET /ws`: who may upgrade. Whatever is wrong is answered before the upgrade, with a problem body.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, StatusCode};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tracing::debug;

use super::attributes;
use super::connection::{self, Established};
use super::socket::Socket;
use super::upgrade::Upgrade;
use crate::app::App;
use crate::config;
use crate::domain::rights::acting;
use crate::domain::status;
use crate::http::{Correlation, bearer, read_token};
use crate::hub::{Newcomer, Peer};
use crate::limits::Permit;
use crate::metrics::OpenTask;
use crate::protocol::{BEARER_SUBPROTOCOL_PREFIX, ErrorCode, SUBPROTOCOL};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get};
use crate::server::PeerAddress;
use crate::store::key::SessionKey;
use crate::store::{Actor, CommitNumber};

/// The route of the handshake.
pub(crate) fn routes() -> Routes {
    const REFUSED: &[ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::InvalidValue,
        ErrorCode::HandshakeRefused,
        ErrorCode::Forbidden,
        ErrorCode::LimitReached,
    ];
    let upgrade = get("/ws", upgrade, "The handshake of the WebSocket; what follows it is told in /asyncapi.json.")
        .answers(&[StatusCode::SWITCHING_PROTOCOLS])
        .refuses(REFUSED);
    Routes::new().with(upgrade).of("websocket")
}

async fn upgrade(
    State(app): State<App>,
    Extension(PeerAddress(address)): Extension<PeerAddress>,
    Correlation(correlation): Correlation,
    headers: HeaderMap,
    upgrade: Answer<Upgrade>,
) -> Answer<Response> {
    if app.is_stopping() || app.hub.is_draining() {
        return Err(Refusal::new(ErrorCode::Unavailable, "the server is stopping: come back in a moment"));
    }
    let upgrade = upgrade?;
    check_origin(&app, &headers)?;
    let offered = offered_subprotocols(&headers);
    if !offered.contains(&SUBPROTOCOL) {
        let detail = format!("offer the subprotocol {SUBPROTOCOL} in Sec-WebSocket-Protocol");
        return Err(Refusal::new(ErrorCode::InvalidRequest, detail));
    }
    let browser_token = offered.iter().find_map(|protocol| protocol.strip_prefix(BEARER_SUBPROTOCOL_PREFIX));
    let claims = read_token(&app, bearer(&headers).or(browser_token)).map_err(refused)?;
    let actor = Actor { user: claims.sub, session: claims.sid };
    let established_from = address.clone();
    let peer = Peer { address, attributes: attributes::read(&headers)? };
    let (as_of, newcomer) = verify(&app, actor, peer).await?;

    // Held from here on, however the upgrade or the connection ends.
    let permit = app.limits.admit(&established_from)?;
    // Held from here on: a shutdown waits for this connection even while it is being upgraded.
    let alive = app.alive.clone();
    let config = socket_config(&app.config.websocket);
    let established = Established { as_of, newcomer, token_expires_at: claims.expires_at(), correlation };
    Ok(upgrade.accept(SUBPROTOCOL, config, move |socket| {
        // The task that upgrades holds several times what a connection needs for the rest of its life (WS-P2).
        tokio::spawn(serve(app, established, socket, (alive, permit)));
    }))
}

fn socket_config(websocket: &config::WebSocketConfig) -> WebSocketConfig {
    let most_bytes = websocket.frame_bytes.saturating_mul(4);
    WebSocketConfig::default()
        .read_buffer_size(websocket.buffer_bytes)
        .write_buffer_size(0)
        .max_message_size(Some(most_bytes))
        .max_frame_size(Some(most_bytes))
}

/// Runs a connection until it ends or the server is gone.
async fn serve(app: App, established: Established, socket: Box<Socket>, held: (mpsc::Sender<()>, Permit)) {
    let mut serving = app.stopping.clone();
    let _open = OpenTask::new(app.metrics.clone());
    tokio::select! {
        biased;
        () = connection::run(app, established, socket) => {}
        () = async { while serving.changed().await.is_ok() {} } => {
            debug!(target: "stormglass::websocket", "the server is gone, and so is this connection");
        }
    }
    drop(held);
}

/// Who connects, if they and their session are good as of a commit.
async fn verify(app: &App, actor: Actor, mut peer: Peer) -> Answer<(CommitNumber, Newcomer)> {
    let connected_at = app.platform.now();
    app.store
        .read(move |view| {
            let as_of = view.last_commit()?;
            let user = acting(view, actor).map_err(refused)?;
            let device = view.get(&SessionKey(actor.session))?.map(|session| session.device).unwrap_or_default();
            peer.attributes.insert("device".to_owned(), device);
            let chosen = status::chosen(view, user.id)?;
            Ok((as_of, Newcomer { actor, company: user.company, chosen, peer, connected_at }))
        })
        .await
}

/// Credentials that do not open a WebSocket are answered with 403 (PROTOCOL.md; REST says 401 for the same).
fn refused(refusal: Refusal) -> Refusal {
    match refusal.code {
        ErrorCode::Unauthenticated | ErrorCode::SessionRevoked => {
            Refusal { code: ErrorCode::HandshakeRefused, ..refusal }
        }
        _ => refusal,
    }
}

fn check_origin(app: &App, headers: &HeaderMap) -> Answer<()> {
    let allowed = &app.config.websocket.allowed_origins;
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    if allowed.is_empty() || allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        return Ok(());
    }
    Err(Refusal::forbidden("pages of this origin may not connect: see websocket.allowed_origins"))
}

fn offered_subprotocols(headers: &HeaderMap) -> Vec<&str> {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect()
}
