//! Headers of the tus protocol: what is said of a file, and what a body must add up to.

use proptest::prelude::*;
use system::protocol::{Checksum, NewFile, RoomId};
use uuid::Uuid;

use super::harm::harmed_text;

fn metadata() -> Vec<String> {
    let room = Some(RoomId(Uuid::from_u128(7)));
    let file = |name: &str, room| NewFile { name: name.into(), content_type: "text/plain".into(), room, size: 0 };
    vec![
        file("a.txt", None).to_metadata(),
        file("Übersicht, Teil 2.pdf", room).to_metadata(),
        "filename YQ==".to_owned(),
        " filename  YQ== , room , filetype".to_owned(),
    ]
}

fn checksums() -> Vec<String> {
    let sha256 = Checksum::sha256(b"hello").to_string();
    vec!["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=".to_owned(), "crc32 DUoRhQ==".to_owned(), sha256]
}

proptest! {
    #[test]
    fn what_is_said_of_a_file_is_understood_the_same_again_or_refused(text in harmed_text(metadata()), size: u64) {
        match NewFile::from_metadata(&text, size) {
            Ok(file) => {
                prop_assert_eq!(file.size, size);
                let again = NewFile::from_metadata(&file.to_metadata(), size);
                prop_assert_eq!(again.map_err(|error| error.message), Ok(file));
            }
            Err(refused) => {
                prop_assert!(refused.field.len() <= text.len().max(8), "{} is not in the header", refused.field);
                prop_assert!(!refused.message.is_empty() && refused.message.len() <= 200, "{}", refused.message);
            }
        }
    }

    #[test]
    fn a_checksum_is_understood_the_same_again_or_refused(text in harmed_text(checksums()), body: Vec<u8>) {
        match text.parse::<Checksum>() {
            Ok(checksum) => {
                let again = checksum.to_string().parse::<Checksum>();
                prop_assert_eq!(again.as_ref().map_err(ToString::to_string), Ok(&checksum));
                // Whether it matches or not, it must not stumble.
                let _ = checksum.matches(&body);
            }
            Err(refused) => prop_assert!(refused.to_string().len() <= 200, "{}", refused),
        }
    }
}

#[test]
fn the_good_ones_are_good() {
    for text in metadata().into_iter().take(3) {
        assert!(NewFile::from_metadata(&text, 1).is_ok(), "{text}");
    }
    for text in checksums() {
        assert!(text.parse::<Checksum>().is_ok(), "{text}");
    }
}
