//! Where reports go: text with colours for a terminal, text without them for everything else, or one JSON document.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::refusal::Refusal;
use crate::report::{Published, json};

/// Writes reports to standard output.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The document for machines was asked for.
    pub json: bool,
}

impl Output {
    /// Writes in the form that was asked for.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Writes a report, as `text` tells it or as a document.
    ///
    /// # Errors
    /// Standard output cannot be written to. A reader that has gone away is no error.
    pub fn report<T: Published>(&self, report: &T, text: impl FnOnce(&T) -> String) -> Result<(), Refusal> {
        let written = if self.json { json::document(report) } else { text(report) };
        self.write(&written)
    }

    /// Writes a text as it is.
    ///
    /// # Errors
    /// As for [`Output::report`].
    pub fn text(&self, text: &str) -> Result<(), Refusal> {
        self.write(text)
    }

    /// Writes one JSON value on one line.
    ///
    /// # Errors
    /// As for [`Output::report`].
    pub fn json_line<T: Serialize>(&self, value: &T) -> Result<(), Refusal> {
        let text = serde_json::to_string(value).expect("reports have only string keys and finite numbers");
        self.write(&(text + "\n"))
    }

    fn write(&self, text: &str) -> Result<(), Refusal> {
        let mut stream = anstream::AutoStream::auto(io::stdout());
        match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Refusal::write(Path::new("standard output"), &error))
            }
            _ => Ok(()),
        }
    }
}
