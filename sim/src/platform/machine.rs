//! One incarnation of a machine: its clock, entropy, disk and blocking work.

use std::fmt;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use system::platform::{Backend, BoxFuture, FeedDirectory, Platform, Work};
use system::protocol::Timestamp;
use tokio::runtime::Handle;

use super::burden::Burden;
use super::draws::{Draws, Slots};
use super::feed::FeedFiles;
use crate::activity::{self, DEVICES, Kind, SERVER};
use crate::clock::WallClock;
use crate::disk::Disk;
use crate::keyed::Key;

/// A simulated machine's clock, entropy, disk and blocking work.
pub struct SimPlatform {
    clock: WallClock,
    entropy: Draws,
    work: Draws,
    work_max_ms: u64,
    burden: Burden,
    disk: Option<MountedDisk>,
    feed: Option<FeedFiles>,
}

impl SimPlatform {
    /// The `incarnation`th life of the server's machine. Blocking work takes up to `disk_max_ms`.
    ///
    /// The platform is dead, and its blocking work never ends, as soon as `disk` is killed under or loses power.
    pub fn server(seed: u64, incarnation: u32, disk: Disk, disk_max_ms: u64, clock: WallClock) -> Self {
        let key = Key::new(seed).with("server").with(incarnation);
        let draws =
            |purpose| Draws::new(key.with(purpose), (SERVER, format!("life {incarnation}"), purpose), Slots::Short);
        let era = disk.era();
        Self {
            clock,
            entropy: draws("entropy"),
            work: draws("work"),
            work_max_ms: disk_max_ms,
            burden: Burden::default(),
            disk: Some(MountedDisk { disk, era }),
            feed: None,
        }
    }

    /// The same machine, with a directory of conversation files.
    pub fn with_feed(self, files: FeedFiles) -> Self {
        Self { feed: Some(files), ..self }
    }

    /// The same machine, under a burden.
    pub fn with_burden(self, burden: Burden) -> Self {
        Self { burden, ..self }
    }

    /// The machine of a device, `user/device`. It has no disk, and its blocking work takes no time.
    pub fn device(seed: u64, device: &str, clock: WallClock) -> Self {
        let key = Key::new(seed).with("device").with(device);
        let draws = |purpose| Draws::new(key.with(purpose), (DEVICES, device.to_owned(), purpose), Slots::Long);
        Self {
            clock,
            entropy: draws("entropy"),
            work: draws("work"),
            work_max_ms: 0,
            burden: Burden::default(),
            disk: None,
            feed: None,
        }
    }

    fn is_dead(&self) -> bool {
        self.disk.as_ref().is_some_and(MountedDisk::is_lost)
    }
}

impl Platform for SimPlatform {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.entropy.next().fill(bytes);
    }

    fn open_database(&self) -> io::Result<Backend> {
        match &self.disk {
            Some(mounted) if mounted.is_lost() => Err(io::Error::other("the machine is dead: start it anew")),
            Some(mounted) => mounted.disk.open(),
            None => Err(io::Error::new(io::ErrorKind::Unsupported, "a simulated device has no disk")),
        }
    }

    fn watch_feed(&self, _: &str) -> io::Result<Arc<dyn FeedDirectory>> {
        let none = || io::Error::new(io::ErrorKind::Unsupported, "this simulated machine has no conversation files");
        self.feed.as_ref().map(FeedFiles::watch).ok_or_else(none)
    }

    /// Does the work here and now, on the simulation's one thread, and lets simulated time pass before it says so.
    fn run_blocking(&self, work: Work) -> BoxFuture<()> {
        let outcome = panic::catch_unwind(AssertUnwindSafe(work));
        if self.is_dead() {
            // The disk failed under the work; whatever it made of that, nobody is left to hear it.
            return Box::pin(std::future::pending());
        }
        if let Err(payload) = outcome {
            panic::resume_unwind(payload);
        }
        let mounted = self.disk.clone();
        let owed_ms = mounted.as_ref().map_or(0, |mounted| mounted.disk.take_owed_ms());
        let takes = Duration::from_millis(self.work.next().between(0, self.work_max_ms) + owed_ms + self.burden.ms());
        if mounted.is_some() {
            activity::note(Kind::Worked, takes.as_micros() as u64, || {
                (SERVER, "blocking work".into(), "takes".into(), format!("{takes:?}"))
            });
        }
        if takes.is_zero() || Handle::try_current().is_err() {
            return Box::pin(std::future::ready(()));
        }
        let done = tokio::time::sleep(takes);
        Box::pin(async move {
            done.await;
            if mounted.is_some_and(|mounted| mounted.is_lost()) {
                std::future::pending::<()>().await;
            }
        })
    }
}

impl fmt::Debug for SimPlatform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimPlatform").field("disk", &self.disk).finish_non_exhaustive()
    }
}

/// A disk as one incarnation of the machine knows it.
#[derive(Clone, Debug)]
struct MountedDisk {
    disk: Disk,
    era: u64,
}

impl MountedDisk {
    fn is_lost(&self) -> bool {
        self.disk.era() != self.era
    }
}
