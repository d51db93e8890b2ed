//! `files/progress`: how far an upload is told to be is how much of it is durable.
//!
//! What is durable is not in the trace. But it never shrinks, whatever dies, and never is more than was sent: so what the
//! server says of an upload lies between what it said before and what it was sent.

use std::collections::BTreeMap;

use system::protocol::{File, FileId, ServerFrame, StreamId};

use crate::index::{Connection, Index, Operation, Request, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;

/// See the module.
pub(crate) struct Progress;

impl Property for Progress {
    fn id(&self) -> &'static str {
        "files/progress"
    }

    fn statement(&self) -> &'static str {
        "no answer and no push tells of more bytes of an upload than were sent, none that was asked for later tells of \
         less, and on one connection the progress of a file never falls"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["IT-5", "IT-11", "IT-E2", "CG-1", "CG-7", "PROTOCOL 2"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that progress is pushed at all, for it may be dropped; nor which bytes are durable (files/bytes does)"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nothing was said of how far an upload is")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut uploads: BTreeMap<FileId, Upload> = BTreeMap::new();
    for request in &index.requests {
        add_request(request, &mut uploads);
    }
    for connection in &index.connections {
        add_connection(index, connection, &mut uploads)?;
    }
    let mut checked = 0;
    for (file, upload) in &mut uploads {
        checked += upload.check(index, *file)?;
    }
    Ok(checked)
}

/// What was told of one upload.
#[derive(Default)]
struct Upload {
    told: Vec<Told>,
}

/// Somebody was told how far an upload is.
#[derive(Clone, Copy)]
struct Told {
    entry: usize,
    /// When it was asked for; none for what was pushed, which may have been long on its way.
    asked: Option<usize>,
    offset: u64,
}

fn add_request(request: &Request<'_>, uploads: &mut BTreeMap<FileId, Upload>) {
    let Some(answer) = request.success() else { return };
    let object = || answer.object::<File>();
    let (file, offset) = match request.operation {
        Operation::CreateUpload => (object().map(|file| file.id), request.upload_offset),
        Operation::ContinueUpload(id) | Operation::AskUpload(id) => (Some(id), request.upload_offset),
        Operation::ReadFile(id) => (Some(id), object().map(|file| file.offset)),
        _ => return,
    };
    if let (Some(file), Some(offset)) = (file, offset) {
        let told = Told { entry: answer.entry, asked: Some(request.entry), offset };
        uploads.entry(file).or_default().told.push(told);
    }
}

fn add_connection(
    index: &Index<'_>,
    connection: &Connection<'_>,
    uploads: &mut BTreeMap<FileId, Upload>,
) -> Result<(), Violation> {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let mut pushed: BTreeMap<(StreamId, FileId), (usize, u64)> = BTreeMap::new();
    for frame in &connection.frames {
        match frame.seen {
            Seen::Chunk(chunk) => {
                asked.insert(chunk.request.to_string(), frame.entry);
            }
            Seen::Received(ServerFrame::ChunkStored(id, stored)) => {
                let asked = id.as_ref().and_then(|id| asked.get(id)).copied();
                let told = Told { entry: frame.entry, asked, offset: stored.offset };
                uploads.entry(stored.file).or_default().told.push(told);
            }
            Seen::Received(ServerFrame::FileProgress(progress)) => {
                let last = pushed.insert((progress.stream, progress.file), (frame.entry, progress.offset));
                if let Some((entry, offset)) = last.filter(|(_, offset)| *offset > progress.offset) {
                    return Err(fell(index, progress.file, (entry, offset), (frame.entry, progress.offset)));
                }
                let told = Told { entry: frame.entry, asked: None, offset: progress.offset };
                uploads.entry(progress.file).or_default().told.push(told);
            }
            _ => {}
        }
    }
    Ok(())
}

impl Upload {
    /// How often it was told how far the upload is.
    fn check(&mut self, index: &Index<'_>, file: FileId) -> Result<u64, Violation> {
        self.told.sort_unstable_by_key(|told| told.entry);
        for told in &self.told {
            let sent = index.sendings.before(file, told.entry);
            let most = sent.map_or(0, |(_, end)| end);
            if told.offset > most {
                return Err(invented(index, file, *told, sent.map(|(entry, _)| entry), most));
            }
            let Some(asked) = told.asked else { continue };
            let before = self.told.iter().take_while(|before| before.entry < asked).max_by_key(|before| before.offset);
            if let Some(before) = before.filter(|before| before.offset > told.offset) {
                return Err(fell(index, file, (before.entry, before.offset), (told.entry, told.offset)));
            }
        }
        Ok(self.told.len() as u64)
    }
}

