//! What an [`Observer`](super::Observer) is told of requests whose matter stands in headers, and of content that is no
//! JSON: JSON that says the same, so that whoever watches can read both alike. Content itself is never told: its length
//! and its SHA-256 are enough to tell whether two of them are equal.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::protocol::NewFile;

/// The creation of an upload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToldCreation {
    /// `Upload-Length` and `Upload-Metadata`.
    pub file: NewFile,
    /// How many of its bytes come along.
    pub bytes: u64,
}

/// A piece of an upload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToldPiece {
    /// `Upload-Offset`.
    pub offset: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

/// A part of a file's content is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToldRange {
    /// Where it begins.
    pub from: u64,
    /// Where it ends: the first byte that is not asked for.
    pub to: u64,
}

/// Content in words: `<5 bytes, sha256 2cf2…>`.
pub fn described(content: &[u8]) -> String {
    let digest = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("<{} bytes, sha256 {digest}>", content.len())
}
