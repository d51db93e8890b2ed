//! The program that writes conversation files, in a simulated world or on the machine of a real server.

use std::fs;

use system::platform::FeedPath;
use system::protocol::CompanyId;

use super::ground::FeedGround;
use super::stop::Stop;

/// Writes the conversation files of one company.
pub struct Feed {
    ground: FeedGround,
    company: CompanyId,
}

impl Feed {
    pub(super) fn new(ground: FeedGround, company: CompanyId) -> Self {
        Self { ground, company }
    }

    /// Replaces what a file holds, or makes it. Its name has its suffix: `support-1.jsonl`.
    ///
    /// # Errors
    /// It cannot be written.
    #[track_caller]
    pub fn write(&self, file: &str, text: &str) -> Result<(), Stop> {
        match &self.ground {
            FeedGround::Simulated(files) => files.write(&self.path(file), text.as_bytes().to_vec()),
            FeedGround::Real(directory) => {
                let folder = directory.join(self.company.to_string());
                let written = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(file), text));
                written.map_err(|error| Stop::because(format!("writing the conversation file {file}: {error}")))?;
            }
        }
        Ok(())
    }

    /// Puts something behind what a file holds.
    ///
    /// # Errors
    /// It cannot be read or written.
    #[track_caller]
    pub fn append(&self, file: &str, text: &str) -> Result<(), Stop> {
        let before = self.read(file)?;
        self.write(file, &(before + text))
    }

    /// What a file holds; nothing, if there is none.
    ///
    /// # Errors
    /// It cannot be read.
    #[track_caller]
    pub fn read(&self, file: &str) -> Result<String, Stop> {
        let bytes = match &self.ground {
            FeedGround::Simulated(files) => files.bytes(&self.path(file)).unwrap_or_default(),
            FeedGround::Real(directory) => match fs::read(directory.join(self.company.to_string()).join(file)) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(Stop::because(format!("reading the conversation file {file}: {error}"))),
            },
        };
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Gives a file another name.
    ///
    /// # Errors
    /// It cannot be renamed.
    #[track_caller]
    pub fn rename(&self, from: &str, to: &str) -> Result<(), Stop> {
        match &self.ground {
            FeedGround::Simulated(files) => files.rename(&self.path(from), &self.path(to)),
            FeedGround::Real(directory) => {
                let folder = directory.join(self.company.to_string());
                let renamed = fs::rename(folder.join(from), folder.join(to));
                renamed.map_err(|error| Stop::because(format!("renaming the conversation file {from}: {error}")))?;
            }
        }
        Ok(())
    }

    /// Takes a file away.
    ///
    /// # Errors
    /// It cannot be removed.
    #[track_caller]
    pub fn remove(&self, file: &str) -> Result<(), Stop> {
        match &self.ground {
            FeedGround::Simulated(files) => files.remove(&self.path(file)),
            FeedGround::Real(directory) => {
                let removed = fs::remove_file(directory.join(self.company.to_string()).join(file));
                removed.map_err(|error| Stop::because(format!("removing the conversation file {file}: {error}")))?;
            }
        }
        Ok(())
    }

    fn path(&self, file: &str) -> FeedPath {
        FeedPath { company: self.company.to_string(), file: file.to_owned() }
    }
}
