//! What every check works with: one record, and everything around it.

use std::fmt::Display;

use uuid::Uuid;

use super::chunks::Chunks;
use super::findings::Findings;
use super::log::Streams;
use crate::store::key::{Key, Kind};
use crate::store::{StoreError, View};

/// One record, and where to look for what it must agree with.
pub(super) struct Look<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) streams: &'a Streams,
    pub(super) chunks: &'a Chunks,
    pub(super) what: &'static str,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) findings: &'a mut Findings,
}

/// What a check returns: an error is the database's, not the record's.
pub(super) type Checked = Result<(), StoreError>;

impl Look<'_> {
    /// The record as the type that `K` says; where it is none, that is noted.
    pub(super) fn read<K: Key>(&mut self) -> Option<K::Value> {
        match serde_json::from_slice(self.value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(format!("cannot be read: {error}"));
                None
            }
        }
    }

    /// That the record lies where its contents say.
    pub(super) fn lies_at(&mut self, key: &impl Key) {
        let holds = key.encode() == self.key;
        self.require(holds, "lies under a key that is not its own");
    }

    /// Another record, whose damage is noted where it lies itself.
    pub(super) fn other<K: Key>(&self, key: &K) -> Result<Option<K::Value>, StoreError> {
        match self.view.get(key) {
            Err(StoreError::Damaged { .. }) => Ok(None),
            other => other,
        }
    }

    /// That another record is there.
    pub(super) fn needs(&mut self, key: &impl Key, otherwise: &str) -> Checked {
        let holds = self.view.contains(key)?;
        self.require(holds, otherwise);
        Ok(())
    }

    /// The identifier that begins at a byte of the key.
    pub(super) fn id_at(&self, place: usize) -> Uuid {
        self.key.get(place..place + 16).and_then(|bytes| Uuid::from_slice(bytes).ok()).unwrap_or_default()
    }

    pub(super) fn require(&mut self, holds: bool, otherwise: impl Display) {
        if !holds {
            self.note(otherwise);
        }
    }

    pub(super) fn note(&mut self, problem: impl Display) {
        self.findings.problem(self.what, &place(self.key), &problem.to_string());
    }
}

/// A key for people: its identifiers, numbers and words.
fn place(key: &[u8]) -> String {
    let Some((tag, rest)) = key.split_first() else { return "without a key".to_owned() };
    if Kind::of(key) == Some(Kind::EmailKey) {
        return String::from_utf8_lossy(rest).into_owned();
    }
    let mut words = Vec::new();
    let mut rest = rest;
    // Streams are a letter and an identifier.
    if *tag == b't' && rest.len() == 17 {
        words.push(char::from(rest[0]).to_string());
        rest = &rest[1..];
    }
    while let Some((id, tail)) = rest.split_first_chunk::<16>() {
        words.push(Uuid::from_bytes(*id).to_string());
        rest = tail;
    }
    match <[u8; 8]>::try_from(rest) {
        Ok(number) => words.push(u64::from_be_bytes(number).to_string()),
        Err(_) if rest.is_empty() => {}
        Err(_) => words.push(rest.escape_ascii().to_string()),
    }
    words.join(" ")
}
