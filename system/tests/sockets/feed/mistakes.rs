//! What is wrong in the directory harms nothing else, and heals when it is mended.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use system::{Config, Server, StartError};

use super::desk::{Desk, Office, append, heading, line, overwrite};
use crate::support::{Company, quick};

/// RF-2: a line that cannot be read is passed over until it is mended; a known one keeps its message.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_passed_over_and_heals() {
    let office = Office::open().await;
    let file = office.file("a.jsonl");
    let head = heading("c-1", "talk");
    let long = format!("{{\"type\":\"message\",\"data\":{{\"x\":\"{}\"}}}}\n", "x".repeat(70 << 10));
    append(&file, &format!("{head}nonsense\n{long}{}", line("1", "one")));
    let not_utf8 = [b"\xff\xfe\n".as_slice(), line("2", "two").as_bytes(), line("1", "again").as_bytes()].concat();
    let mut bytes = fs::read(&file).unwrap();
    bytes.extend_from_slice(&not_utf8);
    fs::write(&file, bytes).unwrap();
    office.until(&[("talk", &[("1", "one"), ("2", "two")])]).await;
    let before = office.messages(&office.room("talk").await).await;

    overwrite(&file, &format!("{head}{}{{\"type\":\"mess\n{}", line("1", "one"), line("3", "three")));
    office.until(&[("talk", &[("1", "one"), ("2", "two"), ("3", "three")])]).await;
    overwrite(&file, &format!("{head}{}{}{}", line("1", "one"), line("2", "two!"), line("3", "three")));
    office.until(&[("talk", &[("1", "one"), ("2", "two!"), ("3", "three")])]).await;
    let after = office.messages(&office.room("talk").await).await;
    assert_eq!(before["2"].id, after["2"].id, "it is the same message");
}

/// A file whose first line is no conversation's waits for one.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_conversation_waits_for_one() {
    let office = Office::open().await;
    let file = office.file("a.jsonl");
    append(&file, &line("1", "one"));
    append(&office.file("b.jsonl"), &format!("{}{}", heading("c-2", "other"), line("1", "two")));
    office.until(&[("other", &[("1", "two")])]).await;
    overwrite(&file, &format!("{}{}", heading("c-1", "talk"), line("1", "one")));
    office.until(&[("talk", &[("1", "one")]), ("other", &[("1", "two")])]).await;
}

/// RF-2: of two files of one conversation the first keeps it; the second takes over when that is gone.
#[tokio::test(flavor = "multi_thread")]
async fn two_files_of_one_conversation_are_not_mixed() {
    let office = Office::open().await;
    append(&office.file("a.jsonl"), &format!("{}{}", heading("c-1", "talk"), line("1", "one")));
    office.until(&[("talk", &[("1", "one")])]).await;
    append(&office.file("b.jsonl"), &format!("{}{}", heading("c-1", "talk"), line("1", "another")));
    office.wait_for_scans().await;
    office.until(&[("talk", &[("1", "one")])]).await;
    fs::remove_file(office.file("a.jsonl")).unwrap();
    office.until(&[("talk", &[("1", "another")])]).await;
}

/// What is no file of a company's is passed over: links, directories, other names, directories of nobody.
#[tokio::test(flavor = "multi_thread")]
async fn only_files_in_a_companys_directory_are_read() {
    let office = Office::open().await;
    let whole = |id: &str| format!("{}{}", heading(id, id), line("1", "secret"));
    let elsewhere = tempfile::tempdir().unwrap();
    append(&elsewhere.path().join("x.jsonl"), &whole("linked"));
    symlink(elsewhere.path().join("x.jsonl"), office.file("link.jsonl")).unwrap();
    fs::create_dir(office.file("directory.jsonl")).unwrap();
    append(&office.file("notes.txt"), &whole("notes"));
    append(&office.desk.path().join("stray.jsonl"), &whole("stray"));
    let nobody = office.desk.path().join("0190a0a0-0000-7000-8000-000000000000");
    fs::create_dir(&nobody).unwrap();
    append(&nobody.join("a.jsonl"), &whole("nobody"));
    symlink(elsewhere.path(), office.desk.path().join("0190a0a0-0000-7000-8000-000000000001")).unwrap();
    fs::create_dir(office.desk.path().join(office.company.owner.session.company.id.to_string().to_uppercase()))
        .unwrap();
    append(&office.file("a.jsonl"), &whole("good"));
    office.until(&[("good", &[("1", "secret")])]).await;
    office.wait_for_scans().await;
    office.until(&[("good", &[("1", "secret")])]).await;
}

/// RF-3: only the company whose directory a file is in has it.
#[tokio::test(flavor = "multi_thread")]
async fn companies_do_not_mix() {
    let office = Office::open().await;
    let other = Company::register(office.company.address, "other").await;
    let theirs = office.desk.of(other.owner.session.company.id);
    fs::create_dir(&theirs).unwrap();
    append(&office.file("a.jsonl"), &format!("{}{}", heading("c-1", "talk"), line("1", "ours")));
    append(&theirs.join("a.jsonl"), &format!("{}{}", heading("c-1", "talk"), line("1", "theirs")));
    office.until(&[("talk", &[("1", "ours")])]).await;
    super::desk::until(&other.rest, other.owner.token(), &[("talk", &[("1", "theirs")])]).await;
}

/// A company that registers after its directory was made is found by a scan.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_read_when_it_can_be() {
    let office = Office::open().await;
    let file = office.file("a.jsonl");
    append(&file, &format!("{}{}", heading("c-1", "talk"), line("1", "one")));
    office.until(&[("talk", &[("1", "one")])]).await;
    // Whoever runs as root can read it all the same, and sees the line sooner.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o200)).unwrap();
    append(&file, &line("2", "two"));
    office.wait_for_scans().await;
    assert!(office.room("talk").await.archived_at.is_none(), "it is not gone");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    office.until(&[("talk", &[("1", "one"), ("2", "two")])]).await;
}

/// Only so much of a file is read, and only so many files.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_long_is_read_up_to_the_limit() {
    let office = Office::with(|config| {
        config.feed.line_bytes = 1 << 10;
        config.feed.file_bytes = 1 << 10;
        config.feed.files = 1;
    })
    .await;
    let file = office.file("a.jsonl");
    append(&file, &format!("{}{}{}", heading("c-1", "talk"), line("1", "one"), line("2", &"x".repeat(900))));
    append(&office.file("b.jsonl"), &heading("c-2", "other"));
    office.until(&[("talk", &[("1", "one")])]).await;
    office.wait_for_scans().await;
    office.until(&[("talk", &[("1", "one")])]).await;
}

/// A directory that is not there stops the start, and says which setting is wrong.
#[tokio::test]
async fn a_feed_without_a_directory_does_not_start() {
    let desk = Desk::new();
    let missing = desk.path().join("missing");
    let mut config: Config = quick();
    missing.to_str().unwrap().clone_into(&mut config.feed.directory);
    let data = desk.path().join("data");
    let refused =
        Server::start(config, std::sync::Arc::new(system::platform::OsPlatform::new(data))).await.unwrap_err();
    assert!(matches!(refused, StartError::Feed { .. }), "{refused}");
    assert!(refused.to_string().contains("`feed.directory`"), "{refused}");
}
