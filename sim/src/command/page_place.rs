//! Where a page is to be written: looked at before anything runs, so that a typing mistake costs nobody an hour.

use std::fs;
use std::path::Path;

use super::refusal::Refusal;
use crate::report::page::{Page, html};

/// A place that a page can be written to, as far as one can know.
#[derive(Clone, Copy, Debug)]
pub struct PagePlace<'a>(&'a Path);

impl<'a> PagePlace<'a> {
    /// Makes the folders that lead there.
    ///
    /// # Errors
    /// There can be no such file.
    pub fn prepare(file: &'a Path) -> Result<Self, Refusal> {
        let refused = |reason: String| Refusal::Page { file: file.to_owned(), reason };
        if file.is_dir() || file.file_name().is_none() {
            return Err(refused("it is a directory".to_owned()));
        }
        file.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| refused(error.to_string()))?;
        Ok(Self(file))
    }

    /// Writes the page, and says where it is.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(self, page: &Page) -> Result<String, Refusal> {
        fs::write(self.0, html(page)).map_err(|error| Refusal::write(self.0, &error))?;
        Ok(self.0.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_cannot_be_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |file: &Path| PagePlace::prepare(file).unwrap_err().to_string();
        assert!(refused(folder.path()).ends_with("it is a directory: expected a file such as page.html"));
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(refused(&file.join("page.html")).starts_with("cannot write the page"));
        PagePlace::prepare(&folder.path().join("new/page.html")).unwrap();
        assert!(folder.path().join("new").is_dir());
    }
}
