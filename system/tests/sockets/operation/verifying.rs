//! `stormglass verify` finds what redb's own checksums cannot know: records and events that do not fit together.

use std::path::Path;

use redb::Database;
use system::protocol::{Role, Visibility};

use super::harm::{BLOBS, Harm, check_all, gone, other_id, torn};
use super::runs::{DATA, SERVE, ended, run, stop};
use crate::support::{Company, Program};

async fn company(directory: &Path) {
    let program = Program::start(directory, &SERVE).await;
    let company = Company::register(program.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    for number in 0..5 {
        company.post(room.id, &format!("message {number}")).await;
    }
    let rest = &company.rest;
    let (root, gone) = (company.post(room.id, "root").await, company.post(room.id, "gone").await);
    rest.edit_message(company.owner.token(), (room.id, root.id), "edited", Some(1)).await.unwrap();
    rest.delete_message(company.owner.token(), (room.id, gone.id), None).await.unwrap();
    let thread = rest.open_thread(mia.token(), room.id, root.id, "thread").await.unwrap();
    let reply = rest.post_reply(mia.token(), (room.id, thread.id), "reply", "reply").await.unwrap();
    rest.mark_read(mia.token(), room.id, reply.seq).await.unwrap();
    stop(program).await;
}

/// Each line is one thing that is wrong with an otherwise whole database, and what must be said of it.
fn harms() -> Vec<Harm> {
    vec![
        Harm::of(b'c', gone, &["is of a company that is not there"]),
        Harm::of(b'c', torn, &["companies", "cannot be read"]),
        Harm::of(b'u', gone, &["emails owner@acme.test: leads to nobody who has it"]),
        Harm::of(b'u', |text| Some(text.replace("owner@", "other@")), &["is not found by the email"]),
        Harm::of(b'u', |text| Some(text.replace(r#""role":"owner""#, r#""role":"admin""#)), &["has no active owner"]),
        Harm::of(b'e', gone, &["is not found by the email"]),
        Harm::of(b'e', other_id, &["leads to nobody who has it"]),
        Harm::of(b'U', gone, &["is not listed by the company"]),
        Harm::of(b'U', other_id, &["lies under a key that is not its own"]),
        Harm::of(b's', gone, &["lists a session that is not theirs"]),
        Harm::of(b's', torn, &["sessions", "cannot be read"]),
        Harm::of(b'S', gone, &["is not listed by its user"]),
        Harm::of(b'r', gone, &["lists a room that is not of it", "is of a room that is not there"]),
        Harm::of(b'R', gone, &["is not listed by the company"]),
        Harm::of(b'm', gone, &["the user knows a room that they are not in"]),
        Harm::of(b'M', gone, &["is in the room, which the user does not know"]),
        Harm::of(b'g', gone, &["creates a message that is not there"]),
        Harm::of(b'g', |text| Some(text.replacen("\"id\":\"0", "\"id\":\"1", 1)), &["was created by no event"]),
        Harm::of(
            b'g',
            |text| Some(text.replace("}", ",\"deleted_at\":\"2026-01-01T00:00:00.000Z\"}")),
            &["and there are"],
        ),
        Harm::of(b'G', gone, &["is not found by its identifier"]),
        Harm::of(b'G', |_| Some("1".to_owned()), &["leads to no message that has it"]),
        Harm::of(b'#', gone, &["is not counted", "and there are 0"]),
        Harm::of(b'#', |_| Some("99".to_owned()), &["says 99, and there are"]),
        Harm::of(b'h', gone, &["leads to no thread that has it"]),
        Harm::of(b'h', torn, &["threads", "cannot be read"]),
        Harm::of(b'H', gone, &["is not found by its identifier"]),
        Harm::of(b'^', gone, &["is not found by its root"]),
        Harm::of(b'^', |_| Some("1".to_owned()), &["leads to no thread below it"]),
        Harm::of(b'>', |_| Some("1".to_owned()), &["is no message of the thread"]),
        Harm::of(b'w', other_id, &["lies under a key that is not its own"]),
        Harm::of(b'd', |text| Some(text.replacen("\"room\":\"0", "\"room\":\"1", 1)), &["has read a room"]),
        Harm::of(b'i', torn, &["idempotency keys", "cannot be read"]),
        Harm::of(b't', gone, &["events and no head"]),
        Harm::of(b't', |text| Some(text.replacen("\"seq\":", "\"seq\":1", 1)), &["and its log ends at"]),
        Harm::of(
            b't',
            |text| Some(text.replacen("\"epoch\":", "\"epoch\":1", 1)),
            &["of another epoch", "cannot be read"],
        ),
        Harm::of(b'n', |_| Some("3".to_owned()), &["says that 3 events were committed"]),
        Harm::of(b'k', gone, &["is there, and the signing keys are not"]),
        Harm::of(b'k', torn, &["server's own", "cannot be read"]),
        Harm::of(b'k', |_| Some(r#"{"keys":[]}"#.to_owned()), &["has no key"]),
        Harm::of(b'k', |text| Some(text.replace("\"secret\":[", "\"secret\":[1,")), &["does not have 32 bytes"]),
        Harm::of(b'k', |text| Some(text.replace("\"id\":\"", "\"id\":\"0")), &["is not the one that its id names"]),
        Harm::of_event(3, gone, &["a gap"]),
        Harm::of_event(3, torn, &["events", "damaged"]),
        Harm::of_event(3, |text| Some(text.replacen("\"number\":", "\"number\":1", 1)), &["was committed as number"]),
        Harm::of_event(
            3,
            |text| Some(text.replacen("{\"number\":", "{\"number\":0,\"n\":", 1)),
            &["has number 0", "damaged"],
        ),
    ]
}

#[tokio::test]
async fn whatever_does_not_fit_is_found_and_named() {
    let directory = tempfile::tempdir().unwrap();
    company(directory.path()).await;
    let verify = ["verify", "--data-directory", DATA];
    let (table, _) = ended(0, run(directory.path(), &verify).await);
    for what in ["companies", "users", "rooms", "messages", "events", "streams", "idempotency keys"] {
        assert!(table.contains(what), "{table}");
    }
    check_all(directory.path(), &harms()).await;
}

#[tokio::test]
async fn what_a_sudden_death_leaves_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::start(directory.path(), &SERVE).await;
    let company = Company::register(program.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    company.post(room.id, "the last word").await;
    program.kill();
    let (table, said) = ended(0, run(directory.path(), &["verify", "--data-directory", DATA]).await);
    assert!(table.ends_with("data: whole\n") && said.is_empty(), "{table}{said}");
}

/// Whoever reads later relies on all tables.
#[tokio::test]
async fn a_database_of_before_there_were_files_gets_their_table() {
    let directory = tempfile::tempdir().unwrap();
    company(directory.path()).await;
    let database = Database::open(directory.path().join(DATA).join("stormglass.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    assert!(transaction.delete_table(BLOBS).unwrap(), "it was there");
    transaction.commit().unwrap();
    drop(database);
    let (table, said) = ended(0, run(directory.path(), &["verify", "--data-directory", DATA]).await);
    assert!(table.ends_with("data: whole\n") && said.is_empty(), "{table}{said}");
}

#[tokio::test]
async fn a_page_that_is_damaged_is_found() {
    let directory = tempfile::tempdir().unwrap();
    company(directory.path()).await;
    let path = directory.path().join(DATA).join("stormglass.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&path, bytes).unwrap();
    let (found, said) = ended(2, run(directory.path(), &["verify", "--data-directory", DATA]).await);
    assert!(found.contains("corrupted") && said.contains("restore a backup"), "{found} {said}");
}
