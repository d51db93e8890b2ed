//! Conversation files that are written all the time, while people talk: how soon a line is seen, and whether it slows
//! anybody down (RF-1, RF-4).

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use system::protocol::{Follow, RoomId, StreamId};
use tokio::time::{Instant, sleep, sleep_until};

use super::sizes::{SETTINGS, Sizes};
use crate::load::company::Company;
use crate::load::listener::Listener;
use crate::load::percentiles::Latencies;
use crate::load::server_process::Program;
use crate::load::{Figure, LoadError, PartReport, ServerError, sender};

/// Who listens, to every file and to the room that people talk in.
const USERS: usize = 50;

/// How many files are written.
const FILES: usize = 10;

/// How often a line is appended to one of them.
const LINE_EVERY: Duration = Duration::from_millis(10);

/// How often somebody says something in the room.
const MESSAGE_EVERY: Duration = Duration::from_millis(50);

/// How long the first lines may take to become rooms.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn measure(program: &Program, sizes: Sizes) -> Result<Vec<PartReport>, LoadError> {
    let directory = tempfile::tempdir().map_err(ServerError::from)?;
    let path = directory.path().to_string_lossy().into_owned();
    let settings: Vec<_> = SETTINGS.iter().copied().chain([("STORMGLASS_FEED__DIRECTORY", path.as_str())]).collect();
    let server = program.start(&settings)?;
    let company = Company::found(server.address, USERS).await?;
    let room = company.room("people").await?.id;
    let mut files = Files::create(&directory.path().join(company.owner.company.id.to_string()))?;
    let fed = rooms_of(&company, room).await?;
    for room in &fed {
        company.join(*room).await?;
    }

    let began = Instant::now();
    let (lines, messages) = (Latencies::new(), Latencies::new());
    let streams = fed.iter().chain([&room]).map(|room| StreamId::Room(*room)).collect();
    let follow = Follow::These(streams);
    let talk = format!("\"{}\"", StreamId::Room(room));
    for (ordinal, user) in company.users.iter().enumerate() {
        let mut listener = Listener::open(server.address, ordinal, &user.tokens.access_token, follow.clone()).await?;
        let (lines, messages, talk) = (lines.clone(), messages.clone(), talk.clone());
        tokio::spawn(async move {
            while let Ok(text) = listener.next().await {
                if let Some(age) = sender::age(began, &text) {
                    if text.contains(&talk) { messages.record(age) } else { lines.record(age) }
                }
            }
        });
    }
    let mut owner =
        Listener::open(server.address, USERS, &company.owner.tokens.access_token, Follow::These(Vec::new())).await?;
    let until = began + Duration::from_secs(sizes.seconds);
    let (mut next_line, mut next_message) = (began, began);
    let mut written = 0_u64;
    while Instant::now() < until {
        sleep_until(next_line.min(next_message)).await;
        if Instant::now() >= next_line {
            files.append(began)?;
            written += 1;
            next_line += LINE_EVERY;
        }
        if Instant::now() >= next_message {
            owner.send(&sender::message(began, room, &company.key())).await?;
            owner.next().await?;
            next_message += MESSAGE_EVERY;
        }
    }
    // Whatever is under way arrives.
    sleep(Duration::from_secs(1)).await;
    let (lines, messages) = (lines.percentiles(), messages.percentiles());
    #[expect(clippy::cast_precision_loss, reason = "lines of one run are far below 2^52")]
    let missing = (written * USERS as u64).abs_diff(lines.count) as f64;
    Ok(vec![PartReport {
        part: "feed",
        what: format!(
            "100 lines/s in {FILES} files and 20 messages/s in a room, to {USERS} connections, {} s",
            sizes.seconds
        ),
        figures: vec![
            Figure::latency("message to everybody p95", messages.p95_us, messages).at_most(50.0, "RF-4"),
            Figure::latency("line in a file until seen p99", lines.p99_us, lines).at_most(100.0, "RF-1"),
            Figure::new("lines lost or doubled", missing, "deliveries").at_most(0.0, "RF-2"),
        ],
    }])
}

/// The rooms that the files have become.
async fn rooms_of(company: &Company, other: RoomId) -> Result<BTreeSet<RoomId>, LoadError> {
    let (rest, token) = (company.rest(), &company.owner.tokens.access_token);
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let rooms = rest.rooms(token, None).await?.items.into_iter().map(|room| room.id);
        let rooms: BTreeSet<_> = rooms.filter(|room| *room != other).collect();
        if rooms.len() == FILES {
            return Ok(rooms);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(LoadError::Late("a room for each conversation file", PATIENCE.as_secs()))
}

/// Conversation files that grow by turns.
struct Files {
    files: Vec<File>,
    lines: usize,
}

impl Files {
    fn create(directory: &Path) -> Result<Self, ServerError> {
        fs::create_dir_all(directory)?;
        let mut files = Vec::with_capacity(FILES);
        for ordinal in 0..FILES {
            let path = directory.join(format!("{ordinal}.jsonl"));
            let mut file = OpenOptions::new().append(true).create(true).open(path)?;
            let data = json!({"id": format!("c-{ordinal}"), "title": format!("Conversation {ordinal}")});
            writeln!(file, "{}", json!({"type": "conversation", "data": data}))?;
            files.push(file);
        }
        Ok(Self { files, lines: 0 })
    }

    /// One more line, in one write.
    fn append(&mut self, began: Instant) -> Result<(), ServerError> {
        let data = json!({"id": self.lines.to_string(), "author": "Robin", "body": sender::body(began)});
        let line = format!("{}\n", json!({"type": "message", "data": data}));
        self.files[self.lines % FILES].write_all(line.as_bytes())?;
        self.lines += 1;
        Ok(())
    }
}
