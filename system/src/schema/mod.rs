//! The published schemas: OpenAPI 3.1 of the REST side, AsyncAPI 3 of the WebSocket side, and a page that shows both.
//!
//! Nothing here is written twice. Types become JSON Schemas by the one derive (`schemars::JsonSchema`) that every wire
//! type has; OpenAPI 3.1 and AsyncAPI 3 both speak JSON Schema 2020-12, so one derive serves both. An endpoint's
//! parameters, body, answer and refusals follow from the types of its handler (`describe`), and a route can only be
//! made together with its entry (`routes`). Commands, events, error codes and close codes are read off their enums.
//!
//! The documents are made when somebody first asks for them: a server that nobody asks pays nothing.

mod asyncapi;
mod describe;
mod documents;
mod frames;
mod openapi;
mod operation;
mod page;
mod refusals;
mod routes;
mod types;

pub use asyncapi::asyncapi;
pub(crate) use describe::Describe;
pub use documents::Documents;
pub use openapi::openapi;
pub(crate) use operation::Operation;
pub use page::page;
pub(crate) use routes::{Routes, delete, get, head, options, patch, post, put};
