//! One REST request and what came back.

use serde::de::DeserializeOwned;
use system::protocol::UserId;

use super::Operation;
use crate::trace::DeviceName;

/// One REST request.
#[derive(Debug)]
pub(crate) struct Request<'t> {
    /// The entry that tells of its sending.
    pub(crate) entry: usize,
    /// Who sent it.
    pub(crate) device: &'t DeviceName,
    /// The device's user, where it had logged in.
    pub(crate) user: Option<UserId>,
    /// What it asks for.
    pub(crate) operation: Operation,
    /// Path and query.
    pub(crate) path: &'t str,
    /// The idempotency key.
    pub(crate) key: Option<&'t str>,
    /// The body's text.
    pub(crate) body: &'t str,
    /// Where an upload is, if what came back said so.
    pub(crate) upload_offset: Option<u64>,
    /// What came back, if anything did.
    pub(crate) answer: Option<Answer<'t>>,
    /// The entry that tells that none came.
    pub(crate) lost: Option<usize>,
}

/// The answer to a REST request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'t> {
    /// The entry that tells of it.
    pub(crate) entry: usize,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body's text.
    pub(crate) body: &'t str,
}

impl<'t> Request<'t> {
    /// The answer, if the server said that it did what was asked.
    pub(crate) fn success(&self) -> Option<Answer<'t>> {
        self.answer.filter(|answer| (200..300).contains(&answer.status))
    }
}

impl Answer<'_> {
    /// The object in the body; none where the body is something else.
    pub(crate) fn object<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.body).ok()
    }
}
