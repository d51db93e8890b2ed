//! The disk under a real redb database.

use std::collections::BTreeMap;
use std::io;

use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Ailment, Disk};
use crate::keyed::Key;

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("things");
/// More than a page, so that a commit consists of many writes.
const VALUE_BYTES: usize = 700;
const VALUES_PER_COMMIT: u64 = 12;

fn open(disk: &Disk) -> Result<Database, redb::DatabaseError> {
    Builder::new().set_cache_size(1 << 20).create_with_backend(disk.open_handle()?)
}

/// Commits values made of `generation` under keys that are its own.
fn commit(database: &Database, generation: u8) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(TABLE)?;
        for index in 0..VALUES_PER_COMMIT {
            let key = u64::from(generation) * VALUES_PER_COMMIT + index;
            table.insert(key, [generation; VALUE_BYTES].as_slice())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// How many values of each generation are there. Panics on a value that nobody wrote.
fn generations(database: &Database) -> BTreeMap<u8, u64> {
    let transaction = database.begin_read().expect("a sound database");
    let mut found = BTreeMap::new();
    let table = match transaction.open_table(TABLE) {
        Ok(table) => table,
        Err(redb::TableError::TableDoesNotExist(_)) => return found,
        Err(error) => panic!("the database is broken: {error}"),
    };
    for entry in table.iter().expect("a sound table") {
        let (key, value) = entry.expect("a sound entry");
        let generation = u8::try_from(key.value() / VALUES_PER_COMMIT).expect("few generations");
        assert_eq!(value.value(), [generation; VALUE_BYTES], "a value that nobody wrote");
        *found.entry(generation).or_default() += 1;
    }
    found
}

/// Two commits, the database still open.
fn disk_with_two_commits() -> (Disk, Database) {
    let disk = Disk::new();
    let database = open(&disk).expect("an empty disk opens");
    commit(&database, 1).expect("a first commit");
    commit(&database, 2).expect("a second commit");
    (disk, database)
}

#[test]
fn what_was_committed_survives_a_power_loss() {
    for draw in 0..20u64 {
        let (disk, database) = disk_with_two_commits();
        disk.power_loss(Key::new(draw));
        drop(database);
        let database = open(&disk).expect("a committed database opens");
        assert_eq!(generations(&database), BTreeMap::from([(1, VALUES_PER_COMMIT), (2, VALUES_PER_COMMIT)]));
    }
}

#[test]
fn a_commit_in_whose_midst_the_power_fails_is_there_or_is_not() {
    let (mut kept, mut vanished, mut lost_writes) = (0, 0, 0);
    for after_operations in 0.. {
        let mut failed = false;
        for draw in 0..8u64 {
            let (disk, database) = disk_with_two_commits();
            disk.arm_power_loss(after_operations, Key::new(draw));
            let result = commit(&database, 3);
            failed |= result.is_err();
            assert_eq!(result.is_err(), disk.power_failed());
            lost_writes += disk.take_power_loss().map_or(0, |loss| loss.lost_writes);
            disk.kill();
            drop(database);

            let database = open(&disk).unwrap_or_else(|error| {
                panic!("operation {after_operations}, draw {draw}: cannot be repaired: {error}")
            });
            let mut found = generations(&database);
            match found.remove(&3) {
                None => {
                    assert!(
                        result.is_err(),
                        "operation {after_operations}, draw {draw}: a commit that succeeded vanished"
                    );
                    vanished += 1;
                }
                Some(VALUES_PER_COMMIT) => kept += 1,
                Some(part) => panic!("operation {after_operations}, draw {draw}: {part} values of a torn commit"),
            }
            assert_eq!(found, BTreeMap::from([(1, VALUES_PER_COMMIT), (2, VALUES_PER_COMMIT)]));
            commit(&database, 4).expect("a repaired database goes on");
        }
        if !failed {
            break;
        }
    }
    assert!(kept > 8, "no torn commit was kept: {kept}");
    assert!(vanished > 8, "no torn commit vanished: {vanished}");
    assert!(lost_writes > 100, "hardly a write was lost: {lost_writes}");
}

#[test]
fn a_kill_keeps_what_was_written_and_not_what_was_not_committed() {
    let (disk, database) = disk_with_two_commits();
    let transaction = database.begin_write().expect("a sound database");
    transaction.open_table(TABLE).expect("a sound table").insert(999, [0u8; 8].as_slice()).expect("a write");
    disk.kill();
    drop(transaction);
    drop(database);
    let database = open(&disk).expect("a killed database opens");
    assert_eq!(generations(&database), BTreeMap::from([(1, VALUES_PER_COMMIT), (2, VALUES_PER_COMMIT)]));
}

#[test]
fn a_fenced_handle_fails_and_changes_nothing() {
    let (disk, database) = disk_with_two_commits();
    disk.kill();
    let before = disk.lock().image.live().to_vec();
    assert!(commit(&database, 3).is_err());
    // Dropping a database writes that it was closed in good order.
    drop(database);
    assert!(disk.lock().image.live() == before, "a fenced handle wrote");

    let fenced = disk.open().expect("nobody has it open");
    disk.power_loss(Key::new(1));
    assert!(fenced.write(0, b"x").is_err());
    assert!(fenced.set_len(0).is_err());
    assert!(fenced.sync_data().is_err());
    assert!(fenced.read(0, &mut [0]).is_err());
    assert!(fenced.len().is_err());
}

#[test]
fn the_disk_is_opened_by_one_at_a_time() {
    let disk = Disk::new();
    let first = disk.open().expect("nobody has it open");
    assert_eq!(disk.open().map(drop).map_err(|error| error.kind()), Err(io::ErrorKind::ResourceBusy));
    disk.kill();
    let second = disk.open().expect("the first is fenced");
    drop(first);
    assert!(disk.open().is_err(), "a fenced handle gave up what another one holds");
    second.close().expect("it is open");
    assert!(disk.open().is_ok());
}

#[test]
fn a_disarmed_power_loss_does_not_happen() {
    let (disk, database) = disk_with_two_commits();
    disk.arm_power_loss(0, Key::new(1));
    disk.disarm();
    commit(&database, 3).expect("the power is on");
    assert!(!disk.power_failed());
}

#[test]
fn a_disk_whose_sync_lies_loses_commits() {
    let loses = (0..20u64).filter(|&draw| {
        let disk = Disk::with_sync_that_lies();
        let database = open(&disk).expect("an empty disk opens");
        commit(&database, 1).expect("a first commit");
        commit(&database, 2).expect("a second commit");
        disk.power_loss(Key::new(draw));
        drop(database);
        // Repairing such a ruin may fail with an error as well as with a panic in redb's checks.
        let outcome = std::panic::catch_unwind(|| open(&disk).map(|database| generations(&database)));
        !matches!(outcome, Ok(Ok(found)) if found.get(&2) == Some(&VALUES_PER_COMMIT))
    });
    assert!(loses.count() > 0, "twenty power losses and nothing was lost");
}

#[test]
fn an_image_stays_small() {
    let (disk, _database) = disk_with_two_commits();
    assert!(disk.len_bytes() < 4 << 20, "{} bytes for a few values", disk.len_bytes());
}

#[test]
fn a_full_disk_takes_what_fits_and_nothing_more() {
    let (disk, database) = disk_with_two_commits();
    disk.suffer(1, Ailment::Full);
    let grown = (3..200).map(|generation| commit(&database, generation)).find(Result::is_err);
    assert!(grown.is_some(), "two hundred commits found room on a full disk");
    drop(database);
    disk.kill();
    assert!(disk.recover(1).is_some_and(|told| told.contains("no room")));
    let database = open(&disk).expect("what was committed is there");
    assert_eq!(generations(&database).get(&2), Some(&VALUES_PER_COMMIT));
    commit(&database, 250).expect("there is room again");
}

#[test]
fn a_failing_sync_fails_the_commit_and_nothing_before_it() {
    let (disk, database) = disk_with_two_commits();
    disk.suffer(1, Ailment::SyncFails);
    assert!(commit(&database, 3).is_err());
    disk.power_loss(Key::new(4));
    drop(database);
    assert_eq!(disk.recover(1).as_deref(), Some("1 sync failed"));
    let database = open(&disk).expect("a database of before");
    assert_eq!(generations(&database).get(&2), Some(&VALUES_PER_COMMIT));
}

#[test]
fn a_slow_sync_is_owed_once() {
    let (disk, database) = disk_with_two_commits();
    disk.suffer(1, Ailment::SyncIsSlow { by_ms: 50 });
    commit(&database, 3).expect("slow is not broken");
    let owed_ms = disk.take_owed_ms();
    assert!(owed_ms >= 50 && owed_ms % 50 == 0, "{owed_ms} ms");
    assert_eq!(disk.take_owed_ms(), 0);
}
