//! Uploads in pieces: no byte that was acknowledged is lost, and what is complete is what was sent (CG-1, IT-11).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use system::client::{CallError, Rest, Timing, Unobserved};
use system::protocol::{FileId, FileState, NewFile};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::stage::{PATIENCE, Stage, Way};
use crate::workload::{Doing, Workload};

/// How long each file is, and each piece of it: no multiple of a stored chunk.
const FILE_BYTES: usize = 150_001;
const PIECE_BYTES: usize = 50_000;

/// How long the client rests between two pieces.
const PAUSE: Duration = Duration::from_millis(10);

/// Somebody who uploads one file after the other.
pub struct Uploads {
    uploading: JoinHandle<()>,
    quiet: Arc<AtomicBool>,
    pieces: Arc<AtomicUsize>,
    /// Those that are complete, in the order of their numbers.
    complete: Arc<Mutex<Vec<FileId>>>,
    /// How many of those were read back.
    read: usize,
}

impl Uploads {
    pub fn begin(stage: &Stage) -> Self {
        let (quiet, pieces) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let complete = Arc::default();
        let rest = Rest::new(stage.way.clone(), Timing::default(), Arc::new(Unobserved));
        let uploader = Uploader { rest, token: stage.token.clone(), pieces: pieces.clone() };
        let uploading = tokio::spawn(uploader.go_on(quiet.clone(), Arc::clone(&complete)));
        Self { uploading, quiet, pieces, complete, read: 0 }
    }

    /// Reads back what was completed since the last time.
    async fn compare(&mut self, stage: &Stage) {
        let complete = self.complete.lock().unwrap().clone();
        for (number, file) in complete.iter().enumerate().skip(self.read) {
            let object = stage.asked(async || stage.rest.file(&stage.token, *file).await).await;
            assert_eq!(
                (object.state, object.offset),
                (FileState::Complete, FILE_BYTES as u64),
                "a complete file is not"
            );
            let bytes = stage.asked(async || stage.rest.download(&stage.token, *file).await).await;
            assert!(bytes == content(number), "file {number} is not what was sent");
        }
        self.read = complete.len();
    }
}

impl Workload for Uploads {
    fn name(&self) -> &'static str {
        "pieces of uploads"
    }

    fn acknowledged(&self) -> usize {
        self.pieces.load(Ordering::Relaxed)
    }

    fn check<'a>(&'a mut self, stage: &'a Stage) -> Doing<'a, ()> {
        Box::pin(self.compare(stage))
    }

    fn finish(mut self: Box<Self>, stage: &Stage) -> Doing<'_, usize> {
        Box::pin(async move {
            self.quiet.store(true, Ordering::Relaxed);
            timeout(PATIENCE, &mut self.uploading).await.expect("the last upload ends").unwrap();
            self.compare(stage).await;
            // Each was created once, however often its creation was repeated.
            let (mut count, mut cursor) = (0, None);
            loop {
                let page = stage.asked(async || stage.rest.own_files(&stage.token, cursor.as_deref()).await).await;
                count += page.items.len();
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(count, self.read, "a file is there that nobody was told of, or twice");
            let used = stage.asked(async || stage.rest.quota(&stage.token).await).await.user.used_bytes;
            assert_eq!(used, (self.read * FILE_BYTES) as u64, "the quota is what is stored");
            self.acknowledged()
        })
    }
}

/// The client's side.
struct Uploader {
    rest: Rest<Way>,
    token: String,
    pieces: Arc<AtomicUsize>,
}

impl Uploader {
    async fn go_on(self, quiet: Arc<AtomicBool>, complete: Arc<Mutex<Vec<FileId>>>) {
        for number in 0.. {
            if quiet.load(Ordering::Relaxed) {
                return;
            }
            let file = self.upload(number).await;
            complete.lock().unwrap().push(file);
        }
    }

    /// One file, from its creation to its last byte, through every death of the server.
    async fn upload(&self, number: usize) -> FileId {
        let content = content(number);
        let (name, content_type) = (format!("{number}.bin"), "application/octet-stream".to_owned());
        let new = NewFile { name, content_type, room: None, size: content.len() as u64 };
        let key = format!("upload-{number}");
        let file = loop {
            if let Some(file) = answered(self.rest.create_upload(&self.token, &new, &key).await).await {
                break file.id;
            }
        };
        let mut acknowledged = 0;
        while acknowledged < content.len() {
            let piece = content.slice(acknowledged..content.len().min(acknowledged + PIECE_BYTES));
            let sent = self.rest.continue_upload(&self.token, file, acknowledged as u64, piece).await;
            let reached = match answered(sent).await {
                Some(offset) => offset,
                None => loop {
                    if let Some(offset) = answered(self.rest.upload_offset(&self.token, file).await).await {
                        break offset;
                    }
                },
            };
            let reached = usize::try_from(reached).unwrap();
            assert!(reached >= acknowledged, "{acknowledged} bytes were acknowledged, and {reached} are there");
            acknowledged = reached;
            self.pieces.fetch_add(1, Ordering::Relaxed);
            sleep(PAUSE).await;
        }
        file
    }
}

/// The answer, or nothing where it was lost with the server; then it is worth a moment's wait.
async fn answered<T>(result: Result<T, CallError>) -> Option<T> {
    match result {
        Ok(answer) => Some(answer),
        Err(CallError::Refused(problem)) => panic!("refused: {} {}", problem.title, problem.detail),
        Err(_) => {
            sleep(Duration::from_millis(20)).await;
            None
        }
    }
}

/// The bytes of a file: its own, at each place.
fn content(number: usize) -> Bytes {
    (0..FILE_BYTES).map(|place| (place.wrapping_mul(31) ^ (place >> 8) ^ number.wrapping_mul(7)) as u8).collect()
}
