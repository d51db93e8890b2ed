//! A file that appears under its name only once all of it is on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::store::backup::{Contents, check};

/// A backup that is being written beside its place. Dropped before it is finished, it leaves nothing.
pub(super) struct BackupFile {
    path: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
}

impl BackupFile {
    /// Begins to write. Nobody but its owner may read it: it holds password hashes.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        if path.exists() {
            return Err(Failure::Exists(path.to_owned()));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(&partial).map_err(|source| Failure::File { path: partial.clone(), source })?;
        Ok(Self { path: path.to_owned(), partial, writer: BufWriter::new(file) })
    }

    /// Adds to it.
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.writer.write_all(piece).map_err(|source| self.failed(source))
    }

    /// Reads it back, checks it, and gives it its name.
    pub(super) fn finish(mut self) -> Result<Contents, Failure> {
        self.sync().map_err(|source| self.failed(source))?;
        let file = File::open(&self.partial).map_err(|source| self.failed(source))?;
        let contents =
            check(BufReader::new(file)).map_err(|source| Failure::Backup { path: self.partial.clone(), source })?;
        fs::rename(&self.partial, &self.path)
            .and_then(|()| sync_directory_of(&self.path))
            .map_err(|source| self.failed(source))?;
        Ok(contents)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()
    }

    fn failed(&self, source: io::Error) -> Failure {
        Failure::File { path: self.partial.clone(), source }
    }
}

impl Drop for BackupFile {
    fn drop(&mut self) {
        // After `finish` it is no longer there.
        let _ = fs::remove_file(&self.partial);
    }
}

/// Makes the names in a file's directory durable.
pub(super) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
