//! A database file in memory, which can be copied at any moment and damaged at any place.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use system::platform::{Backend, BoxFuture, OsPlatform, Platform, Work};
use system::protocol::Timestamp;
use tokio::time::{sleep, timeout};

/// The bytes of a database. Clones are the same bytes.
#[derive(Clone, Debug, Default)]
pub struct Image(Arc<Mutex<Vec<u8>>>);

impl Image {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    /// What a disk would hold now. All writes are durable at once here.
    pub fn copy(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    /// What a disk holds once nobody has it open any more.
    pub async fn copy_when_closed(self) -> Vec<u8> {
        let closed = async {
            while Arc::strong_count(&self.0) > 1 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(10), closed).await.expect("the database is closed");
        self.copy()
    }
}

impl redb::StorageBackend for Image {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        let read = bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(read);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        self.0.lock().unwrap()[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// A machine whose only disk is an [`Image`].
#[derive(Debug)]
pub struct ImagePlatform {
    image: Image,
    machine: OsPlatform,
}

impl ImagePlatform {
    pub fn new(image: Image) -> Self {
        Self { image, machine: OsPlatform::new("nowhere") }
    }
}

impl Platform for ImagePlatform {
    fn now(&self) -> Timestamp {
        self.machine.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.machine.fill_random(bytes);
    }

    fn open_database(&self) -> io::Result<Backend> {
        Ok(Box::new(self.image.clone()))
    }

    fn run_blocking(&self, work: Work) -> BoxFuture<()> {
        self.machine.run_blocking(work)
    }
}
