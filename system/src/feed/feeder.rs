//! The task that keeps rooms equal to the files: waits for changes, looks at files, and lets the store do what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::maybe_done;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, error, info, warn};

use super::conversations::{Conversations, Found, holds};
use super::files::{FileState, Files};
use super::ledger::Ledger;
use super::line::Heading;
use super::plan::{Step, plan, plan_appended};
use super::reading::{BadLine, Limits, Reading};
use crate::config::FeedConfig;
use crate::domain::feed::{self, Fed, Kept};
use crate::metrics::{LineOutcome, Metrics};
use crate::platform::{FeedChange, FeedDirectory, FeedPath, FeedStamp, Platform, blocking};
use crate::protocol::{CompanyId, RoomId};
use crate::refusal::{Answer, Refusal};
use crate::store::key::{CompanyKey, FeedConversations};
use crate::store::{FeedConversation, FeedState, Store};

/// How many unreadable lines of one look at a file are logged one by one.
const TOLD_LINES: usize = 10;

/// The feed of one server. It alone writes what the store keeps of conversations.
#[derive(Debug)]
pub(crate) struct Feeder {
    config: FeedConfig,
    platform: Arc<dyn Platform>,
    store: Store,
    directory: Arc<dyn FeedDirectory>,
    stopping: watch::Receiver<bool>,
    metrics: Arc<Metrics>,
    conversations: Conversations,
    /// Of the conversations whose files are busy.
    ledgers: BTreeMap<RoomId, Ledger>,
    files: Files,
    /// Directories whose files could not be listed at the last scan.
    unlisted: BTreeSet<String>,
    /// Since when conversations have no file.
    gone: BTreeMap<RoomId, Instant>,
    /// What was logged of the directory: not again as long as it is so.
    told: BTreeMap<String, String>,
    next_scan: Instant,
}

/// What a look at a file found.
struct Look {
    stamp: FeedStamp,
    /// Bytes after the limit were left out.
    cut: bool,
    reading: Reading,
}

