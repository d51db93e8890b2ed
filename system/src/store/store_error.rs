//! What can go wrong below the store.

use std::sync::Arc;

/// The database failed. Whether the last changes are durable is not known until it is opened again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or redb refused an operation.
    #[error("the database failed: {0}")]
    Database(Arc<redb::Error>),
    /// A record cannot be read as what it should be.
    #[error("the record {key} is damaged: {reason}")]
    Damaged {
        /// The key, readable.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// Our own bug: the operation panicked. It changed nothing, and the store goes on.
    #[error("the operation failed by a mistake of the server and changed nothing")]
    OperationPanicked,
    /// The writer has stopped after an earlier failure.
    #[error("the store has stopped after a failure; restart the server to recover")]
    Stopped,
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Database(Arc::new(error.into()))
    }
}
