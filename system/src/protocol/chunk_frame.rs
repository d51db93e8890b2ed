//! The binary frame that carries a chunk of an upload: a header of 29 bytes, then the bytes (REQUIREMENTS.md WS-2).
//!
//! | bytes | hold |
//! |---|---|
//! | 0 | the version of this header: 1 |
//! | 1 to 16 | the file's identifier, as the 16 bytes of its UUID |
//! | 17 to 24 | the offset at which the bytes begin, big-endian |
//! | 25 to 28 | the number of the request, big-endian: it comes back, as text, as the `id` of the answer |
//! | 29 and on | the bytes, at least one |

use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;

use super::{ErrorCode, FileId, FrameError};

/// A chunk of an upload, answered by an `ack` with [`ChunkStored`](super::ChunkStored), or by an `error`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChunkFrame {
    /// The file, whose upload was created over REST.
    pub file: FileId,
    /// Where the bytes begin: how many are durable already.
    pub offset: u64,
    /// Comes back as the `id` of the answer.
    pub request: u32,
    /// The bytes, at least one.
    pub bytes: Bytes,
}

const VERSION: u8 = 1;

/// How long the header of a [`ChunkFrame`] is.
pub const CHUNK_HEADER_BYTES: usize = 29;

impl ChunkFrame {
    /// Reads a binary frame.
    ///
    /// # Errors
    /// It is too short, or of another version.
    pub fn parse(frame: &Bytes) -> Result<Self, FrameError> {
        let refused = |id: Option<String>, message: String| FrameError { id, code: ErrorCode::InvalidRequest, message };
        let Some((header, _)) = frame.split_first_chunk::<CHUNK_HEADER_BYTES>() else {
            let message = format!(
                "a binary frame is {CHUNK_HEADER_BYTES} bytes of header and a chunk of an upload: this one has {} bytes",
                frame.len()
            );
            return Err(refused(None, message));
        };
        if header[0] != VERSION {
            let message = format!("the header of a binary frame has version {VERSION}: this one has {}", header[0]);
            return Err(refused(None, message));
        }
        let part = |from: usize, to: usize| &header[from..to];
        let file = FileId(Uuid::from_slice(part(1, 17)).expect("a UUID has 16 bytes"));
        let offset = u64::from_be_bytes(part(17, 25).try_into().expect("an offset has 8 bytes"));
        let request = u32::from_be_bytes(part(25, 29).try_into().expect("a number has 4 bytes"));
        let bytes = frame.slice(CHUNK_HEADER_BYTES..);
        if bytes.is_empty() {
            return Err(refused(Some(request.to_string()), "the chunk is empty: send at least one byte".to_owned()));
        }
        Ok(Self { file, offset, request, bytes })
    }

    /// The frame that [`ChunkFrame::parse`] reads.
    pub fn to_bytes(&self) -> Bytes {
        let mut frame = BytesMut::with_capacity(CHUNK_HEADER_BYTES + self.bytes.len());
        frame.put_u8(VERSION);
        frame.put_slice(self.file.0.as_bytes());
        frame.put_u64(self.offset);
        frame.put_u32(self.request);
        frame.put_slice(&self.bytes);
        frame.freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_survives_the_wire() {
        let bytes = Bytes::from_static(b"abc");
        let chunk = ChunkFrame { file: FileId(Uuid::from_u128(7)), offset: 1 << 40, request: 9, bytes };
        assert_eq!(ChunkFrame::parse(&chunk.to_bytes()).unwrap(), chunk);
    }

    #[test]
    fn mistakes_are_named() {
        let chunk =
            ChunkFrame { file: FileId(Uuid::nil()), offset: 0, request: 9, bytes: Bytes::from_static(b"x") }.to_bytes();
        let check = |frame: &[u8], id: Option<&str>, hint: &str| {
            let error = ChunkFrame::parse(&Bytes::copy_from_slice(frame)).unwrap_err();
            assert_eq!(error.id.as_deref(), id);
            assert!(error.message.contains(hint), "{}", error.message);
        };
        check(&[], None, "has 0 bytes");
        check(&chunk[..28], None, "has 28 bytes");
        check(&chunk[..29], Some("9"), "is empty");
        let mut newer = chunk.to_vec();
        newer[0] = 2;
        check(&newer, None, "has 2");
    }
}
