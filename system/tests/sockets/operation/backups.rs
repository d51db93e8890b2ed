//! A backup holds everything; restored, it is a history of its own (PROTOCOL.md, promise 1).

use std::fs;
use std::path::Path;

use system::protocol::{ErrorCode, Position, Role, SnapshotState, StreamId, Visibility};

use super::runs::{DATA, SERVE, ended, run, stop};
use crate::support::{Company, Program, RawRequest, Socket, StateOf, rest_at, whole_state};

/// A company with a room that was talked in, its server stopped.
async fn stopped_company(directory: &Path) -> (Company, StreamId) {
    let program = Program::start(directory, &SERVE).await;
    let company = Company::register(program.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    for number in 0..50 {
        company.post(room.id, &format!("message {number}")).await;
    }
    stop(program).await;
    (company, StreamId::Room(room.id))
}

#[tokio::test]
async fn a_restored_backup_holds_everything_in_a_new_epoch_and_without_its_logins() {
    let directory = tempfile::tempdir().unwrap();
    let (company, room) = stopped_company(directory.path()).await;
    let program = Program::start(directory.path(), &SERVE).await;
    let rest = rest_at(program.address);
    let before = whole_state(&rest, company.owner.token(), company.stream()).await.unwrap();
    stop(program).await;

    let (told, _) = ended(0, run(directory.path(), &["backup", "--data-directory", DATA, "--to", "b"]).await);
    assert!(told.contains("stormglass restore --from b"), "{told}");
    let (told, _) = ended(0, run(directory.path(), &["verify", "--backup", "b"]).await);
    assert!(told.starts_with("b: whole: "), "{told}");
    let (told, _) = ended(0, run(directory.path(), &["restore", "--data-directory", "new", "--from", "b"]).await);
    assert!(told.contains("streams have a new epoch") && told.contains("sessions ended"), "{told}");
    let (table, _) = ended(0, run(directory.path(), &["verify", "--data-directory", "new"]).await);
    assert!(table.ends_with("new: whole\n"), "{table}");

    let program = Program::start(directory.path(), &["--listen", "127.0.0.1:0", "--data-directory", "new"]).await;
    let refused = RawRequest::api("GET", "/rooms").token(company.owner.token()).send(program.address).await;
    refused.refused(401, ErrorCode::Unauthenticated);
    let company = company.at(program.address);
    let owner = company.log_in("owner@acme.test").await;
    let after = whole_state(&company.rest, owner.token(), company.stream()).await.unwrap();
    assert_eq!(before.len(), after.len());
    for (stream, (snapshot, page)) in &before {
        let (restored, events) = &after[stream];
        assert_eq!((&restored.state, restored.seq), (&snapshot.state, snapshot.seq), "{stream}");
        assert_ne!(restored.epoch, snapshot.epoch, "{stream} is another history");
        assert!(events.events.iter().all(|event| event.epoch == restored.epoch), "{stream} is of one epoch");
        let bodies = |page: &system::protocol::EventPage| {
            page.events.iter().map(|event| (event.seq, event.body.clone(), event.timestamp)).collect::<Vec<_>>()
        };
        assert_eq!(bodies(events), bodies(page), "{stream}");
    }

    // Whoever knows a position of before takes the snapshot.
    let known = Position { seq: before[&room].0.seq, epoch: before[&room].0.epoch };
    let mut socket = Socket::open(program.address, owner.token()).await;
    let position = serde_json::json!({"stream": room, "seq": known.seq, "epoch": known.epoch});
    let welcome = socket.hello(serde_json::json!({"follow": "all", "positions": [position]})).await;
    assert!(!welcome.state_of(room).recovered);
    assert!(matches!(after[&room].0.state, SnapshotState::Room { .. }));
}

#[tokio::test]
async fn a_backup_that_is_damaged_anywhere_is_refused_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    stopped_company(directory.path()).await;
    ended(0, run(directory.path(), &["backup", "--data-directory", DATA, "--to", "b"]).await);
    let whole = fs::read(directory.path().join("b")).unwrap();
    let cut = whole.len() - 1;
    let mut damaged: Vec<(String, Vec<u8>)> = vec![
        ("its last byte is missing".to_owned(), whole[..cut].to_vec()),
        ("its end is missing".to_owned(), whole[..whole.len() - 39].to_vec()),
        ("something follows".to_owned(), [whole.as_slice(), b"x"].concat()),
    ];
    for place in (18..whole.len()).step_by(whole.len() / 12) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        damaged.push((format!("bit in byte {place}"), bytes));
    }
    for (what, bytes) in damaged {
        fs::write(directory.path().join("d"), bytes).unwrap();
        let (_, said) = ended(2, run(directory.path(), &["verify", "--backup", "d"]).await);
        assert!(said.contains("the backup is damaged"), "{what}: {said}");
        let (_, said) = ended(2, run(directory.path(), &["restore", "--from", "d", "--data-directory", "new"]).await);
        assert!(said.contains("the backup is damaged"), "{what}: {said}");
        assert!(!directory.path().join("new").join("restoring").exists(), "{what}");
        assert!(!directory.path().join("new").join("stormglass.redb").exists(), "{what}");
    }
    fs::write(directory.path().join("d"), "a letter").unwrap();
    let (_, said) = ended(1, run(directory.path(), &["restore", "--from", "d", "--data-directory", "new"]).await);
    assert!(said.contains("no backup of Stormglass"), "{said}");
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_is_taken_from_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    stopped_company(directory.path()).await;
    let backup = ["backup", "--data-directory", DATA, "--to", "b"];
    ended(0, run(directory.path(), &backup).await);
    let (_, said) = ended(1, run(directory.path(), &backup).await);
    assert!(said.contains("it is there already"), "{said}");
    let (_, said) = ended(1, run(directory.path(), &["restore", "--data-directory", DATA, "--from", "b"]).await);
    assert!(said.contains("it is not empty"), "{said}");
    for nowhere in [&["backup", "--to", "c"][..], &["verify"]] {
        let (_, said) = ended(1, run(directory.path(), nowhere).await);
        assert!(said.contains("there is no database in it"), "{said}");
    }
    assert!(!directory.path().join("stormglass-data").exists() && !directory.path().join("c.partial").exists());

    let program = Program::start(directory.path(), &SERVE).await;
    let (_, said) = ended(1, run(directory.path(), &["backup", "--data-directory", DATA, "--to", "c"]).await);
    assert!(said.contains("--server HOST:PORT"), "{said}");
    let (_, said) = ended(1, run(directory.path(), &["verify", "--data-directory", DATA]).await);
    assert!(said.contains("in use by another server"), "{said}");
    stop(program).await;

    // A restore that the power cut off must not be served as the empty database that it is.
    fs::create_dir(directory.path().join(DATA).join("restoring")).unwrap();
    let (_, said) = ended(1, run(directory.path(), &SERVE).await);
    assert!(said.contains("was not finished"), "{said}");
}
