//! `/files`: uploads by the tus 1.0 protocol (<https://tus.io/protocols/resumable-upload>), with its extensions creation,
//! creation-with-upload, checksum, expiration and termination; and the objects of files.

use axum::extract::State;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::intake::{Intake, Sender};
use crate::app::App;
use crate::domain::files;
use crate::domain::paging::Paging;
use crate::http::{
    Caller, Correlation, Creation, Id, IdempotencyKey, Paged, Reply, TUS_HEADERS, TusVersion, UploadBody,
    UploadChecksum, UploadOffset, tus_headers,
};
use crate::protocol::{
    API_PREFIX, ErrorCode, File, FileId, NewFile, Page, TUS_CHECKSUM_ALGORITHMS, TUS_EXTENSIONS, TUS_VERSION, Timestamp,
};
use crate::refusal::Answer;
use crate::schema::{self, Routes, get, head, options, patch, post};
use crate::store::Actor;

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");

pub(super) fn routes() -> Routes {
    const ALL: &str = "/files";
    const ONE: &str = "/files/{id}";
    const CREATE: &[ErrorCode] =
        &[ErrorCode::NotFound, ErrorCode::Forbidden, ErrorCode::RoomArchived, ErrorCode::QuotaExceeded];
    const PROCEED: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::RoomArchived, ErrorCode::ContentDamaged];
    Routes::new()
        .with(get(ALL, list, "The caller's own files, uploads under way included, oldest first."))
        .with(
            post(ALL, create, "Creates an upload (tus), and takes its first bytes along where there are any.")
                .created()
                .refuses(CREATE),
        )
        .with(options(ALL, discover, "What is spoken of tus."))
        .with(get(ONE, read, "A file, complete or not."))
        .with(head(ONE, status, "Where an upload goes on (tus).").answers(&[StatusCode::OK]))
        .with(patch(ONE, proceed, "Goes on with an upload (tus).").refuses(PROCEED))
        .with(
            schema::delete(ONE, end, "Ends an upload (tus: termination), or deletes a file.")
                .refuses(&[ErrorCode::Forbidden]),
        )
        .with(options(ONE, discover_one, "What is spoken of tus."))
        .of("files")
        .within(|method| method.route_layer(from_fn(tus_headers)), TUS_HEADERS)
}

/// `OPTIONS`: what is spoken here.
async fn discover(State(app): State<App>) -> Discovery {
    Discovery { file_bytes: app.config.uploads.file_bytes }
}

async fn discover_one(State(app): State<App>, _: Id<FileId>) -> Discovery {
    discover(State(app)).await
}

/// What is said of the server before anything is uploaded.
struct Discovery {
    file_bytes: u64,
}

impl IntoResponse for Discovery {
    fn into_response(self) -> Response {
        let headers = [
            ("tus-version", TUS_VERSION.to_owned()),
            ("tus-extension", TUS_EXTENSIONS.to_owned()),
            ("tus-checksum-algorithm", TUS_CHECKSUM_ALGORITHMS.to_owned()),
            ("tus-max-size", self.file_bytes.to_string()),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    }
}

impl schema::Describe for Discovery {
    fn describe(operation: &mut schema::Operation<'_>) {
        operation.answer_header("Tus-Version", "The versions of tus that are spoken.");
        operation.answer_header("Tus-Extension", "The extensions of tus that are spoken.");
        operation.answer_header("Tus-Checksum-Algorithm", "What an `Upload-Checksum` may be made with.");
        operation.answer_header("Tus-Max-Size", "How many bytes a file may have.");
    }
}

/// `GET /files`: the caller's own, uploads under way included.
async fn list(State(app): State<App>, Caller(actor): Caller, Paged(paging): Paged) -> Answer<Reply<Page<File>>> {
    let Paging { cursor, limit } = paging;
    app.store.read(move |view| files::list_own(view, actor, cursor.as_deref(), limit)).await.map(Reply::ok)
}

/// `GET /files/{id}`: the object.
async fn read(State(app): State<App>, Caller(actor): Caller, Id(id): Id<FileId>) -> Answer<Reply<File>> {
    object(&app, actor, id).await.map(Reply::ok)
}

/// `POST /files`: creates an upload, and takes its first bytes along where there are any.
async fn create(
    State(app): State<App>,
    sender: Sender,
    TusVersion: TusVersion,
    Creation(request): Creation,
    UploadChecksum(checksum): UploadChecksum,
    IdempotencyKey(key): IdempotencyKey,
    upload: UploadBody,
) -> Answer<Created> {
    let with_bytes = !upload.is_empty();
    if with_bytes {
        upload.require_type()?;
    }
    let (actor, limits) = (sender.actor, app.file_limits());
    let created = app
        .store
        .write(&sender.correlation, move |draft| files::create(draft, actor, &limits, &request, key.as_deref()))
        .await?;
    let mut file = created.answer().clone();
    let mut continued = None;
    if created.is_repeated() {
        // The bytes came with the first time, as far as they did: the client is told where to go on, if it still can.
        continued = object(&app, actor, file.id).await.ok().map(|file| file.offset);
    } else if with_bytes {
        match Intake::new(&app, sender, file.clone()).take(upload.body, checksum).await {
            Ok(taken) => file = taken,
            // The upload is there, and an error would hide it: whoever lost the right to go on, or comes too late, hears
            // that when they do.
            Err(refusal) if is_about_going_on(refusal.code) => {}
            Err(refusal) => return Err(refusal),
        }
        continued = Some(file.offset);
    }
    Ok(Created { reply: Reply::created(created), file, continued })
}

/// Whether a refusal of an upload's first bytes is about the caller's right to go on, the time for it or the room that it
/// is in, and not about the bytes.
fn is_about_going_on(code: ErrorCode) -> bool {
    matches!(code.status(), 401 | 403 | 404 | 409)
}

/// A new upload: its object, its place, and how far it is if bytes came along.
struct Created {
    reply: Reply<File>,
    file: File,
    continued: Option<u64>,
}

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let mut response = self.reply.into_response();
        let headers = response.headers_mut();
        headers.insert(LOCATION, value(&format!("{API_PREFIX}/files/{}", self.file.id)));
        if let Some(offset) = self.continued {
            headers.insert(OFFSET, offset.into());
        }
        tell_expiry(headers, &self.file);
        response
    }
}

