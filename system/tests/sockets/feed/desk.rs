//! The desk of whoever writes conversation files: a real directory, and what the company makes of it.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use system::Config;
use system::client::{Connector, Rest};
use system::protocol::{CompanyId, Message, Room, SnapshotState, StreamId};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::support::{Company, LiveServer};

/// Longer than anything that a healthy feed does here, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A directory of conversation files.
pub struct Desk {
    pub directory: TempDir,
}

/// A server with a desk, and a company.
pub struct Office {
    pub desk: Desk,
    pub company: Company,
    /// Serves until this is dropped.
    _server: LiveServer,
}

impl Office {
    /// With settings that make nobody wait.
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let desk = Desk::new();
        let server = LiveServer::with(|config| {
            desk.configure(config);
            adjust(config);
        })
        .await;
        let company = Company::register(server.address, "acme").await;
        fs::create_dir(desk.of(company.owner.session.company.id)).unwrap();
        Self { desk, company, _server: server }
    }

    /// A file of the company.
    pub fn file(&self, name: &str) -> PathBuf {
        self.desk.of(self.company.owner.session.company.id).join(name)
    }

    /// Waits until the company's conversations are these: the room's name, and what each line says, by its identifier.
    pub async fn until(&self, expected: &[(&str, &[(&str, &str)])]) {
        until(&self.company.rest, self.company.owner.token(), expected).await;
    }

    /// The room of this name.
    pub async fn room(&self, name: &str) -> Room {
        let rooms = self.company.rest.rooms(self.company.owner.token(), None).await.unwrap().items;
        rooms.into_iter().find(|room| room.name == name).expect("there is such a room")
    }

    /// The living messages of a room, by their lines.
    pub async fn messages(&self, room: &Room) -> BTreeMap<String, Message> {
        messages(&self.company.rest, self.company.owner.token(), room).await
    }

    /// Longer than a line must be gone, and than the time between two scans.
    pub async fn wait_for_scans(&self) {
        sleep(Duration::from_millis(700)).await;
    }
}

impl Desk {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn configure(&self, config: &mut Config) {
        self.path().to_str().unwrap().clone_into(&mut config.feed.directory);
        config.feed.rescan_ms = 200;
        config.feed.settle_ms = 100;
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A company's directory.
    pub fn of(&self, company: CompanyId) -> PathBuf {
        self.path().join(company.to_string())
    }
}

/// Waits until the conversations of whoever has the token are these.
pub async fn until<C: Connector>(rest: &Rest<C>, token: &str, expected: &[(&str, &[(&str, &str)])]) {
    let expected: BTreeMap<String, BTreeMap<String, String>> = expected
        .iter()
        .map(|(room, lines)| {
            let lines = lines.iter().map(|(line, body)| ((*line).to_owned(), (*body).to_owned()));
            ((*room).to_owned(), lines.collect())
        })
        .collect();
    let mut found = BTreeMap::new();
    let poll = async {
        loop {
            found = conversations(rest, token).await;
            if found == expected {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    if timeout(PATIENCE, poll).await.is_err() {
        panic!("it never came to {expected:#?}, but to {found:#?}");
    }
}

/// The conversations that are not archived: what each of their lines says, by the room's name.
pub async fn conversations<C: Connector>(rest: &Rest<C>, token: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let rooms = rest.rooms(token, None).await.unwrap().items;
    let mut conversations = BTreeMap::new();
    for room in rooms.into_iter().filter(|room| room.conversation.is_some() && room.archived_at.is_none()) {
        let lines = messages(rest, token, &room).await.into_iter().map(|(line, message)| (line, message.body));
        let other = conversations.insert(room.name.clone(), lines.collect());
        assert_eq!(other, None, "two rooms are named {}", room.name);
    }
    conversations
}

/// The living messages of a room, by their lines: no line is two.
async fn messages<C: Connector>(rest: &Rest<C>, token: &str, room: &Room) -> BTreeMap<String, Message> {
    let snapshot = rest.snapshot(token, StreamId::Room(room.id)).await.unwrap();
    let SnapshotState::Room { messages, earlier, .. } = snapshot.state else { panic!("no room: {snapshot:?}") };
    assert!(!earlier, "the snapshot holds all of them");
    let mut lines = BTreeMap::new();
    for message in messages.into_iter().filter(|message| message.deleted_at.is_none()) {
        let Some(source) = &message.feed else { continue };
        let other = lines.insert(source.line.clone(), message.clone());
        assert_eq!(other, None, "a line is two messages");
    }
    lines
}

/// The first line of a conversation's file.
pub fn heading(id: &str, title: &str) -> String {
    format!("{{\"type\":\"conversation\",\"data\":{{\"id\":\"{id}\",\"title\":\"{title}\",\"channel\":\"phone\"}}}}\n")
}

/// Any other line.
pub fn line(id: &str, body: &str) -> String {
    format!("{{\"type\":\"message\",\"data\":{{\"id\":\"{id}\",\"author\":\"Robin\",\"body\":\"{body}\"}}}}\n")
}

/// Appends to a file, which is made if it is not there.
pub fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Writes a file where it is: the same file, with other contents.
pub fn overwrite(path: &Path, text: &str) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Puts another file in its place, as editors do.
pub fn replace(path: &Path, text: &str) {
    let new = path.with_extension("tmp");
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}
