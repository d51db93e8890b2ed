//! What was sent of each upload, in requests and in binary frames, and when.

use std::collections::BTreeMap;

use system::client::{ToldCreation, ToldPiece};
use system::protocol::{File, FileId};

use super::{Connection, Files, Operation, Request, Seen};

/// Of each upload, the entries of its sendings in their order, each with the first byte after what was sent.
#[derive(Debug, Default)]
pub(crate) struct Sendings(BTreeMap<FileId, Vec<(usize, u64)>>);

impl Sendings {
    pub(crate) fn new(requests: &[Request<'_>], connections: &[Connection<'_>], files: &Files<'_>) -> Self {
        let mut sendings = Self::default();
        for request in requests {
            if let Some((file, end)) = sent(request, files) {
                sendings.0.entry(file).or_default().push((request.entry, end));
            }
        }
        for frame in connections.iter().flat_map(|connection| &connection.frames) {
            if let Seen::Chunk(chunk) = frame.seen {
                sendings.0.entry(chunk.file).or_default().push((frame.entry, chunk.end));
            }
        }
        sendings.0.values_mut().for_each(|sent| sent.sort_unstable());
        sendings
    }

    /// How much of an upload was sent before an entry, and by what.
    pub(crate) fn before(&self, file: FileId, entry: usize) -> Option<(usize, u64)> {
        self.of(file).iter().take_while(|(sent, _)| *sent < entry).max_by_key(|(_, end)| *end).copied()
    }

    /// The first entry by which so much of an upload was sent.
    pub(crate) fn reaching(&self, file: FileId, offset: u64) -> Option<usize> {
        self.of(file).iter().find(|(_, end)| *end >= offset).map(|(entry, _)| *entry)
    }

    fn of(&self, file: FileId) -> &[(usize, u64)] {
        self.0.get(&file).map_or(&[], Vec::as_slice)
    }
}

fn sent(request: &Request<'_>, files: &Files<'_>) -> Option<(FileId, u64)> {
    match request.operation {
        Operation::CreateUpload => {
            let ToldCreation { file, bytes } = serde_json::from_str(request.body).ok()?;
            let answered = request.success().and_then(|answer| answer.object::<File>());
            // Its answer may be lost: then the log knows which file it made.
            let logged = || files.named(&file.name).next().map(|file| file.object.id);
            answered.map(|file| file.id).or_else(logged).map(|file| (file, bytes))
        }
        Operation::ContinueUpload(file) => {
            let ToldPiece { offset, bytes } = serde_json::from_str(request.body).ok()?;
            Some((file, offset + bytes))
        }
        _ => None,
    }
}
