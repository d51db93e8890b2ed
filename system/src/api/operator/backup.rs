//! `GET /operator/backup`: everything as of one commit, streamed while the server goes on.
//!
//! `stormglass backup --server HOST:PORT --to FILE` asks for it and checks it. Whoever asks otherwise checks it with
//! `stormglass verify --backup FILE`. Pages that the state needs are not used again while it is read, so a reader that
//! stalls is given up rather than letting the file grow.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tracing::{info, warn};

use crate::app::App;
use crate::http::{Correlation, ServerOperator};
use crate::platform::blocking;
use crate::protocol::ErrorCode;
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get};
use crate::store::backup::{Dump, MEDIA_TYPE};

/// How long the reader may take none of it.
const STALL: Duration = Duration::from_secs(30);

/// How many pieces wait for the reader.
const AHEAD: usize = 2;

pub(super) fn routes() -> Routes {
    let take = get("/operator/backup", take, "Everything as of one commit, as a file.").gives(MEDIA_TYPE);
    Routes::new().with(take)
}

/// What the body is made of.
enum Piece {
    Bytes(Bytes),
    End,
    Failed(io::Error),
}

async fn take(State(app): State<App>, _: ServerOperator, Correlation(correlation): Correlation) -> Answer<Response> {
    let permit = app
        .backup
        .clone()
        .try_acquire_owned()
        .map_err(|_| Refusal::new(ErrorCode::Unavailable, "a backup is being taken: ask again when it is done"))?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    info!(target: "stormglass::operator", correlation_id = correlation, "backup begun");
    tokio::spawn(send(app, correlation, permit, sender));
    let pieces = unfold(Some(receiver), async |receiver| {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Piece::End) => None,
            Some(Piece::Failed(error)) => Some((Err(error), None)),
            // A body that ends as if it were whole would be taken for a backup.
            None => Some((Err(io::Error::other("the backup was given up")), None)),
        }
    });
    let headers = [
        (CONTENT_TYPE, MEDIA_TYPE),
        (CONTENT_DISPOSITION, "attachment; filename=\"stormglass.backup\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn send(app: App, correlation: String, permit: OwnedSemaphorePermit, sender: mpsc::Sender<Piece>) {
    let mut dump = Dump::new(app.store.view(), app.platform.now());
    let platform = app.platform.clone();
    // A server that stops does not wait for this.
    drop(app);
    let mut bytes = 0;
    loop {
        let (next, read) = blocking(&*platform, move || {
            let piece = dump.next_piece();
            (piece, dump)
        })
        .await;
        dump = read;
        let piece = match next {
            Ok(Some(piece)) => {
                bytes += piece.len();
                Piece::Bytes(piece.into())
            }
            Ok(None) => Piece::End,
            Err(error) => Piece::Failed(io::Error::other(error)),
        };
        let goes_on = matches!(piece, Piece::Bytes(_));
        if !matches!(timeout(STALL, sender.send(piece)).await, Ok(Ok(()))) {
            warn!(target: "stormglass::operator", bytes, correlation_id = correlation, "backup given up by its reader");
            break;
        }
        if !goes_on {
            info!(target: "stormglass::operator", bytes, correlation_id = correlation, "backup ended");
            break;
        }
    }
    drop(permit);
}
