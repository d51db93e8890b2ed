//! The documents of one server, made when somebody first asks.

use std::sync::OnceLock;

use axum::body::Bytes;

use super::{asyncapi, openapi, page};

/// The texts that are served.
#[derive(Debug, Default)]
pub struct Documents {
    texts: OnceLock<Texts>,
}

/// Both documents as JSON, and the page.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) openapi: Bytes,
    pub(crate) asyncapi: Bytes,
    pub(crate) page: Bytes,
}

impl Documents {
    /// The texts, made now if nobody has asked before.
    pub(crate) fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| {
            let (openapi, asyncapi) = (openapi(), asyncapi());
            Texts {
                page: Bytes::from(page(&openapi, &asyncapi)),
                openapi: Bytes::from(openapi.to_string()),
                asyncapi: Bytes::from(asyncapi.to_string()),
            }
        })
    }
}