fn invented(index: &Index<'_>, file: FileId, told: Told, sent: Option<usize>, most: u64) -> Violation {
    let name = index.names().call(file.0);
    Violation {
        expected: format!("the upload of {name} is told to be at {most} at most, for no more was sent"),
        observed: format!("it is told to be at {}", told.offset),
        evidence: Story::new(index).link(sent).link(told.asked).breaks(told.entry).tell(),
    }
}

fn fell(index: &Index<'_>, file: FileId, before: (usize, u64), after: (usize, u64)) -> Violation {
    let name = index.names().call(file.0);
    Violation {
        expected: format!("the upload of {name}, which was told to be at {}, never is less far", before.1),
        observed: format!("it is told to be at {}", after.1),
        evidence: Story::new(index).link(before.0).breaks(after.0).tell(),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::FileProgress;

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::ServerChange;

    fn pushed(scene: &mut Scene, device: &str, file: &File, offset: u64) {
        let stream = StreamId::User(file.owner);
        let progress = FileProgress { stream, file: file.id, offset, size: file.size };
        scene.receives(device, ServerFrame::FileProgress(progress));
    }

    #[test]
    fn an_offset_that_a_power_loss_takes_back_is_a_violation() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 100_000);
        scene.continues("ana/phone", &file, 0, 60_000, 60_000);
        scene.fault("power_loss", "the server loses power");
        scene.server(ServerChange::PowerLost { lost_writes: 1, unsynced_writes: 1 });
        scene.asks_upload("ana/phone", &file, 0);
        let violation = violated(&Progress, &scene.ends());
        assert_eq!(violation.expected, "the upload of a.bin, which was told to be at 60000, never is less far");
        assert_eq!(violation.observed, "it is told to be at 0");
        assert_eq!(
            chain(&violation),
            [
                "ana/phone: is answered 204",
                "fault: the server loses power",
                "server: loses power, and 1 of 1 unsynced writes",
                "ana/phone: is answered 200 <- breaks it",
            ]
        );
    }

    #[test]
    fn more_than_was_sent_is_a_violation() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 100_000);
        scene.continues("ana/phone", &file, 0, 60_000, 60_001);
        let violation = violated(&Progress, &scene.ends());
        assert_eq!(violation.expected, "the upload of a.bin is told to be at 60000 at most, for no more was sent");
        assert_eq!(violation.observed, "it is told to be at 60001");
    }

    #[test]
    fn a_push_before_the_bytes_is_a_violation() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 100_000);
        pushed(&mut scene, "ana/phone", &file, 1);
        assert_eq!(violated(&Progress, &scene.ends()).observed, "it is told to be at 1");
    }

    #[test]
    fn progress_that_falls_on_one_connection_is_a_violation() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 100_000);
        scene.sends_chunk("ana/phone", &file, 0, 60_000);
        pushed(&mut scene, "ana/phone", &file, 60_000);
        pushed(&mut scene, "ana/phone", &file, 30_000);
        assert_eq!(violated(&Progress, &scene.ends()).observed, "it is told to be at 30000");
    }

    #[test]
    fn a_chunk_that_is_acknowledged_and_then_forgotten_is_a_violation() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 100_000);
        scene.sends_chunk("ana/phone", &file, 0, 60_000);
        scene.stores_chunk("ana/phone", &file, 60_000);
        scene.asks_upload("ana/phone", &file, 59_999);
        assert_eq!(violated(&Progress, &scene.ends()).observed, "it is told to be at 59999");
    }

    #[test]
    fn what_rises_within_what_was_sent_holds() {
        let mut scene = Scene::company();
        let file = scene.creates_upload("ana/phone", None, "a.bin", 100_000);
        scene.continues("ana/phone", &file, 0, 60_000, 60_000);
        scene.sends_chunk("ana/phone", &file, 60_000, 40_000);
        scene.stores_chunk("ana/phone", &file, 100_000);
        // A push that was on its way for long tells of less than is known by then.
        pushed(&mut scene, "ana/phone", &file, 60_000);
        pushed(&mut scene, "ana/phone", &file, 100_000);
        scene.asks_upload("ana/phone", &file, 100_000);
        held(&Progress, &scene.ends());
    }

    #[test]
    fn without_a_word_about_an_upload_there_is_nothing_to_check() {
        vacuous(&Progress, &Scene::company().ends());
    }
}
