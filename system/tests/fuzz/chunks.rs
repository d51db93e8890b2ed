//! Binary frames: a header and a chunk of an upload.

use bytes::Bytes;
use proptest::prelude::*;
use system::protocol::{CHUNK_HEADER_BYTES, ChunkFrame, FileId};
use uuid::Uuid;

use super::harm::harmed;

fn good() -> Vec<Vec<u8>> {
    let frame = |bytes: &'static [u8]| {
        let file = FileId(Uuid::from_u128(7));
        ChunkFrame { file, offset: u64::MAX - 1, request: 9, bytes: Bytes::from_static(bytes) }.to_bytes().to_vec()
    };
    vec![frame(b"x"), frame(&[0xff; 300])]
}

proptest! {
    #[test]
    fn a_chunk_is_exactly_what_follows_its_header(bytes in harmed(good())) {
        let bytes = Bytes::from(bytes);
        match ChunkFrame::parse(&bytes) {
            Ok(frame) => {
                prop_assert_eq!(&frame.bytes, &bytes.slice(CHUNK_HEADER_BYTES..));
                prop_assert_eq!(frame.to_bytes(), bytes);
            }
            Err(refused) => {
                prop_assert!(bytes.len() <= CHUNK_HEADER_BYTES || bytes[0] != 1, "refused: {}", refused.message);
                prop_assert!(refused.message.len() <= 500);
            }
        }
    }
}
