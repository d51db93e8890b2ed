//! A refusal: why an operation was not done. REST makes a problem body of it, the WebSocket an `error` frame.

use std::time::Duration;

use crate::protocol::{ErrorCode, FieldError, QuotaExceeded};
use crate::store::OnceError;
use crate::store::{Effect, StoreError};

/// Why an operation was not done. Nothing of it was changed, unless the code is [`ErrorCode::StorageFailed`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct Refusal {
    /// The kind for programs.
    pub code: ErrorCode,
    /// What was wrong this time and what would be right.
    pub detail: String,
    /// Which fields are wrong.
    pub fields: Vec<FieldError>,
    /// The numbers, where a quota did not suffice.
    pub quota: Option<Box<QuotaExceeded>>,
    /// How long to wait before asking again, where it is known.
    pub retry_after_ms: Option<u64>,
}

impl Refusal {
    /// A refusal without field errors.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: shortened(detail.into()), fields: Vec::new(), quota: None, retry_after_ms: None }
    }

    /// The same, to be asked again after so long.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        let retry_after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
        Self { retry_after_ms: Some(retry_after_ms), ..self }
    }

    /// The caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, detail)
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {what}, or you may not see it"))
    }

    /// One field breaks its bounds.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![FieldError { field: field.to_owned(), message: message.clone() }];
        Self { fields, ..Self::new(ErrorCode::InvalidValue, format!("`{field}` {message}")) }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OperationPanicked => Self::new(ErrorCode::Internal, error.to_string()),
            _ => Self::new(ErrorCode::StorageFailed, format!("{error}; ask again whether the call took effect")),
        }
    }
}

impl From<OnceError<Refusal>> for Refusal {
    fn from(error: OnceError<Refusal>) -> Self {
        match error {
            OnceError::Reused => Self::new(
                ErrorCode::IdempotencyKeyReused,
                "this idempotency key came with another request before: use a new key for a new request",
            ),
            OnceError::Store(error) => error.into(),
            OnceError::Operation(refusal) => refusal,
        }
    }
}

/// Part of what is wrong may be what the client sent: a key of 60 KB, say. That much is not told back.
fn shortened(detail: String) -> String {
    /// Longer than any sentence of ours.
    const MOST: usize = 500;
    match detail.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail,
    }
}

/// What an operation answers.
pub type Answer<T> = Result<T, Refusal>;

/// What an operation behind an idempotency key answers.
pub type Once<T> = Result<Effect<T>, Refusal>;