impl schema::Describe for Created {
    fn describe(operation: &mut schema::Operation<'_>) {
        Reply::<File>::describe(operation);
        operation.answer_header("Location", "Where to go on.");
    }
}

/// `HEAD /files/{id}`: where to go on.
async fn status(
    State(app): State<App>,
    Caller(actor): Caller,
    TusVersion: TusVersion,
    Id(id): Id<FileId>,
) -> Answer<Status> {
    object(&app, actor, id).await.map(Status)
}

/// Where an upload is, and what was said of it.
struct Status(File);

impl IntoResponse for Status {
    fn into_response(self) -> Response {
        let Self(file) = self;
        let metadata = NewFile {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            room: file.room,
            size: file.size,
        };
        let mut response = StatusCode::OK.into_response();
        let headers = response.headers_mut();
        headers.insert(OFFSET, file.offset.into());
        headers.insert(LENGTH, file.size.into());
        headers.insert(METADATA, value(&metadata.to_metadata()));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        tell_expiry(headers, &file);
        response
    }
}

impl schema::Describe for Status {
    fn describe(operation: &mut schema::Operation<'_>) {
        operation.answer_header("Upload-Offset", "Where the upload is: so many bytes are durable.");
        operation.answer_header("Upload-Length", "How many bytes the file is to have.");
        operation.answer_header("Upload-Metadata", "What was said of the file.");
        operation.answer_header("Upload-Expires", "When the upload ends unless it goes on.");
    }
}

/// `PATCH /files/{id}`: goes on at an offset.
async fn proceed(
    State(app): State<App>,
    sender: Sender,
    TusVersion: TusVersion,
    Id(id): Id<FileId>,
    UploadOffset(offset): UploadOffset,
    UploadChecksum(checksum): UploadChecksum,
    upload: UploadBody,
) -> Answer<Response> {
    upload.require_type()?;
    let (actor, now) = (sender.actor, app.platform.now());
    // A body that cannot be right is refused before any of it is read.
    let declared = upload.length.unwrap_or(0);
    let file = app.store.read(move |view| files::upload(view, actor, id, now, Some((offset, declared)))).await?;
    let file = Intake::new(&app, sender, file).take(upload.body, checksum).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(OFFSET, file.offset.into());
    tell_expiry(response.headers_mut(), &file);
    Ok(response)
}

/// `DELETE /files/{id}`: ends an upload, deletes a file. For both kinds of client, those of tus and the others.
async fn end(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(id): Id<FileId>,
    Correlation(correlation): Correlation,
) -> Answer<StatusCode> {
    let limits = app.file_limits();
    app.store.write(&correlation, move |draft| files::delete(draft, actor, &limits, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn object(app: &App, actor: Actor, id: FileId) -> Answer<File> {
    let now = app.platform.now();
    app.store.read(move |view| files::get(view, actor, id, now)).await
}

/// When an upload under way ends, as a date of RFC 9110.
fn tell_expiry(headers: &mut HeaderMap, file: &File) {
    if let Some(date) = file.expires_at.and_then(http_date) {
        headers.insert(EXPIRES, value(&date));
    }
}

fn http_date(at: Timestamp) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("it is Base64, a date, or a path of ours")
}
