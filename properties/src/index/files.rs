//! Every file, as the final log of its owner's stream tells it: created, completed, ended.

use std::collections::BTreeMap;

use system::protocol::{EventBody, File, FileId, StreamId};

use super::{Log, Span};

/// All files that there ever were.
#[derive(Debug, Default)]
pub(crate) struct Files<'t>(BTreeMap<FileId, LoggedFile<'t>>);

/// One file, by what its owner's stream says. The places are that stream's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoggedFile<'t> {
    /// As it was created.
    pub(crate) object: &'t File,
    /// Where it was completed, and what it was then.
    pub(crate) completed: Option<(u64, &'t File)>,
    /// Where it was deleted, or its upload ended.
    pub(crate) ended: Option<u64>,
}

impl<'t> Files<'t> {
    pub(crate) fn new(log: &Log<'t>) -> Self {
        let mut files: BTreeMap<FileId, LoggedFile<'t>> = BTreeMap::new();
        let own = log.streams().filter(|(stream, _)| matches!(stream, StreamId::User(_)));
        for event in own.flat_map(|(_, log)| log.events) {
            match &event.body {
                EventBody::FileCreated(object) => {
                    let file = LoggedFile { object, completed: None, ended: None };
                    files.entry(object.id).or_insert(file);
                }
                EventBody::FileCompleted(object) => {
                    files.entry(object.id).and_modify(|file| file.completed = Some((event.seq, object)));
                }
                EventBody::FileFailed(failed) => {
                    files.entry(failed.file).and_modify(|file| file.ended = Some(event.seq));
                }
                EventBody::FileDeleted(deleted) => {
                    files.entry(deleted.file).and_modify(|file| file.ended = Some(event.seq));
                }
                _ => {}
            }
        }
        Self(files)
    }

    /// A file by its identifier.
    pub(crate) fn get(&self, file: FileId) -> Option<&LoggedFile<'t>> {
        self.0.get(&file)
    }

    /// The files of a name: one, unless the server made two of one creation.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a LoggedFile<'t>> {
        self.0.values().filter(move |file| file.object.name == name)
    }
}

impl LoggedFile<'_> {
    /// Its owner's stream.
    pub(crate) fn stream(&self) -> StreamId {
        StreamId::User(self.object.owner)
    }

    /// When it was completed, if it ever was.
    pub(crate) fn completed_in(&self, log: &Log<'_>) -> Option<Span> {
        self.completed.map(|(seq, _)| log.span(self.stream(), seq))
    }
}
