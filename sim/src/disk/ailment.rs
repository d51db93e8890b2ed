//! What a disk may suffer from for a while, without losing anything that it holds.

use std::io;

use crate::words::amount;

/// What a disk may suffer from for a while. What was written before stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ailment {
    /// It is full: nothing makes its file longer.
    Full,
    /// Syncs fail, and what they should have synced may be lost with the power.
    SyncFails,
    /// Each sync takes so much longer.
    SyncIsSlow {
        /// How much.
        by_ms: u64,
    },
    /// Reads fail.
    ReadsFail,
}

impl Ailment {
    /// One of what it did and several, in a person's words.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Full => ("write found no room", "writes found no room"),
            Self::SyncFails => ("sync failed", "syncs failed"),
            Self::SyncIsSlow { .. } => ("sync was slow", "syncs were slow"),
            Self::ReadsFail => ("read failed", "reads failed"),
        }
    }

    fn error(self) -> Option<io::Error> {
        match self {
            Self::Full => Some(io::Error::new(io::ErrorKind::StorageFull, "no space left on the disk")),
            Self::SyncFails => Some(io::Error::other("the disk failed to sync")),
            Self::ReadsFail => Some(io::Error::other("the disk failed to read")),
            Self::SyncIsSlow { .. } => None,
        }
    }
}

/// What a disk is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Request {
    Grow,
    Sync,
    Read,
}

/// An ailment that lasts, and how often it showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suffered {
    ailment: Ailment,
    showed: u64,
}

impl Suffered {
    pub(super) fn new(ailment: Ailment) -> Self {
        Self { ailment, showed: 0 }
    }

    /// Lets it show at a request: how much longer that takes.
    pub(super) fn meet(&mut self, request: Request) -> io::Result<u64> {
        let concerned = match self.ailment {
            Ailment::Full => request == Request::Grow,
            Ailment::SyncFails | Ailment::SyncIsSlow { .. } => request == Request::Sync,
            Ailment::ReadsFail => request == Request::Read,
        };
        if !concerned {
            return Ok(0);
        }
        self.showed += 1;
        match (self.ailment.error(), self.ailment) {
            (Some(error), _) => Err(error),
            (None, Ailment::SyncIsSlow { by_ms }) => Ok(by_ms),
            (None, _) => Ok(0),
        }
    }

    /// What it did, in a person's words; nothing if it never showed.
    pub(super) fn tell(self) -> Option<String> {
        let (one, many) = self.ailment.words();
        (self.showed > 0).then(|| amount(self.showed, one, many))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ailment_shows_where_it_hurts_and_nowhere_else() {
        let mut slow = Suffered::new(Ailment::SyncIsSlow { by_ms: 70 });
        assert_eq!(slow.meet(Request::Read).ok(), Some(0));
        assert_eq!(slow.tell(), None);
        assert_eq!(slow.meet(Request::Sync).ok(), Some(70));
        assert_eq!(slow.tell().as_deref(), Some("1 sync was slow"));
        let mut full = Suffered::new(Ailment::Full);
        let error = full.meet(Request::Grow).expect_err("there is no room");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(full.meet(Request::Grow).is_err() && full.meet(Request::Sync).is_ok());
        assert_eq!(full.tell().as_deref(), Some("2 writes found no room"));
    }
}
