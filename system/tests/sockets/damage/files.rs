//! The real program and a data directory that it must not serve: the reason on standard error, exit 1, no panic.

use std::fs;
use std::path::{Path, PathBuf};

use redb::{Database, TableDefinition};
use system::store::FORMAT;
use tempfile::TempDir;

use crate::support::{Company, Program, refused, whole_state};

/// Where everything is, below the data directory.
const FILE: &str = "stormglass.redb";

/// How the program is started: in a directory of its own, on a free port.
const ARGUMENTS: [&str; 4] = ["--listen", "127.0.0.1:0", "--data-directory", "data"];

/// That the program does not serve `directory`, and says why.
async fn check_refused(directory: &Path, reason: &str) {
    let refused = refused(directory, &ARGUMENTS, &[]).await;
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{refused:?}");
    assert!(refused.stderr.contains(reason), "{reason:?} is not in {:?}", refused.stderr);
    assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    assert!(refused.stderr.starts_with("stormglass: data: "), "it names the directory: {}", refused.stderr);
}

/// A directory with the database of a company that was closed well, and the database's path.
async fn closed_database() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::start(directory.path(), &ARGUMENTS).await;
    Company::register(program.address, "acme").await;
    program.terminate();
    assert!(program.ended().await.success());
    let path = directory.path().join("data").join(FILE);
    (directory, path)
}

#[tokio::test]
async fn in_use() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::start(directory.path(), &ARGUMENTS).await;
    let company = Company::register(program.address, "acme").await;
    check_refused(directory.path(), "in use by another server").await;
    let rooms = company.rest.rooms(company.owner.token(), None).await.unwrap();
    assert_eq!(rooms.items, [], "the first server is none the worse for it");
}

#[tokio::test]
async fn no_directory() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("data"), "a file").unwrap();
    check_refused(directory.path(), "the data directory cannot be used").await;
    assert_eq!(fs::read(directory.path().join("data")).unwrap(), b"a file");
}

#[tokio::test]
async fn no_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("data").join(FILE)).unwrap();
    check_refused(directory.path(), "the data directory cannot be used").await;
}

#[cfg(unix)]
#[tokio::test]
async fn not_readable() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = closed_database().await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "secrets are for their owner alone");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Permissions do not bind root.
    if fs::read(&path).is_err() {
        check_refused(directory.path(), "the data directory cannot be used").await;
    }
}

#[tokio::test]
async fn another_format() {
    const STATE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("state");
    let (newer, older) = (FORMAT + 1, FORMAT - 1);
    for (found, refusal) in [
        (newer, format!("has format {newer} and this program understands up to {FORMAT}")),
        (older, format!("has format {older}, of before the first release, and this program reads {FORMAT}")),
    ] {
        let (directory, path) = closed_database().await;
        let database = Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(STATE).unwrap().insert(b"f".as_slice(), found.to_string().as_bytes()).unwrap();
        transaction.commit().unwrap();
        drop(database);
        check_refused(directory.path(), &refusal).await;
    }
}

#[tokio::test]
async fn another_programs_database() {
    const THEIRS: TableDefinition<'_, u64, u64> = TableDefinition::new("theirs");
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let database = Database::create(directory.path().join("data").join(FILE)).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(THEIRS).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    check_refused(directory.path(), "not of this program").await;
}

#[tokio::test]
async fn no_database() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let path = directory.path().join("data").join(FILE);
    for text in ["x".to_owned(), "a letter to my aunt\n".repeat(1_000)] {
        fs::write(&path, &text).unwrap();
        check_refused(directory.path(), "corrupted and will not be served").await;
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "it is left as it was");
    }
}

#[tokio::test]
async fn truncated() {
    let (directory, path) = closed_database().await;
    let whole = fs::read(&path).unwrap();
    for length in [1, 100, 4_096, whole.len() / 2, whole.len() - 4_096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        check_refused(directory.path(), "corrupted and will not be served").await;
    }
}

#[tokio::test]
async fn flipped_bits() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::start(directory.path(), &ARGUMENTS).await;
    let company = Company::register(program.address, "acme").await;
    let (token, stream) = (company.owner.token().to_owned(), company.stream());
    let state = whole_state(&company.rest, &token, stream).await.unwrap();
    program.terminate();
    program.ended().await;
    let path = directory.path().join("data").join(FILE);
    let whole = fs::read(&path).unwrap();
    // The magic number, the choice of the newest commit, the geometry, both commit slots, and pages all over the file.
    let written = (4_096..whole.len()).filter(|place| whole[*place] != 0);
    let places = [0, 9, 13, 20, 30, 64, 100, 200].into_iter().chain(written.step_by(2_003));
    let mut served = 0;
    for place in places {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        fs::write(&path, damaged).unwrap();
        match Program::try_start(directory.path(), &ARGUMENTS, &[]).await {
            Ok(program) => {
                let rest = crate::support::rest_at(program.address);
                assert_eq!(whole_state(&rest, &token, stream).await.unwrap(), state, "byte {place}");
                assert!(!program.stderr().contains("panicked"), "byte {place}: {}", program.stderr());
                served += 1;
            }
            Err(refused) => {
                assert_eq!(refused.code, Some(1), "byte {place}: {refused:?}");
                assert!(refused.stderr.contains("corrupted and will not be served"), "byte {place}: {refused:?}");
                assert!(!refused.stderr.contains("panicked"), "byte {place}: {refused:?}");
            }
        }
    }
    assert!(served > 0, "some of the file is not in use, and damage there harms nothing");
}
