//! Backups, which lie on disks for years. This one is written here, by the description of the format and not by its code.

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use system::store::FORMAT;
use system::store::backup::{BACKUP_VERSION, BackupError, check};

use super::harm::harmed;

/// A backup with two rows in two blocks.
fn good() -> Vec<u8> {
    let header = serde_json::json!({"backup_version": BACKUP_VERSION, "format": FORMAT,
        "created_at": "2026-11-21T10:00:00.000Z", "last_commit": 3, "tables": ["state", "log"]});
    let row = |table: u8, key: &[u8], value: &[u8]| {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[table], &length(key)[..], &length(value), key, value].concat()
    };
    let payloads = [header.to_string().into_bytes(), row(0, b"n", b"3"), row(1, b"key", &[b'v'; 300]), b"end".to_vec()];
    let mut backup = b"stormglass backup\n".to_vec();
    let mut digest = [0; 32];
    for payload in payloads {
        digest = Sha256::new().chain_update(digest).chain_update(&payload).finalize().into();
        backup.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
        backup.extend(payload);
        backup.extend(digest);
    }
    backup
}

proptest! {
    #[test]
    fn a_backup_is_whole_or_refused(bytes in harmed(vec![good()])) {
        match check(bytes.as_slice()) {
            Ok(contents) => {
                prop_assert_eq!(&bytes, &good(), "a harmed backup passes");
                prop_assert_eq!(contents.bytes, bytes.len() as u64);
            }
            Err(refused) => prop_assert!(refused.to_string().len() <= 500, "{}", refused),
        }
    }
}

#[test]
fn the_good_one_is_good_and_a_newer_one_is_named() {
    assert_eq!(check(good().as_slice()).unwrap().rows, 2);
    let text = String::from_utf8_lossy(&good()).replace(r#""backup_version":1"#, r#""backup_version":2"#);
    assert!(matches!(check(text.as_bytes()), Err(BackupError::Damaged { .. })), "its checksum is not that of another");
}
