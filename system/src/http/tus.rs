//! What requests of the tus 1.0 protocol hold, read from their headers: each part has its extractor, which says how it is
//! refused and how it stands in the OpenAPI document.

use std::borrow::Cow;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use crate::app::App;
use crate::protocol::{Checksum, ChecksumError, ErrorCode, NewFile, TUS_CONTENT_TYPE, TUS_VERSION};
use crate::refusal::Refusal;
use crate::schema::{Describe, Operation};

const RESUMABLE: &str = "tus-resumable";
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const CONCAT: HeaderName = HeaderName::from_static("upload-concat");

/// That the client speaks the version of tus that is spoken here.
#[derive(Clone, Copy, Debug)]
pub struct TusVersion;

impl FromRequestParts<App> for TusVersion {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        if parts.headers.get(RESUMABLE).is_some_and(|version| version == TUS_VERSION) {
            return Ok(Self);
        }
        let detail = format!("send `Tus-Resumable: {TUS_VERSION}`: uploads speak that version of tus and no other");
        Err(Refusal::new(ErrorCode::TusVersionUnsupported, detail))
    }
}

impl Describe for TusVersion {
    fn describe(operation: &mut Operation<'_>) {
        operation.header_parameter::<VersionText>("Tus-Resumable", true, "The version of tus.");
        operation.refuses(&[ErrorCode::TusVersionUnsupported]);
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $schema:tt;)*) => {
        $($(#[$doc])*
        enum $name {}

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })*
    };
}

texts! {
    /// The schema of the one version that is spoken.
    VersionText {"type": "string", "const": TUS_VERSION};
    /// The schema of an `Upload-Checksum`. The last character before the padding has bits that are always zero.
    ChecksumText {
        "type": "string",
        "pattern": "^(sha1 [A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=|sha256 [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\
                    |crc32 [A-Za-z0-9+/]{5}[AQgw]==)$",
        "examples": ["crc32 DUoRhQ=="],
    };
    /// The schema of an `Upload-Metadata`: which keys there may be, and what their values hold, is no matter of a schema.
    MetadataText {"type": "string", "examples": ["filename aGVsbG8udHh0,filetype dGV4dC9wbGFpbg=="]};
}

/// What [`tus_headers`] adds.
pub const TUS_HEADERS: &[(&str, &str)] =
    &[("Tus-Resumable", "The version of tus that is spoken."), ("Tus-Version", "The versions of tus that are spoken.")];

/// Says the version in every answer, refusals included.
pub async fn tus_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let refused = response.extensions().get::<Refusal>().map(|refusal| refusal.code);
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(TUS_VERSION));
    if refused == Some(ErrorCode::TusVersionUnsupported) {
        headers.insert("tus-version", HeaderValue::from_static(TUS_VERSION));
    }
    response
}

/// Where a client goes on: `Upload-Offset`.
#[derive(Clone, Copy, Debug)]
pub struct UploadOffset(pub u64);

impl FromRequestParts<App> for UploadOffset {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        number(&parts.headers, &OFFSET).map(Self)
    }
}

impl Describe for UploadOffset {
    fn describe(operation: &mut Operation<'_>) {
        operation.header_parameter::<u64>("Upload-Offset", true, "Where the upload is, and the body goes on.");
        operation.refuses(&[ErrorCode::InvalidRequest, ErrorCode::UploadOffsetMismatch]);
    }
}

/// What the bytes of the body must add up to: `Upload-Checksum`.
#[derive(Clone, Debug)]
pub struct UploadChecksum(pub Option<Checksum>);

impl FromRequestParts<App> for UploadChecksum {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let Some(header) = parts.headers.get(CHECKSUM) else { return Ok(Self(None)) };
        let checksum = header.to_str().map_err(|_| ChecksumError::Malformed).and_then(str::parse);
        checksum
            .map(|checksum| Self(Some(checksum)))
            .map_err(|error| Refusal::new(ErrorCode::InvalidRequest, error.to_string()))
    }
}

