//! What files are made of: bytes that a file's name and length determine, so that a history need not hold them, and no
//! two files share them.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::keyed::Key;

/// A part of a file, or all of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    /// The file's name.
    pub(crate) file: String,
    /// Which of its bytes.
    pub(crate) range: Range<u64>,
    /// The bytes themselves.
    pub(crate) bytes: Bytes,
}

/// The content of the file of this name and length.
pub(crate) fn content(file: &str, length: u64) -> Bytes {
    let mut bytes = BytesMut::zeroed(usize::try_from(length).expect("a file of a history fits into memory"));
    Key::new(0).with("content").with(file).fill(&mut bytes);
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_bytes_of_its_own_and_a_shorter_file_is_the_beginning_of_a_longer() {
        assert_eq!(content("file-1.bin", 1_001).len(), 1_001);
        assert_eq!(content("file-1.bin", 1_001), content("file-1.bin", 1_001));
        assert_eq!(content("file-1.bin", 7), content("file-1.bin", 1_001).slice(..7));
        assert_ne!(content("file-1.bin", 32), content("file-2.bin", 32));
        assert!(content("file-1.bin", 0).is_empty());
    }
}
