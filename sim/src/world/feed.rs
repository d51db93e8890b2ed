//! The program that writes conversation files: it knows nothing of the server, and no fault of the server's touches it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use properties::trace::Observation;
use system::platform::FeedPath;
use system::protocol::CompanyId;
use tokio::time::sleep;

use super::recorder::Recorder;
use crate::operations::{Feed, FeedEdit};
use crate::platform::FeedFiles;

/// The name of whoever writes the files, in traces.
pub(super) const WRITER: &str = "feed";

/// Where the server looks for conversation files.
pub(super) const DIRECTORY: &str = "feed";

/// The program, and the directory that it writes to. Clones are the same program.
#[derive(Clone)]
pub struct FeedWriter {
    pub(super) files: FeedFiles,
    inner: Arc<Mutex<Inner>>,
    recorder: Recorder,
}

#[derive(Default)]
struct Inner {
    company: Option<CompanyId>,
    /// The file of each conversation, by its name in the history.
    paths: BTreeMap<String, FeedPath>,
    /// How many names were given.
    names: u32,
}

impl FeedWriter {
    pub(super) fn new(recorder: Recorder) -> Self {
        Self { files: FeedFiles::default(), inner: Arc::default(), recorder }
    }

    /// The company that it writes for.
    pub(super) fn set_company(&self, company: CompanyId) {
        self.lock().company = Some(company);
    }

    /// Does a step of the history.
    pub(super) fn perform(&self, step: u32, feed: &Feed, text: String) {
        match self.edit(&feed.room, &feed.edit) {
            Ok(()) => {
                self.recorder.record(Observation::Step { step, device: WRITER.into(), text });
                self.recorder.operations().began(WRITER).succeeded();
            }
            Err(why) => self.recorder.record(Observation::Skipped { step, why }),
        }
    }

    /// Records what every file holds.
    pub(super) fn report(&self) {
        for (path, bytes) in self.files.all() {
            let text = String::from_utf8_lossy(&bytes).into();
            self.recorder.record(Observation::FinalFeedFile { file: path.file.as_str().into(), text });
        }
    }

    fn edit(&self, conversation: &str, edit: &FeedEdit) -> Result<(), String> {
        if *edit == FeedEdit::Open {
            let path = self.new_path(conversation)?;
            self.files.write(&path, heading(conversation).into_bytes());
            return Ok(());
        }
        let path = self.path(conversation)?;
        let mut bytes = self.files.bytes(&path).unwrap_or_default();
        match edit {
            FeedEdit::Open => {}
            FeedEdit::Append { line, body, torn_ms } => {
                let line = message(*line, body);
                let (now, later) = line.split_at(if *torn_ms == 0 { line.len() } else { line.len() / 2 });
                bytes.extend_from_slice(now.as_bytes());
                self.files.write(&path, bytes);
                if !later.is_empty() {
                    self.append_later(conversation.to_owned(), later.to_owned(), *torn_ms);
                }
            }
            FeedEdit::Edit { line, body } => self.replace(&path, &bytes, *line, &message(*line, body))?,
            FeedEdit::Garble { line } => self.replace(&path, &bytes, *line, &garbled(*line))?,
            FeedEdit::DropLine { line } => self.replace(&path, &bytes, *line, "")?,
            FeedEdit::Rename => {
                let to = self.new_path_again(conversation)?;
                self.files.rename(&path, &to);
            }
            FeedEdit::Remove => {
                self.files.remove(&path);
                self.lock().paths.remove(conversation);
            }
        }
        Ok(())
    }

    /// The rest of a line, if its file is still there.
    fn append_later(&self, conversation: String, rest: String, after_ms: u64) {
        let writer = self.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(after_ms)).await;
            if let Ok(path) = writer.path(&conversation) {
                let mut bytes = writer.files.bytes(&path).unwrap_or_default();
                bytes.extend_from_slice(rest.as_bytes());
                writer.files.write(&path, bytes);
            }
        });
    }

    fn replace(&self, path: &FeedPath, bytes: &[u8], line: u32, with: &str) -> Result<(), String> {
        let text = String::from_utf8_lossy(bytes);
        let (mark, unreadable) = (marker(line), garbled(line));
        let is_it = |text: &str| text.starts_with(&mark) || text == unreadable;
        if !text.split_inclusive('\n').any(is_it) {
            return Err(format!("{} has no line {line}", path.file));
        }
        let lines = text.split_inclusive('\n').map(|text| if is_it(text) { with } else { text });
        self.files.write(path, lines.collect::<String>().into_bytes());
        Ok(())
    }

    fn path(&self, conversation: &str) -> Result<FeedPath, String> {
        self.lock().paths.get(conversation).cloned().ok_or_else(|| format!("there is no file of {conversation}"))
    }

    fn new_path(&self, conversation: &str) -> Result<FeedPath, String> {
        if self.lock().paths.contains_key(conversation) {
            return Err(format!("there is a file of {conversation} already"));
        }
        self.new_path_again(conversation)
    }

    fn new_path_again(&self, conversation: &str) -> Result<FeedPath, String> {
        let mut inner = self.lock();
        let company = inner.company.ok_or("there is no company yet")?.to_string();
        inner.names += 1;
        let path = FeedPath { company, file: format!("{conversation}-{}.jsonl", inner.names) };
        inner.paths.insert(conversation.to_owned(), path.clone());
        Ok(path)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn heading(conversation: &str) -> String {
    format!(
        "{{\"type\":\"conversation\",\"data\":{{\"id\":\"{conversation}\",\"title\":\"{conversation}\",\
         \"channel\":\"phone\"}}}}\n"
    )
}

fn marker(line: u32) -> String {
    format!("{{\"type\":\"message\",\"data\":{{\"id\":\"{line}\",")
}

fn message(line: u32, body: &str) -> String {
    format!("{}\"author\":\"Robin\",\"body\":\"{body}\"}}}}\n", marker(line))
}

fn garbled(line: u32) -> String {
    format!("{{\"type\":\"mess line {line}\n")
}
