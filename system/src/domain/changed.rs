//! What a change leaves, and which version it is made from.

use serde::{Deserialize, Serialize};

use crate::protocol::{ErrorCode, StreamId};
use crate::refusal::{Answer, Refusal};
use crate::store::View;

/// An object as an operation left it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Changed<T> {
    /// The object.
    pub object: T,
    /// The position of the event that says so. Where nothing had to change: how far the stream was.
    pub seq: u64,
}

impl<T> Changed<T> {
    /// The object is already as it should be.
    ///
    /// # Errors
    /// The store fails.
    pub(super) fn not_at_all(view: &View<'_>, stream: StreamId, object: T) -> Answer<Self> {
        let seq = view.head(stream)?.map_or(0, |head| head.seq);
        Ok(Self { object, seq })
    }
}

/// Which versions a change may be made from (RFC 9110, `If-Match`).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Expected {
    /// Whichever the object has.
    #[default]
    Any,
    /// One of these. An object that has another was changed by somebody else meanwhile.
    OneOf(Vec<u64>),
}

impl Expected {
    /// Whether the change may be made.
    ///
    /// # Errors
    /// [`ErrorCode::VersionConflict`].
    pub fn check(&self, version: u64) -> Answer<()> {
        match self {
            Self::Any => Ok(()),
            Self::OneOf(versions) if versions.contains(&version) => Ok(()),
            Self::OneOf(_) => Err(Refusal::new(
                ErrorCode::VersionConflict,
                format!("it has version {version} by now: read it again, and decide anew"),
            )),
        }
    }
}

impl From<Option<u64>> for Expected {
    fn from(version: Option<u64>) -> Self {
        version.map_or(Self::Any, |version| Self::OneOf(vec![version]))
    }
}
