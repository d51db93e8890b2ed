//! What redb holds: one opening of the disk, good until it is closed or fenced.

use std::fmt;
use std::io;

use redb::StorageBackend;

use super::ailment::Request;
use super::change::Change;
use super::state::{Shared, State};
use crate::activity::{self, Kind, SERVER};
use crate::words::amount;

/// One opening of the disk. After a fence each operation fails and changes nothing.
pub(super) struct Handle {
    disk: Shared,
    era: u64,
}

impl Handle {
    pub(super) fn new(disk: Shared, era: u64) -> Self {
        Self { disk, era }
    }

    /// Does `work` unless the handle is fenced.
    fn reading<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.lock();
        if state.era != self.era {
            return Err(io::Error::other("the machine has lost this disk: open it anew"));
        }
        state.operations += 1;
        work(&mut state)
    }

    /// As [`Handle::reading`], for what changes the disk, if `permit` lets it. The power may fail at it: then its `work` has begun, so that
    /// what it wrote is among the writes of which a part may survive, but it is never finished.
    fn changing(
        &self,
        permit: impl FnOnce(&mut State) -> io::Result<()>,
        begin: impl FnOnce(&mut State),
        finish: impl FnOnce(&mut State),
    ) -> io::Result<()> {
        self.reading(|state| {
            permit(state)?;
            begin(state);
            if state.is_last_operation() {
                state.lose_armed_power();
                return Err(io::Error::other("the power failed"));
            }
            finish(state);
            Ok(())
        })
    }

    fn release(&self) {
        let mut state = self.disk.lock();
        if state.era == self.era {
            state.opened = false;
        }
    }
}

impl StorageBackend for Handle {
    fn len(&self) -> io::Result<u64> {
        self.reading(|state| Ok(state.image.live().len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = to_index(offset)?;
        self.reading(|state| {
            state.meet(Request::Read)?;
            let Some(bytes) = state.image.live().get(start..start.saturating_add(out.len())) else {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "read beyond the end of the disk's file"));
            };
            out.copy_from_slice(bytes);
            state.image.note_read(start, out.len());
            Ok(())
        })
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        note(Kind::Wrote, length, "length", || amount(length, "byte", "bytes"));
        let length = to_index(length)?;
        self.changing(|state| state.make_room(length, 0), |state| state.image.change(Change::SetLength(length)), |_| {})
    }

    fn sync_data(&self) -> io::Result<()> {
        note(Kind::Synced, 0, "sync", String::new);
        self.changing(
            |state| state.meet(Request::Sync),
            |_| {},
            |state| {
                if state.sync_works {
                    state.image.sync();
                }
            },
        )
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        // Not what is written: in a build that checks itself, the store fills pages that nobody uses with other bytes.
        note(Kind::Wrote, offset.rotate_left(32) ^ data.len() as u64, "write", || {
            format!("{} at {offset}", amount(data.len() as u64, "byte", "bytes"))
        });
        let offset = to_index(offset)?;
        self.changing(
            |state| state.make_room(offset, data.len()),
            |state| state.image.change(Change::Write { offset, bytes: data.into() }),
            |_| {},
        )
    }

    fn close(&self) -> io::Result<()> {
        self.release();
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.release();
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handle").field("era", &self.era).finish_non_exhaustive()
    }
}

/// Notes what the store asked for, whatever the disk makes of it.
fn note(kind: Kind, value: u64, name: &str, outcome: impl FnOnce() -> String) {
    activity::note(kind, value, || (SERVER, "disk".into(), name.into(), outcome()));
}

fn to_index(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the disk is not that large"))
}