impl Feeder {
    /// The feed of `directory`, which ends when the server stops.
    pub(crate) fn new(
        config: FeedConfig,
        platform: Arc<dyn Platform>,
        store: Store,
        directory: Arc<dyn FeedDirectory>,
        stopping: watch::Receiver<bool>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            config,
            platform,
            store,
            directory,
            stopping,
            metrics,
            conversations: Conversations::default(),
            ledgers: BTreeMap::new(),
            files: Files::new(),
            unlisted: BTreeSet::new(),
            gone: BTreeMap::new(),
            told: BTreeMap::new(),
            next_scan: Instant::now(),
        }
    }

    /// Works until the server stops or its store fails.
    pub(crate) async fn run(mut self) {
        match self.store.read(|view| Ok::<_, Refusal>(view.list(&FeedConversations())?)).await {
            Ok(known) => self.conversations = Conversations::new(known),
            Err(refusal) => {
                error!(target: "stormglass::feed", %refusal, "what is known of conversations cannot be read: no feed");
                return;
            }
        }
        let mut stopping = self.stopping.clone();
        loop {
            let (directory, wake) = (self.directory.clone(), self.next_wake());
            let change = tokio::select! {
                biased;
                // An error: the server is gone.
                _ = stopping.wait_for(|stopping| *stopping) => return,
                () = sleep_until(wake) => None,
                change = directory.changed() => Some(change),
            };
            match change {
                Some(FeedChange::Files(paths)) => {
                    for path in paths {
                        self.look(&path).await;
                    }
                }
                Some(FeedChange::Anything) => self.scan().await,
                None if Instant::now() >= self.next_scan => self.scan().await,
                None => self.settle().await,
            }
            self.metrics.feed.files(self.files.len());
        }
    }

    /// When there is something to do even if nothing is told.
    fn next_wake(&self) -> Instant {
        let settle = Duration::from_millis(self.config.settle_ms);
        let missing = self.files.values().flat_map(|file| file.missing.values());
        let due = missing.chain(self.gone.values()).min().map(|since| *since + settle);
        due.map_or(self.next_scan, |due| due.min(self.next_scan))
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Looks at everything.
    async fn scan(&mut self) {
        let directory = self.directory.clone();
        let scanned = blocking(&*self.platform, move || directory.scan()).await;
        self.next_scan = Instant::now() + Duration::from_millis(self.config.rescan_ms);
        self.metrics.feed.scanned();
        let scan = match scanned {
            Ok(scan) => scan,
            Err(error) => return self.tell("", &format!("the directory cannot be read: {error}")),
        };
        self.told.retain(|name, _| scan.passed_over.contains_key(name) || scan.companies.contains(name));
        for (name, reason) in &scan.passed_over {
            self.tell(name, reason);
        }
        let mut companies = BTreeSet::new();
        for name in scan.companies {
            match self.company(&name).await {
                Ok(true) => drop(companies.insert(name)),
                Ok(false) => self.tell(&name, "no company has this identifier: its files are passed over"),
                Err(refusal) => return self.trouble("the companies", &refusal),
            }
        }
        let mut files: Vec<_> = scan.files.into_iter().filter(|(path, _)| companies.contains(&path.company)).collect();
        if files.len() > self.config.files {
            self.tell("", &format!("it has more than {} files: the others are passed over", self.config.files));
            files.truncate(self.config.files);
        }
        let unlisted = &scan.unlisted;
        let names: BTreeSet<&FeedPath> = files.iter().map(|(path, _)| path).collect();
        self.files.retain(|path, _| names.contains(path) || unlisted.contains(&path.company));
        self.unlisted = scan.unlisted;
        // Who is there must be known before the first is looked at: else a renamed file would be a second one.
        for (path, _) in &files {
            self.files.entry(path.clone()).or_default();
        }
        for (path, stamp) in files {
            if self.is_stopping() {
                return;
            }
            if !self.files.get(&path).is_some_and(|file| file.is_done(&stamp)) {
                self.look_whole(&path).await;
            }
        }
        self.note_gone();
        self.settle().await;
    }

    /// Does what had to wait to be sure: deletes the messages of lines, and archives the rooms of files, that are gone.
    async fn settle(&mut self) {
        let (now, settle) = (Instant::now(), Duration::from_millis(self.config.settle_ms));
        let due = |file: &FileState| !file.due(now, settle).is_empty();
        let files: Vec<FeedPath> =
            self.files.iter().filter(|(_, file)| due(file)).map(|(path, _)| path.clone()).collect();
        for path in files {
            self.look_whole(&path).await;
            // Whoever is held up tries again at the next scan.
            if let Some(file) = self.files.get_mut(&path) {
                file.missing.retain(|_, since| now.duration_since(*since) < settle);
            }
        }
        let gone = self.gone.iter().filter(|(_, since)| now.duration_since(**since) >= settle);
        let gone: Vec<RoomId> = gone.map(|(room, _)| *room).collect();
        for room in gone {
            self.gone.remove(&room);
            self.archive(room).await;
        }
    }

    /// Notes which conversations have lost their file.
    fn note_gone(&mut self) {
        let now = Instant::now();
        for conversation in self.conversations.all() {
            let has_file = match conversation.path() {
                Some(path) => holds(&self.files, &path, conversation.room) || self.unlisted.contains(&path.company),
                None => conversation.state != FeedState::Fed,
            };
            if has_file {
                self.gone.remove(&conversation.room);
            } else {
                self.gone.entry(conversation.room).or_insert(now);
            }
        }
    }

    /// Looks at a file of which something was told.
    async fn look(&mut self, path: &FeedPath) {
        if self.is_stopping() {
            return;
        }
        if !self.files.contains_key(path) {
            match self.company(&path.company).await {
                // A scan knows what to say of it.
                Ok(false) => return,
                Ok(true) if self.files.len() >= self.config.files => return,
                Ok(true) => drop(self.files.insert(path.clone(), FileState::default())),
                Err(refusal) => return self.trouble("the companies", &refusal),
            }
        }
        if !self.look_at_the_end(path).await {
            self.look_whole(path).await;
        }
    }

    /// Reads only what was appended, if nothing else seems to have changed. A scan makes sure of that later.
    async fn look_at_the_end(&mut self, path: &FeedPath) -> bool {
        let Some(file) = self.files.get(path) else { return false };
        let (Some(tail), Some(room), Some(before)) = (file.tail.clone(), file.room, file.stamp) else { return false };
        if self.conversations.of_file(path) != Some(room) || !self.ledgers.contains_key(&room) {
            return false;
        }
        let (directory, name, limits) = (self.directory.clone(), path.clone(), self.limits());
        let limit_bytes = (self.config.file_bytes as u64).saturating_sub(tail.offset);
        let looked = blocking(&*self.platform, move || {
            let read = directory.read(&name, tail.offset, limit_bytes).ok()??;
            let appended = Reading::appended(&read.bytes, &tail, limits)?;
            Some((read.stamp, read.bytes.len() as u64 == limit_bytes, appended))
        });
        let Some((stamp, cut, reading)) = looked.await else { return false };
        if cut || stamp.identity != before.identity || stamp.length_bytes < before.length_bytes {
            return false;
        }
        let Some(steps) = self.ledgers.get(&room).and_then(|ledger| plan_appended(ledger, &reading)) else {
            return false;
        };
        if !self.perform(path, room, steps).await {
            return true;
        }
        if let Some(file) = self.files.get_mut(path) {
            file.stamp = Some(stamp);
            file.tail = reading.tail;
            file.done = false;
        }
        true
    }

    /// Reads all of a file and does what it says.
    async fn look_whole(&mut self, path: &FeedPath) {
        let now = Instant::now();
        let looked = self.read(path).await;
        let Some(file) = self.files.get_mut(path) else { return };
        let look = match looked {
            Ok(Some(look)) => look,
            // It is gone; the scan that follows notes it.
            Ok(None) => return,
            Err(error) => {
                file.done = false;
                if file.tell("unreadable") {
                    warn!(target: "stormglass::feed", file = %path, %error, "the file cannot be read");
                }
                return;
            }
        };
        let same = file.stamp == Some(look.stamp);
        if !same {
            file.told.clear();
        }
        file.stamp = Some(look.stamp);
        (file.tail, file.done) = (None, false);
        if look.cut && file.tell("cut") {
            let limit_bytes = self.config.file_bytes;
            warn!(target: "stormglass::feed", file = %path, limit_bytes, "the file is too long: the rest is passed over");
        }
        let Some(room) = self.conversation(path, &look.reading).await else { return };
        if let Err(refusal) = self.load(room).await {
            return self.trouble("the lines of a conversation", &refusal);
        }
        let settle = Duration::from_millis(self.config.settle_ms);
        let (Some(file), Some(ledger)) = (self.files.get_mut(path), self.ledgers.get(&room)) else { return };
        let plan = plan(ledger, &look.reading, &file.due(now, settle));
        let idle = plan.steps.is_empty() && plan.withheld.is_empty();
        file.set_missing(plan.withheld, now);
        let mut new_bad = plan.new_bad;
        // Of a room that was deleted, or is held up, the store keeps nothing: each look finds the same lines new.
        new_bad.retain(|bad| file.tell(&format!("line {} {}", bad.number, bad.digest)));
        tell_bad(path, &new_bad);
        self.metrics.feed.lines(LineOutcome::Unreadable, new_bad.len());
        if !self.perform(path, room, plan.steps).await {
            return;
        }
        let Some(file) = self.files.get_mut(path) else { return };
        file.tail = look.reading.tail;
        // Two looks, a scan apart, that found the same and nothing to do: whatever the clock of files could not tell.
        file.done = idle && same;
        if file.done {
            self.ledgers.remove(&room);
        }
    }

    async fn read(&self, path: &FeedPath) -> std::io::Result<Option<Look>> {
        let (directory, name, limits) = (self.directory.clone(), path.clone(), self.limits());
        let limit_bytes = self.config.file_bytes as u64;
        blocking(&*self.platform, move || {
            let read = directory.read(&name, 0, limit_bytes)?;
            Ok(read.map(|read| Look {
                stamp: read.stamp,
                cut: read.bytes.len() as u64 == limit_bytes && read.stamp.length_bytes > limit_bytes,
                reading: Reading::whole(&read.bytes, limits),
            }))
        })
        .await
    }

    /// The conversation that a file is, as the store has it by now: known, new, or none yet.
    async fn conversation(&mut self, path: &FeedPath, reading: &Reading) -> Option<RoomId> {
        let company: CompanyId = path.company.parse().ok()?;
        let heading = match reading.heading.as_ref()? {
            Ok(heading) => Some(heading),
            Err(bad) => {
                self.tell_once(path, "heading", |path| tell_bad(path, std::slice::from_ref(bad)));
                None
            }
        };
        let by_name = self.conversations.of_file(path);
        let found = match heading {
            Some(heading) => match self.conversations.find(company, path, heading.id.as_deref(), &self.files) {
                Found::Unknown if heading.id.is_none() => match self.renamed(company, heading, reading).await {
                    Ok(Some(room)) => Found::Known(room),
                    Ok(None) => Found::Unknown,
                    Err(refusal) => {
                        self.trouble("the lines of a conversation", &refusal);
                        return None;
                    }
                },
                found => found,
            },
            // What it is was told by its name before.
            None => Found::Known(by_name?),
        };
        let displaced = by_name.filter(|before| found != Found::Known(*before));
        let room = match (found, heading) {
            (Found::Known(room), heading) => self.attach(path, company, room, heading, displaced).await,
            (Found::Unknown, Some(heading)) => self.open(path, company, heading, displaced).await,
            (Found::Unknown, None) => None,
            (Found::Taken(holder), _) => {
                self.tell_once(path, "taken", |path| {
                    warn!(
                        target: "stormglass::feed", file = %path, other = %holder,
                        "another file has this conversation: give this one another `id`, or remove one of them"
                    );
                });
                None
            }
        };
        if room.is_some()
            && let Some(displaced) = displaced
        {
            self.gone.entry(displaced).or_insert_with(Instant::now);
        }
        self.files.get_mut(path)?.room = room;
        room
    }

    /// A conversation without an identifier whose file is gone and which begins as this file does.
    async fn renamed(&self, company: CompanyId, heading: &Heading, reading: &Reading) -> Answer<Option<RoomId>> {
        let digest = heading.digest();
        let is_lost = |known: &&FeedConversation| {
            let here = known
                .path()
                .is_some_and(|path| holds(&self.files, &path, known.room) || self.unlisted.contains(&path.company));
            known.company == company && known.id.is_none() && known.heading == digest && !here
        };
        let lost: Vec<RoomId> = self.conversations.all().filter(is_lost).map(|known| known.room).collect();
        for room in lost {
            let ledger = self.store.read(move |view| Ok::<_, Refusal>(Ledger::load(view, room)?)).await?;
            if ledger.lines.is_empty() || reading.lines.iter().any(|line| ledger.lines.contains_key(&line.line.id)) {
                return Ok(Some(room));
            }
        }
        Ok(None)
    }

    /// A new conversation.
    async fn open(
        &mut self,
        path: &FeedPath,
        company: CompanyId,
        heading: &Heading,
        displaced: Option<RoomId>,
    ) -> Option<RoomId> {
        let (file, heading) = (path.file.clone(), heading.clone());
        let opened =
            self.write(move |draft| feed::open(draft, company, &file, &heading, displaced)).await.map(Fed::Done);
        let room = self.take(path, opened)?;
        info!(target: "stormglass::feed", file = %path, %room, "a new conversation");
        Some(room)
    }

    /// A known conversation; changes what the store has of it only where that is not so.
    async fn attach(
        &mut self,
        path: &FeedPath,
        company: CompanyId,
        room: RoomId,
        heading: Option<&Heading>,
        displaced: Option<RoomId>,
    ) -> Option<RoomId> {
        let known = self.conversations.get(room)?;
        let as_it_was = known.path().as_ref() == Some(path)
            && known.state == FeedState::Fed
            && heading.is_none_or(|heading| heading.digest() == known.heading);
        if as_it_was {
            return Some(room);
        }
        let (file, heading) = (path.file.clone(), heading.cloned());
        let attached =
            self.write(move |draft| feed::attach(draft, (company, room), &file, heading.as_ref(), displaced)).await;
        let room = self.take(path, attached)?;
        info!(target: "stormglass::feed", file = %path, %room, "a conversation's file was renamed, changed at its head or came back");
        self.gone.remove(&room);
        Some(room)
    }

    /// Takes over what the store has of a conversation by now, or says why not.
    fn take(&mut self, path: &FeedPath, done: Answer<Fed<FeedConversation>>) -> Option<RoomId> {
        match done {
            Ok(Fed::Done(conversation)) => {
                let room = conversation.room;
                self.conversations.set(conversation);
                Some(room)
            }
            Ok(Fed::Held(why)) => {
                self.tell_held(path, why);
                None
            }
            Ok(Fed::Gone) => {
                self.tell_gone(path);
                None
            }
            Err(refusal) => {
                self.trouble("a conversation", &refusal);
                None
            }
        }
    }

    async fn archive(&mut self, room: RoomId) {
        let Some(known) = self.conversations.get(room) else { return };
        let (company, path) = (known.company, known.path());
        match self.write(move |draft| feed::archive(draft, (company, room))).await {
            Ok(archived) => {
                let file = path.map(|path| path.to_string());
                info!(target: "stormglass::feed", file, %room, "a conversation's file is gone: its room is archived");
                if let Some(archived) = archived {
                    self.conversations.set(archived);
                }
                self.ledgers.remove(&room);
            }
            Err(refusal) => self.trouble("a conversation whose file is gone", &refusal),
        }
    }

    /// Remembers the lines of a conversation.
    async fn load(&mut self, room: RoomId) -> Answer<()> {
        if !self.ledgers.contains_key(&room) {
            let ledger = self.store.read(move |view| Ok::<_, Refusal>(Ledger::load(view, room)?)).await?;
            self.ledgers.insert(room, ledger);
        }
        Ok(())
    }

    /// Does the steps in their order, some at once, and remembers what is kept. Whether all of them were done.
    async fn perform(&mut self, path: &FeedPath, room: RoomId, steps: Vec<Step>) -> bool {
        let all = steps.len();
        let mut steps = steps.into_iter();
        loop {
            let batch: Vec<Step> = steps.by_ref().take(self.config.batch_lines).collect();
            if batch.is_empty() {
                break;
            }
            if self.is_stopping() {
                return false;
            }
            let steps = batch.into_iter().map(|step| self.write(move |draft| feed::step(draft, room, &step)));
            for done in queued_in_order(steps).await {
                let outcome = match done {
                    Ok(Fed::Done(kept)) => {
                        // A line that cannot be read was counted as one.
                        let applied = matches!(kept, Kept::Line(_) | Kept::NoLine(_));
                        self.metrics.feed.lines(LineOutcome::Applied, usize::from(applied));
                        self.ledgers.entry(room).or_default().keep(kept);
                        continue;
                    }
                    Ok(Fed::Held(why)) => {
                        self.tell_held(path, why);
                        LineOutcome::Held(why)
                    }
                    Ok(Fed::Gone) => {
                        self.tell_gone(path);
                        LineOutcome::RoomDeleted
                    }
                    Err(refusal) => {
                        self.trouble("a line", &refusal);
                        LineOutcome::Failed
                    }
                };
                self.metrics.feed.lines(outcome, 1);
                return false;
            }
        }
        if all > 0 {
            debug!(target: "stormglass::feed", file = %path, %room, lines = all, "lines were taken over");
        }
        true
    }

    /// An operation of the feed, under a correlation identifier of its own.
    async fn write<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&mut crate::store::Draft<'_>) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let correlation = self.platform.new_uuid().to_string();
        self.store.write(&correlation, decide).await
    }

    /// Whether a directory's name is the identifier of a company, written as the server writes it.
    async fn company(&self, name: &str) -> Answer<bool> {
        let Some(id) = name.parse::<CompanyId>().ok().filter(|id| id.to_string() == name) else { return Ok(false) };
        self.store.read(move |view| Ok::<_, Refusal>(view.get(&CompanyKey(id))?.is_some())).await
    }

    fn limits(&self) -> Limits {
        Limits { line_bytes: self.config.line_bytes }
    }

    /// Logs something about the directory, once as long as it is so.
    fn tell(&mut self, name: &str, what: &str) {
        if self.told.insert(name.to_owned(), what.to_owned()).as_deref() != Some(what) {
            warn!(target: "stormglass::feed", name, what, "something in the feed's directory is passed over");
        }
    }

    fn tell_once(&mut self, path: &FeedPath, what: &str, tell: impl FnOnce(&FeedPath)) {
        if self.files.get_mut(path).is_some_and(|file| file.tell(what)) {
            tell(path);
        }
    }

    fn tell_held(&mut self, path: &FeedPath, why: &str) {
        self.tell_once(path, why, |path| {
            warn!(target: "stormglass::feed", file = %path, why, "a conversation is held up");
        });
    }

    fn tell_gone(&mut self, path: &FeedPath) {
        self.tell_once(path, "gone", |path| {
            warn!(target: "stormglass::feed", file = %path, "the room was deleted: its file is passed over from now on");
        });
    }

    fn trouble(&self, what: &str, refusal: &Refusal) {
        if refusal.code.temporary() {
            // The store has said so itself.
            return warn!(target: "stormglass::feed", what, %refusal, "the feed could not do something, and tries again");
        }
        error!(target: "stormglass::feed", what, %refusal, "the feed could not do something, and tries again");
    }
}

/// What all of `operations` return. They come into the writer's queue in this order, and may share a commit: each time,
/// the earlier is polled before the later, which `join_all` does of few only.
async fn queued_in_order<F: Future>(operations: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut operations: Vec<_> = operations.map(|operation| Box::pin(maybe_done(operation))).collect();
    poll_fn(|context| {
        let pending =
            operations.iter_mut().filter_map(|operation| operation.as_mut().poll(context).is_pending().then_some(()));
        if pending.count() == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    operations.into_iter().filter_map(|mut operation| operation.as_mut().take_output()).collect()
}

/// Logs lines that cannot be read.
fn tell_bad(path: &FeedPath, lines: &[BadLine]) {
    for BadLine { number, reason, .. } in lines.iter().take(TOLD_LINES) {
        warn!(target: "stormglass::feed", file = %path, line = number, reason, "a line cannot be read, and is passed over");
    }
    if lines.len() > TOLD_LINES {
        let more = lines.len() - TOLD_LINES;
        warn!(target: "stormglass::feed", file = %path, more, "more lines cannot be read, and are passed over");
    }
}
