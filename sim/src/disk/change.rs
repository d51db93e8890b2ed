//! What can be done to the one file of a disk.

/// Something that was done to the file.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { offset: usize, bytes: Box<[u8]> },
    SetLength(usize),
}
