//! `/files/{id}/content`: a complete file's bytes, whole or a range of them (RFC 9110, 14).
//!
//! Chunks are read one at a time while the client takes them, each with its checksum and each with the caller's rights:
//! what is damaged, deleted or no longer theirs breaks the answer off and is never sent.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tracing::error;

use crate::app::App;
use crate::domain::files;
use crate::http::{ByteRange, Caller, Correlation, Id, Wanted, disposition};
use crate::protocol::{ErrorCode, File, FileId};
use crate::refusal::{Answer, Refusal};
use crate::schema::{Routes, get};
use crate::store::{Actor, CHUNK_BYTES};

pub(super) fn routes() -> Routes {
    const REFUSALS: &[ErrorCode] =
        &[ErrorCode::Forbidden, ErrorCode::FileIncomplete, ErrorCode::RangeNotSatisfiable, ErrorCode::ContentDamaged];
    let read = get("/files/{id}/content", read, "A complete file's bytes, whole or a range of them.")
        .answers(&[StatusCode::OK, StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED])
        .gives("*/*")
        .refuses(REFUSALS);
    Routes::new().with(read).of("files")
}

async fn read(
    State(app): State<App>,
    Caller(actor): Caller,
    Correlation(correlation): Correlation,
    Id(id): Id<FileId>,
    wanted: Wanted,
) -> Answer<Response> {
    let now = app.platform.now();
    let file = app.store.read(move |view| files::content(view, actor, id, now)).await?;
    // A complete file never changes: its identifier names its content.
    let etag = format!("\"{id}\"");
    if wanted.is_known(&etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    let (status, first, length) = match wanted.range(&etag, file.size) {
        ByteRange::Whole => (StatusCode::OK, 0, file.size),
        ByteRange::Part { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        ByteRange::Unsatisfiable => return Ok(unsatisfiable(&file)),
    };
    let mut download = Download { app, actor, id, correlation, next: first, end: first + length };
    // The first bytes are read before anything is promised.
    let begun = download.next_part().await?;
    let mut response = Response::new(body(begun, download));
    *response.status_mut() = status;
    describe(response.headers_mut(), &file, &etag, length);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{}", first + length - 1, file.size);
        response.headers_mut().insert(CONTENT_RANGE, value(&range));
    }
    Ok(response)
}

/// What is said of the content. The owner chose its type and its name: no browser may take it for a page of ours.
fn describe(headers: &mut HeaderMap, file: &File, etag: &str, length: u64) {
    let said: [(HeaderName, &str); 8] = [
        (CONTENT_TYPE, &file.content_type),
        (CONTENT_LENGTH, &length.to_string()),
        (CONTENT_DISPOSITION, &disposition(&file.name)),
        (ETAG, etag),
        (ACCEPT_RANGES, "bytes"),
        (CACHE_CONTROL, "private, no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    for (name, text) in said {
        headers.insert(name, value(text));
    }
}

fn unsatisfiable(file: &File) -> Response {
    let detail = format!("the file has {} bytes", file.size);
    let mut response = Refusal::new(ErrorCode::RangeNotSatisfiable, detail).into_response();
    response.headers_mut().insert(CONTENT_RANGE, value(&format!("bytes */{}", file.size)));
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("it has visible characters only: the bounds of a file see to it")
}

/// A download under way.
struct Download {
    app: App,
    actor: Actor,
    id: FileId,
    correlation: String,
    next: u64,
    end: u64,
}

impl Download {
    /// The next bytes of the range; none at its end.
    async fn next_part(&mut self) -> Answer<Option<Bytes>> {
        if self.next >= self.end {
            return Ok(None);
        }
        let chunk_bytes = CHUNK_BYTES as u64;
        let (index, skipped) = (self.next / chunk_bytes, self.next % chunk_bytes);
        let index = u32::try_from(index).expect("the largest file has fewer chunks");
        let (actor, id, now) = (self.actor, self.id, self.app.platform.now());
        let read = self.app.store.read(move |view| files::content_chunk(view, actor, id, now, index)).await;
        if let Err(Refusal { code: ErrorCode::ContentDamaged, .. }) = read {
            error!(
                target: "stormglass::files", file = %id, chunk = index, correlation_id = self.correlation,
                "a stored chunk is damaged: restore the file from a backup, or delete it"
            );
        }
        let chunk = Bytes::from(read?);
        let from = usize::try_from(skipped).expect("it is less than a chunk");
        let length = usize::try_from(self.end - self.next).unwrap_or(usize::MAX).min(chunk.len() - from);
        self.next += length as u64;
        self.app.metrics.files.downloaded(length);
        Ok(Some(chunk.slice(from..from + length)))
    }
}

/// What was read already, then the rest as the client takes it.
fn body(begun: Option<Bytes>, download: Download) -> Body {
    Body::from_stream(stream::try_unfold((begun, download), async |(begun, mut download)| {
        let part = match begun {
            Some(begun) => Some(begun),
            None => download.next_part().await?,
        };
        Ok::<_, Refusal>(part.map(|part| (part, (None, download))))
    }))
}