impl Describe for UploadChecksum {
    fn describe(operation: &mut Operation<'_>) {
        let description = "An algorithm of `Tus-Checksum-Algorithm`, a space, and the digest of the body in Base64: \
                           nothing of a body that does not have it is kept.";
        operation.header_parameter::<ChecksumText>("Upload-Checksum", false, description);
        operation.refuses(&[ErrorCode::InvalidRequest, ErrorCode::ChecksumMismatch]);
    }
}

/// The file whose upload is to be created: `Upload-Length` and `Upload-Metadata`.
#[derive(Clone, Debug)]
pub struct Creation(pub NewFile);

impl FromRequestParts<App> for Creation {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        for (header, extension) in [(&DEFER_LENGTH, "creation-defer-length"), (&CONCAT, "concatenation")] {
            if headers.contains_key(header) {
                let detail = format!("the extension {extension} is not spoken here: see Tus-Extension");
                return Err(Refusal::new(ErrorCode::InvalidRequest, detail));
            }
        }
        let size = number(headers, &LENGTH)?;
        let metadata = match headers.get(METADATA) {
            Some(metadata) => metadata.to_str().map_err(|_| Refusal::field("Upload-Metadata", "must be ASCII"))?,
            None => "",
        };
        NewFile::from_metadata(metadata, size).map(Self).map_err(|error| Refusal::field(&error.field, error.message))
    }
}

impl Describe for Creation {
    fn describe(operation: &mut Operation<'_>) {
        operation.header_parameter::<u64>("Upload-Length", true, "How many bytes the file is to have.");
        let description = "Pairs of a key and a value in Base64, with commas between them: `filename`, and where wanted \
                           `filetype` and `room`.";
        operation.header_parameter::<MetadataText>("Upload-Metadata", true, description);
        operation.refuses(&[ErrorCode::InvalidRequest, ErrorCode::InvalidValue]);
    }
}

/// The bytes of an upload that a request brings.
#[derive(Debug)]
pub struct UploadBody {
    /// The bytes, as they come.
    pub body: axum::body::Body,
    /// How many they are, where that is told beforehand.
    pub length: Option<u64>,
    /// Whether their media type is told, as it must be.
    pub typed: bool,
}

impl UploadBody {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        axum::body::HttpBody::is_end_stream(&self.body)
    }

    /// Refuses bytes of another media type.
    ///
    /// # Errors
    /// [`ErrorCode::UnsupportedMediaType`].
    pub fn require_type(&self) -> Result<(), Refusal> {
        if self.typed {
            return Ok(());
        }
        let detail = format!("the Content-Type of the file's bytes must be {TUS_CONTENT_TYPE}");
        Err(Refusal::new(ErrorCode::UnsupportedMediaType, detail))
    }
}

impl FromRequest<App> for UploadBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &App) -> Result<Self, Refusal> {
        let headers = request.headers();
        let wanted = TUS_CONTENT_TYPE.as_bytes();
        let typed = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(wanted));
        let length = headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Ok(Self { length, typed, body: request.into_body() })
    }
}

impl Describe for UploadBody {
    fn describe(operation: &mut Operation<'_>) {
        // OpenAPI 3.1 has bytes as an empty schema.
        operation.body(TUS_CONTENT_TYPE, json!({}));
        operation.answer_header("Upload-Offset", "Where the upload is: so many bytes are durable.");
        operation.answer_header("Upload-Expires", "When the upload ends unless it goes on.");
        operation.refuses(&[ErrorCode::UnsupportedMediaType, ErrorCode::TooLarge, ErrorCode::BodyTooSlow]);
    }
}

/// A header that is a number of bytes.
fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Refusal> {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        Refusal::new(ErrorCode::InvalidRequest, format!("{name} must be there, and be a number of bytes"))
    })
}
