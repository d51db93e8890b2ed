//! A server that stops, or dies in the midst of a file, goes on where it was: nothing is lost, nothing is doubled.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use system::platform::OsPlatform;
use system::protocol::{EventBody, Position, StreamId};
use system::store::OpenError;
use system::{Server, StartError};
use tokio::time::sleep;

use super::desk::{Desk, append, conversations, heading, line, overwrite, until};
use crate::support::{Company, LiveServer, Program, quick, rest_at};

const ARGUMENTS: [&str; 2] = ["--config", "stormglass.toml"];
const DEATHS: u64 = 8;

/// RF-2: what changed while the server was away is made up for, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_continues_exactly_once() {
    let (desk, data) = (Desk::new(), tempfile::tempdir().unwrap());
    let mut config = quick();
    desk.configure(&mut config);
    let start = || async {
        loop {
            match Server::start(config.clone(), Arc::new(OsPlatform::new(data.path()))).await {
                Ok(server) => return LiveServer::on(server).await,
                // The writer of the one before closes its file a moment after it has stopped.
                Err(StartError::Open(OpenError::InUse)) => sleep(Duration::from_millis(10)).await,
                Err(other) => panic!("{other}"),
            }
        }
    };
    let server = start().await;
    let company = Company::register(server.address, "acme").await;
    let directory = desk.of(company.owner.session.company.id);
    fs::create_dir(&directory).unwrap();
    let file = directory.join("a.jsonl");
    append(&file, &format!("{}{}{}", heading("c-1", "talk"), line("1", "one"), line("2", "two")));
    append(&directory.join("b.jsonl"), &heading("c-2", "gone"));
    until(&company.rest, company.owner.token(), &[("talk", &[("1", "one"), ("2", "two")]), ("gone", &[])]).await;
    server.stop().await.unwrap().unwrap();

    overwrite(&file, &format!("{}{}{}", heading("c-1", "talk"), line("2", "two!"), line("3", "three")));
    fs::rename(&file, directory.join("z.jsonl")).unwrap();
    fs::remove_file(directory.join("b.jsonl")).unwrap();
    let server = start().await;
    let company = company.at(server.address);
    until(&company.rest, company.owner.token(), &[("talk", &[("2", "two!"), ("3", "three")])]).await;
    let log = whole_log(&company, "talk").await;
    server.stop().await.unwrap().unwrap();

    // One more start finds nothing to do.
    let server = start().await;
    let company = company.at(server.address);
    sleep(Duration::from_millis(800)).await;
    assert_eq!(whole_log(&company, "talk").await, log);
}

/// RF-2, CG-7: `kill -9` while lines come, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn sudden_death_neither_loses_nor_doubles_a_line() {
    let (directory, desk) = (tempfile::tempdir().unwrap(), Desk::new());
    let feed = format!("[feed]\ndirectory = '{}'\nrescan_ms = 200\nsettle_ms = 100\n", desk.path().display());
    let settings = format!("listen = '127.0.0.1:0'\n[password]\nmemory_kib = 8\niterations = 1\n{feed}");
    fs::write(directory.path().join("stormglass.toml"), settings).unwrap();
    let mut program = Program::start(directory.path(), &ARGUMENTS).await;
    let company = Company::register(program.address, "acme").await;
    let files = desk.of(company.owner.session.company.id);
    fs::create_dir(&files).unwrap();

    let mut expected = BTreeMap::from([("talk-0".to_owned(), BTreeMap::new()), ("talk-1".to_owned(), BTreeMap::new())]);
    for talk in expected.keys() {
        append(&files.join(format!("{talk}.jsonl")), &heading(talk, talk));
    }
    let mut number = 0;
    for death in 0..DEATHS {
        for _ in 0..12 {
            for (talk, lines) in &mut expected {
                number += 1;
                append(&files.join(format!("{talk}.jsonl")), &line(&format!("{number:04}"), &format!("m{number}")));
                lines.insert(format!("{number:04}"), format!("m{number}"));
            }
            sleep(Duration::from_millis(death * 3 % 7)).await;
        }
        program.kill();
        program = Program::start(directory.path(), &ARGUMENTS).await;
    }
    let company = company.at(program.address);
    let lines: Vec<(&str, Vec<(&str, &str)>)> = expected
        .iter()
        .map(|(talk, lines)| (talk.as_str(), lines.iter().map(|(line, body)| (line.as_str(), body.as_str())).collect()))
        .collect();
    let lines: Vec<(&str, &[(&str, &str)])> = lines.iter().map(|(talk, lines)| (*talk, lines.as_slice())).collect();
    until(&company.rest, company.owner.token(), &lines).await;
    assert_eq!(conversations(&rest_at(program.address), company.owner.token()).await, expected);
    for (talk, lines) in &expected {
        let log = whole_log(&company, talk).await;
        let created = log.iter().filter(|event| matches!(event, EventBody::MessageCreated(_))).count();
        assert_eq!(created, lines.len(), "no line was ever two messages");
        let changed =
            log.iter().any(|event| matches!(event, EventBody::MessageUpdated(_) | EventBody::MessageDeleted(_)));
        assert!(!changed, "no line was ever taken for another");
    }
}

/// Everything that ever happened in a room.
async fn whole_log(company: &Company, room: &str) -> Vec<EventBody> {
    let (rest, token) = (&company.rest, company.owner.token());
    let rooms = rest.rooms(token, None).await.unwrap().items;
    let stream = StreamId::Room(rooms.iter().find(|found| found.name == room).expect("there is such a room").id);
    let epoch = rest.snapshot(token, stream).await.unwrap().epoch;
    let mut log = Vec::new();
    loop {
        let page = rest.events(token, stream, Position { seq: log.len() as u64, epoch }, 200).await.unwrap();
        log.extend(page.events.into_iter().map(|event| event.body));
        if !page.more {
            return log;
        }
    }
}
