//! What happens to files, and what devices see of it.

use std::fs;
use std::time::Duration;

use serde_json::json;
use system::protocol::{EventBody, Role, ServerFrame, StreamId};
use tokio::time::{Instant, timeout};

use super::desk::{Office, append, heading, line, overwrite, replace};
use crate::support::Socket;

/// How soon a line must be seen at the latest. The requirement is 100 ms; a busy machine is no proof against it.
const SOON: Duration = Duration::from_secs(2);

/// The next event of a room that is followed.
async fn next_of(socket: &mut Socket, stream: StreamId) -> EventBody {
    loop {
        match socket.hear().await {
            ServerFrame::Event(event) if event.stream == stream => return event.body,
            _ => {}
        }
    }
}

/// RF-1, RF-2: a new file is a room, a line a message, an edit an update, a line that goes a deletion; whoever is connected
/// sees it, with where it comes from.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_a_room_and_its_lines_are_messages() {
    let office = Office::open().await;
    let (file, mia) = (office.file("a.jsonl"), office.company.hire("mia", Role::Member).await);
    let (mut socket, _) = Socket::follow_all(office.company.address, mia.token()).await;
    append(&file, &heading("c-1", "Order 17"));
    let room = loop {
        match next_of(&mut socket, office.company.stream()).await {
            EventBody::RoomCreated(room) => break room,
            EventBody::UserCreated(feed) => assert_eq!((feed.name.as_str(), feed.role), ("Feed", Role::Member)),
            other => panic!("{other:?}"),
        }
    };
    let conversation = room.conversation.as_ref().expect("it is a conversation's");
    assert_eq!((conversation.id.as_deref(), conversation.title.as_str()), (Some("c-1"), "Order 17"));
    assert_eq!(json!(conversation.metadata), json!({"channel": "phone"}));

    office.company.rest.add_member(mia.token(), room.id, mia.id()).await.unwrap();
    let stream = StreamId::Room(room.id);
    loop {
        if matches!(next_of(&mut socket, stream).await, EventBody::MemberAdded(member) if member.user == mia.id()) {
            break;
        }
    }
    append(&file, &line("1", "hello"));
    let EventBody::MessageCreated(first) = next_of(&mut socket, stream).await else { panic!("no message") };
    let source = first.feed.as_ref().expect("it is a line's");
    assert_eq!((first.body.as_str(), source.line.as_str(), source.author.as_str()), ("hello", "1", "Robin"));
    assert_eq!((source.conversation.as_deref(), source.title.as_str()), (Some("c-1"), "Order 17"));

    overwrite(&file, &format!("{}{}{}", heading("c-1", "Order 17"), line("2", "first"), line("1", "hello!")));
    let (mut created, mut updated) = (None, None);
    while created.is_none() || updated.is_none() {
        match next_of(&mut socket, stream).await {
            EventBody::MessageCreated(message) => created = Some(message),
            EventBody::MessageUpdated(message) => updated = Some(message),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(created.unwrap().body, "first");
    let updated = updated.unwrap();
    assert_eq!((updated.id, updated.body.as_str(), updated.version), (first.id, "hello!", 2));

    replace(&file, &format!("{}{}", heading("c-1", "Order 18"), line("2", "first")));
    let (mut renamed, mut deleted) = (None, None);
    while renamed.is_none() || deleted.is_none() {
        match next_of(&mut socket, stream).await {
            EventBody::RoomUpdated(room) => renamed = Some(room),
            EventBody::MessageDeleted(message) => deleted = Some(message),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(renamed.unwrap().name, "Order 18");
    assert_eq!(deleted.unwrap().id, first.id);
}

/// RF-1: a line is seen soon after it was appended. The test prints how soon; it fails only where it is far too late.
#[expect(clippy::print_stderr, reason = "the figure is what the test is for")]
#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_seen_soon() {
    let office = Office::open().await;
    let file = office.file("a.jsonl");
    append(&file, &heading("c-1", "talk"));
    office.until(&[("talk", &[])]).await;
    let room = office.room("talk").await;
    office.company.rest.add_member(office.company.owner.token(), room.id, office.company.owner.id()).await.unwrap();
    let (mut socket, _) = Socket::follow_all(office.company.address, office.company.owner.token()).await;
    let mut took = Vec::new();
    for number in 0..40 {
        let begun = Instant::now();
        append(&file, &line(&number.to_string(), "hello"));
        let seen = timeout(SOON, async {
            while !matches!(next_of(&mut socket, StreamId::Room(room.id)).await, EventBody::MessageCreated(_)) {}
        });
        assert!(seen.await.is_ok(), "line {number} was not seen within {SOON:?}");
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    eprintln!("from append to push: median {:?}, p95 {:?}, most {:?}", took[20], took[37], took[39]);
}

/// RF-2: a line without its line feed waits, however long.
#[tokio::test(flavor = "multi_thread")]
async fn a_partial_line_waits() {
    let office = Office::open().await;
    let file = office.file("a.jsonl");
    let text = line("1", "whole");
    let (first, rest) = text.split_at(text.len() / 2);
    append(&file, &format!("{}{first}", heading("c-1", "talk")));
    office.until(&[("talk", &[])]).await;
    office.wait_for_scans().await;
    office.until(&[("talk", &[])]).await;
    append(&file, rest);
    office.until(&[("talk", &[("1", "whole")])]).await;
}

/// RF-2: a conversation keeps its room under every name of its file, also one without an identifier of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_file_is_the_same_conversation() {
    let office = Office::open().await;
    append(&office.file("a.jsonl"), &format!("{}{}", heading("c-1", "named"), line("1", "one")));
    let nameless = "{\"type\":\"conversation\",\"data\":{\"title\":\"nameless\"}}\n";
    append(&office.file("b.jsonl"), &format!("{nameless}{}", line("1", "two")));
    office.until(&[("named", &[("1", "one")]), ("nameless", &[("1", "two")])]).await;
    let before = [office.room("named").await.id, office.room("nameless").await.id];
    for (from, to) in [("a.jsonl", "c.jsonl"), ("b.jsonl", "d.jsonl")] {
        fs::rename(office.file(from), office.file(to)).unwrap();
        append(&office.file(to), &line("2", "more"));
    }
    office.until(&[("named", &[("1", "one"), ("2", "more")]), ("nameless", &[("1", "two"), ("2", "more")])]).await;
    office.wait_for_scans().await;
    office.until(&[("named", &[("1", "one"), ("2", "more")]), ("nameless", &[("1", "two"), ("2", "more")])]).await;
    assert_eq!(before, [office.room("named").await.id, office.room("nameless").await.id]);
}

/// RF-2: the room of a file that is gone is archived, and opened again with what has changed when the file comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_leaves_an_archived_room() {
    let office = Office::open().await;
    let file = office.file("a.jsonl");
    append(&file, &format!("{}{}{}", heading("c-1", "talk"), line("1", "one"), line("2", "two")));
    office.until(&[("talk", &[("1", "one"), ("2", "two")])]).await;
    let room = office.room("talk").await;
    let before = office.messages(&room).await;
    fs::remove_file(&file).unwrap();
    office.until(&[]).await;
    let archived = office.room("talk").await;
    assert!(archived.archived_at.is_some());
    assert_eq!(office.messages(&archived).await, before, "what was said stays");

    append(
        &office.file("back.jsonl"),
        &format!("{}{}{}", heading("c-1", "talk"), line("2", "two"), line("3", "three")),
    );
    office.until(&[("talk", &[("2", "two"), ("3", "three")])]).await;
    let after = office.room("talk").await;
    assert_eq!((after.id, after.archived_at), (room.id, None));
    assert_eq!(office.messages(&after).await["2"], before["2"]);
}

/// RF-2: a file that is being rewritten looks shorter for a moment; nothing is deleted that comes back at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_rewritten_slowly_loses_nothing() {
    let office = Office::with(|config| config.feed.settle_ms = 3_000).await;
    let file = office.file("a.jsonl");
    let text = format!("{}{}{}", heading("c-1", "talk"), line("1", "one"), line("2", "two"));
    append(&file, &text);
    office.until(&[("talk", &[("1", "one"), ("2", "two")])]).await;
    let room = office.room("talk").await;
    let before = office.messages(&room).await;
    overwrite(&file, &heading("c-1", "talk"));
    office.wait_for_scans().await;
    overwrite(&file, &text);
    office.wait_for_scans().await;
    assert_eq!(office.messages(&room).await, before);
}

/// A busy conversation of many lines comes whole and in its order, while people talk.
#[tokio::test(flavor = "multi_thread")]
async fn many_lines_come_in_their_order_while_people_talk() {
    let office = Office::with(|config| config.store.snapshot_messages = 2_000).await;
    let talk = office.company.room("general", system::protocol::Visibility::Public, &[]).await;
    let file = office.file("a.jsonl");
    append(&file, &heading("c-1", "talk"));
    let lines: String = (0..1_000).map(|number| line(&format!("{number:04}"), "x")).collect();
    append(&file, &lines);
    for number in 0..20 {
        timeout(SOON, office.company.post(talk.id, &number.to_string())).await.expect("people are served meanwhile");
    }
    let all: Vec<(String, String)> = (0..1_000).map(|number| (format!("{number:04}"), "x".to_owned())).collect();
    let all: Vec<(&str, &str)> = all.iter().map(|(line, body)| (line.as_str(), body.as_str())).collect();
    office.until(&[("talk", &all)]).await;
    let messages = office.messages(&office.room("talk").await).await;
    assert!(messages.values().is_sorted_by_key(|message| message.seq), "they are in the order of the file");
}
