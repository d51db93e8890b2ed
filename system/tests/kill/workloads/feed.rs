//! A conversation file that grows: each line becomes one message, in the order of the lines (RF-1, RF-2).

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use system::protocol::{EventBody, StreamId};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::stage::{Log, PATIENCE, Stage};
use crate::workload::{Doing, Workload};

/// The title of the conversation, and so the name of the room.
const TITLE: &str = "Storm";

/// How long the other program waits between two lines.
const PAUSE: Duration = Duration::from_millis(8);

/// Another program that writes a file, and the room that it becomes.
pub struct Feed {
    writing: JoinHandle<()>,
    quiet: Arc<AtomicBool>,
    written: Arc<AtomicUsize>,
    stream: Option<StreamId>,
    log: Log,
}

impl Feed {
    /// Begins to write below the directory that the server is told to watch.
    pub fn begin(stage: &Stage) -> Self {
        let directory = stage.feed.join(stage.company.to_string());
        let (quiet, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let writing = tokio::spawn(write(directory, quiet.clone(), written.clone()));
        Self { writing, quiet, written, stream: None, log: Log::default() }
    }

    /// How many lines are messages by now: the first ones, each once, in their order.
    async fn compare(&mut self, stage: &Stage) -> usize {
        if self.stream.is_none() {
            let rooms = stage.asked(async || stage.rest.rooms(&stage.token, None).await).await.items;
            let mut fed = rooms.into_iter().filter(|room| room.name == TITLE);
            self.stream = fed.next().map(|room| StreamId::Room(room.id));
            assert_eq!(fed.next(), None, "one conversation is one room");
        }
        let Some(stream) = self.stream else { return 0 };
        stage.read_on(stream, &mut self.log).await;
        let bodies = self.log.events.iter().filter_map(|event| match &event.body {
            EventBody::MessageCreated(message) => Some(message.body.as_str()),
            EventBody::MessageUpdated(message) | EventBody::MessageDeleted(message) => {
                panic!("no line was changed or removed: {message:?}")
            }
            _ => None,
        });
        let mut count = 0;
        for body in bodies {
            assert_eq!(body, text(count), "a line is lost, doubled or out of order");
            count += 1;
        }
        assert!(count <= self.written.load(Ordering::Relaxed), "there are more messages than lines");
        count
    }
}

impl Workload for Feed {
    fn name(&self) -> &'static str {
        "lines of a conversation"
    }

    fn acknowledged(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    fn check<'a>(&'a mut self, stage: &'a Stage) -> Doing<'a, ()> {
        Box::pin(async {
            self.compare(stage).await;
        })
    }

    fn finish(mut self: Box<Self>, stage: &Stage) -> Doing<'_, usize> {
        Box::pin(async move {
            self.quiet.store(true, Ordering::Relaxed);
            (&mut self.writing).await.unwrap();
            let (written, deadline) = (self.acknowledged(), Instant::now() + PATIENCE);
            while self.compare(stage).await < written {
                assert!(Instant::now() < deadline, "not every line becomes a message");
                sleep(Duration::from_millis(20)).await;
            }
            written
        })
    }
}

async fn write(directory: impl AsRef<Path>, quiet: Arc<AtomicBool>, written: Arc<AtomicUsize>) {
    fs::create_dir_all(&directory).unwrap();
    let mut file = File::create(directory.as_ref().join("storm.jsonl")).unwrap();
    let heading = serde_json::json!({"type": "conversation", "data": {"id": "storm", "title": TITLE}});
    writeln!(file, "{heading}").unwrap();
    for number in 0.. {
        if quiet.load(Ordering::Relaxed) {
            return;
        }
        let data = serde_json::json!({"id": number.to_string(), "author": "Ana", "body": text(number)});
        let line = serde_json::json!({"type": "message", "data": data}).to_string();
        // Counted first: what is in the file may be a message at once. In two parts: a line may be found half written.
        written.fetch_add(1, Ordering::Relaxed);
        let (begin, end) = line.split_at(line.len() / 2);
        file.write_all(begin.as_bytes()).unwrap();
        sleep(PAUSE).await;
        writeln!(file, "{end}").unwrap();
    }
}

fn text(number: usize) -> String {
    format!("line {number}")
}
