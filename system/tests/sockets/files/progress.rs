//! What is told of an upload: by events, and in between by progress that is durable and never goes back
//! (REQUIREMENTS.md IT-5, IT-11, IT-E2).

use system::protocol::{Event, EventBody, FileId, FileState, Role, ServerFrame, StreamId, Visibility};

use super::tus::{Tus, text};
use crate::support::{Company, LiveServer, Socket};

/// What is told of a file on one stream, up to the event that ends it.
async fn told(socket: &mut Socket, tus: &Tus, file: FileId, stream: StreamId) -> (Vec<u64>, Event) {
    let mut offsets = Vec::new();
    loop {
        match socket.hear().await {
            ServerFrame::FileProgress(progress) if progress.file == file && progress.stream == stream => {
                let durable = tus.object(file).await.offset;
                assert!(durable >= progress.offset, "told of {} when {durable} were durable", progress.offset);
                offsets.push(progress.offset);
            }
            ServerFrame::Event(event) if event.stream == stream => match &event.body {
                EventBody::FileCompleted(completed) if completed.id == file => return (offsets, event),
                _ => {}
            },
            _ => {}
        }
    }
}

#[tokio::test]
async fn progress_is_durable_rises_and_ends_in_completion() {
    let server = LiveServer::with(|config| config.uploads.buffer_bytes = 61_440).await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let tus = Tus::of(server.address, &mia);
    let content = text(400_000);
    let (mut hers, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut rooms, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let file = tus.create("a.txt", Some(room.id), content.len()).await;
    for offset in (0..content.len()).step_by(100_000) {
        assert_eq!(tus.patch(file.id, offset, &content[offset..offset + 100_000]).await.status, 204);
    }
    let (hers, completed) = told(&mut hers, &tus, file.id, StreamId::User(mia.id())).await;
    let (others, _) = told(&mut rooms, &tus, file.id, StreamId::Room(room.id)).await;
    for offsets in [&hers, &others] {
        assert!(offsets.len() >= 4, "{offsets:?}");
        assert!(offsets.is_sorted_by(|earlier, later| earlier < later), "{offsets:?}");
        assert_eq!(offsets.last(), Some(&400_000));
    }
    // The event and the object are the same, field by field (IT-3).
    assert_eq!(completed.body, EventBody::FileCompleted(tus.object(file.id).await));
}

#[tokio::test]
async fn many_at_once_are_told_apart() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let tus = Tus::of(server.address, &company.owner);
    let stream = StreamId::User(company.owner.id());
    let content = text(250_000);
    let mut watched = Vec::new();
    for _ in 0..6 {
        let (socket, _) = Socket::follow_all(server.address, company.owner.token()).await;
        let file = tus.create("a.txt", None, content.len()).await;
        watched.push((socket, file.id));
    }
    let uploads = watched.iter().map(|(_, file)| tus.patch(*file, 0, &content));
    let answers = futures_util::future::join_all(uploads).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    for (socket, file) in &mut watched {
        let (offsets, _) = told(socket, &tus, *file, stream).await;
        assert!(offsets.is_sorted_by(|earlier, later| earlier < later), "{offsets:?}");
    }
}

#[tokio::test]
async fn each_step_of_a_files_life_has_its_event_for_those_concerned() {
    let server = LiveServer::start().await;
    let company = Company::register(server.address, "acme").await;
    let mia = company.hire("mia", Role::Member).await;
    let room = company.room("general", Visibility::Public, &[&mia]).await;
    let tus = Tus::of(server.address, &mia);
    let events = async |socket: &mut Socket, stream: StreamId, last: &str| {
        let mut kinds = Vec::new();
        while kinds.last().copied() != Some(last) {
            if let ServerFrame::Event(event) = socket.hear().await
                && event.stream == stream
            {
                kinds.push(event.body.kind());
            }
        }
        kinds
    };
    let (mut hers, _) = Socket::follow_all(server.address, mia.token()).await;
    let (mut rooms, _) = Socket::follow_all(server.address, company.owner.token()).await;
    let file = tus.upload("a.txt", Some(room.id), "abc").await;
    assert_eq!(file.state, FileState::Complete);
    let ended = tus.create("b.txt", Some(room.id), 5).await;
    assert_eq!(tus.delete(ended.id).await.status, 204);
    assert_eq!(tus.delete(file.id).await.status, 204);
    let own = events(&mut hers, StreamId::User(mia.id()), "file.deleted").await;
    let quota = "quota.updated";
    let expected =
        ["file.created", quota, "file.completed", quota, "file.created", quota, "file.failed", quota, "file.deleted"];
    assert_eq!(own, expected);
    let told = events(&mut rooms, StreamId::Room(room.id), "file.deleted").await;
    assert_eq!(told, ["file.completed", "file.deleted"], "the room hears of what its members can read, and of its end");
}
