//! `stormglass verify` finds files, uploads, quotas, statuses and invitations that do not fit together.

use std::path::Path;

use system::protocol::{CreateInvitation, Role, Status, StatusSet, Visibility};

use super::harm::{Become, Harm, check_all, gone, other_id, torn};
use super::runs::{SERVE, stop};
use crate::files::tus::{Tus, text};
use crate::support::{Company, Program};

/// More than two chunks.
const LARGE_BYTES: usize = 150_000;

/// A complete file of three chunks, then an upload of which 4 of 10 bytes are there; both in a room.
async fn company(directory: &Path) {
    let program = Program::start(directory, &SERVE).await;
    let company = Company::register(program.address, "acme").await;
    let room = company.room("general", Visibility::Public, &[]).await;
    let tus = Tus::of(program.address, &company.owner);
    tus.upload("large.txt", Some(room.id), &text(LARGE_BYTES)).await;
    let begun = tus.create("begun.txt", Some(room.id), 10).await;
    assert_eq!(tus.patch(begun.id, 0, "four").await.status, 204);
    let token = company.owner.token();
    company.rest.set_status(token, &StatusSet { status: Status::Away, text: None }).await.unwrap();
    let invitation = CreateInvitation { email: "mia@acme.test".to_owned(), role: Role::Member };
    company.rest.invite(token, &invitation, &company.key()).await.unwrap();
    stop(program).await;
}

/// To the file that is complete.
fn complete(become_: Become, found: &'static [&'static str]) -> Harm {
    Harm::of(b'b', become_, found)
}

/// To the upload that is under way.
fn begun(become_: Become, found: &'static [&'static str]) -> Harm {
    Harm::of(b'b', become_, found).after(1)
}

fn file_harms() -> Vec<Harm> {
    vec![
        complete(gone, &["lists a file that is not theirs"]),
        complete(gone, &["lists a file that is not complete and its own"]),
        complete(gone, &["3 chunks are of no file"]),
        complete(gone, &["and the files add up to"]),
        complete(torn, &["cannot be read"]),
        complete(
            |text| Some(text.replacen("{\"id\":\"0", "{\"id\":\"1", 1)),
            &["lies under a key that is not its own"],
        ),
        complete(
            |text| Some(text.replace("\"company\":\"0", "\"company\":\"1")),
            &["is of a company that is not there"],
        ),
        complete(|text| Some(text.replace("\"owner\":\"0", "\"owner\":\"1")), &["is of a user who is not there"]),
        complete(|text| Some(text.replace("\"owner\":\"0", "\"owner\":\"1")), &["is not listed by its owner"]),
        complete(|text| Some(text.replace("\"room\":\"0", "\"room\":\"1")), &["is of a room that is not there"]),
        complete(
            |text| Some(text.replace("\"offset\":150000", "\"offset\":149999")),
            &["is at 149999, and has 150000 bytes"],
        ),
        complete(|text| Some(text.replace("\"size\":150000", "\"size\":150001")), &["with 150000 of 150001 bytes"]),
        complete(|text| Some(text.replace("\"complete\"", "\"uploading\"")), &["does not end as its state says"]),
        complete(|text| Some(text.replace("\"complete\"", "\"uploading\"")), &["with 150000 of 150000 bytes"]),
        begun(gone, &["knows an upload that is not under way for it"]),
        begun(gone, &["ends something that is no upload under way"]),
        begun(|text| Some(text.replace("\"uploading\"", "\"complete\"")), &["with 4 of 10 bytes"]),
        begun(|text| Some(text.replace("\"size\":10", "\"size\":3")), &["with 4 of 3 bytes"]),
        begun(|text| Some(text.replace("\"expires_at\"", "\"expired_at\"")), &["does not end as its state says"]),
        begun(
            |text| Some(text.replace("\"expires_at\":\"20", "\"expires_at\":\"21")),
            &["ends, and nothing will end it"],
        ),
        begun(
            |text| Some(text.replace("\"room\":\"0", "\"room\":\"1")),
            &["knows an upload that is not under way for it"],
        ),
    ]
}

fn other_harms() -> Vec<Harm> {
    let torn_chunk: Become = |_| Some("torn".to_owned());
    vec![
        Harm::of(b'o', gone, &["is not listed by its owner"]),
        Harm::of(b'o', other_id, &["lies under a key that is not its own"]),
        Harm::of(b'B', gone, &["is not listed by its room"]),
        Harm::of(b'B', other_id, &["lies under a key that is not its own"]),
        Harm::of(b'y', gone, &["is not known to its room"]),
        Harm::of(b'y', other_id, &["lies under a key that is not its own"]),
        Harm::of(b'x', gone, &["ends, and nothing will end it"]),
        Harm::of(b'x', other_id, &["ends something that is no upload under way"]),
        Harm::of(b'q', |text| Some(text.replace("\"used_bytes\":1", "\"used_bytes\":2")), &["and the files add up to"]),
        Harm::of(
            b'q',
            |text| Some(text.replace("\"reserved_bytes\":1", "\"reserved_bytes\":2")),
            &["and the files add up to"],
        ),
        Harm::of_chunk(0, gone, &["and has 90000 bytes", "follows another one than the one before it"]),
        Harm::of_chunk(0, torn_chunk, &["does not have its checksum"]),
        Harm::of_chunk(0, torn_chunk, &["follows one that is not full"]),
        Harm::of_chunk(1, gone, &["follows another one than the one before it"]),
        Harm::of(b'a', torn, &["cannot be read"]),
        Harm::of(b'a', |text| Some(text.replace("\"user\":\"0", "\"user\":\"1")), &["is of a user who is not there"]),
        Harm::of(
            b'a',
            |text| Some(text.replace("\"user\":\"0", "\"user\":\"1")),
            &["lies under a key that is not its own"],
        ),
        Harm::of(b'v', gone, &["lists an invitation that is not into it"]),
        Harm::of(b'v', torn, &["cannot be read"]),
        Harm::of(
            b'v',
            |text| Some(text.replace("\"company\":\"0", "\"company\":\"1")),
            &["is into a company that is not there"],
        ),
        Harm::of(
            b'v',
            |text| Some(text.replace("\"invited_by\":\"0", "\"invited_by\":\"1")),
            &["is by a user who is not there"],
        ),
        Harm::of(b'V', gone, &["is not listed by the company"]),
        Harm::of(b'V', other_id, &["lies under a key that is not its own"]),
        Harm::of(
            b'i',
            |text| Some(text.replace("\"request_digest\":\"", "\"request_digest\":\"0")),
            &["holds a digest that is none"],
        ),
        Harm::of(
            b'i',
            |text| Some(text.replace("\"answer\":\"", "\"answer\":\"no ")),
            &["holds an answer that is no JSON"],
        ),
    ]
}

#[tokio::test]
async fn files_that_do_not_fit_are_found_and_named() {
    let directory = tempfile::tempdir().unwrap();
    company(directory.path()).await;
    check_all(directory.path(), &file_harms()).await;
}

#[tokio::test]
async fn whatever_is_around_files_is_found_and_named() {
    let directory = tempfile::tempdir().unwrap();
    company(directory.path()).await;
    check_all(directory.path(), &other_harms()).await;
}
