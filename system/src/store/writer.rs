//! The one writer: takes operations in order, lets those that wait together share a commit, and answers each only
//! after the commit that holds it is durable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use redb::{Database, WriteTransaction};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};
use tracing::{debug, error};

use super::StoreError;
use super::chunk::ChunkKey;
use super::database::{FileSize, Opened};
use super::draft::Draft;
use super::key::{Key, LastCommitKey, StreamKey, log_key};
use super::log::{Announcement, Commit};
use super::memo::Memo;
use super::newest::Newest;
use super::view::{BLOBS, Snapshot, Tables, View};
use crate::metrics::Metrics;
use crate::platform::{Platform, blocking};

/// Who is told of commits: in commit order, after they are durable, and before their authors are answered.
pub trait CommitSink: Send + Sync + 'static {
    /// These events are durable, and so is what is announced. Both are in commit order, each by itself.
    fn committed(&self, commits: &[Commit], announcements: &[Announcement]);
}

/// A handle on the store. Clones share the one writer.
#[derive(Clone)]
pub struct Store {
    newest: Arc<Newest>,
    platform: Arc<dyn Platform>,
    operations: mpsc::Sender<Box<dyn Operation>>,
    failed: watch::Receiver<bool>,
    disk_failed: watch::Receiver<bool>,
    size: FileSize,
}

/// How long the store lives on after the disk has refused something: that is told to those who wait.
const LAST_ANSWERS: Duration = Duration::from_millis(200);

/// How many operations may wait before their senders do.
const QUEUE_LENGTH: usize = 1_024;

impl Store {
    /// Starts the writer of a database, whose state is `newest`. At most `batch_limit` operations share a commit.
    pub(crate) fn start(
        opened: Opened,
        newest: Newest,
        platform: Arc<dyn Platform>,
        batch_limit: usize,
        sink: Arc<dyn CommitSink>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let Opened { database, size, disk_failed } = opened;
        let newest = Arc::new(newest);
        let (operations, queue) = mpsc::channel(QUEUE_LENGTH);
        let (failure, failed) = watch::channel(false);
        let writer = Writer {
            database: Arc::new(database),
            newest: newest.clone(),
            memo: Arc::default(),
            platform: platform.clone(),
            sink,
            metrics,
            failure,
        };
        tokio::spawn(writer.run(queue, batch_limit.max(1)));
        Self { newest, platform, operations, failed, disk_failed, size }
    }

    /// Reads one consistent state.
    ///
    /// # Errors
    /// Whatever `read` returns.
    pub async fn read<T, E>(&self, read: impl FnOnce(&View<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let newest = self.newest.clone();
        blocking(&*self.platform, move || read(&newest.view())).await
    }

    /// The newest committed state, for reading that goes on for long: it stays as it is, whatever is committed since.
    /// The pages that it needs are not used again while it is held.
    pub fn view(&self) -> View<'static> {
        self.newest.view()
    }

    /// Runs `decide` in the writer's next transaction, and answers when its changes are durable.
    ///
    /// # Errors
    /// Whatever `decide` returns: then nothing was changed. A [`StoreError`]: then the outcome is not known.
    pub async fn write<T, E>(
        &self,
        correlation_id: &str,
        decide: impl FnOnce(&mut Draft<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let operation =
            Request { correlation_id: correlation_id.to_owned(), decide: Some(decide), answer: None, reply };
        self.operations.send(Box::new(operation)).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// How many operations wait for the writer.
    pub fn waiting(&self) -> usize {
        QUEUE_LENGTH - self.operations.capacity()
    }

    /// How long the database's file is.
    pub fn size_bytes(&self) -> u64 {
        self.size.bytes()
    }

    /// Resolves when the store has failed and must be opened again.
    pub async fn failed(&self) {
        let (mut writer, mut disk) = (self.failed.clone(), self.disk_failed.clone());
        tokio::select! {
            biased;
            // An error means that the writer is gone without a word: redb panics on some kinds of damage.
            _ = async { writer.wait_for(|failed| *failed).await.map(drop) } => {}
            // A reader has met it, and no commit yet, or one that is about to say so. Whoever waits for an answer gets it.
            Ok(()) = async { disk.wait_for(|failed| *failed).await.map(drop) } => {
                let mut writer = self.failed.clone();
                let _ = timeout(LAST_ANSWERS, async { writer.wait_for(|failed| *failed).await.map(drop) }).await;
            }
        }
    }
}

/// An operation whose types are forgotten, so that many kinds can share a commit.
trait Operation: Send {
    fn correlation_id(&self) -> &str;
    /// Whether the draft is to be written.
    fn decide(&mut self, draft: &mut Draft<'_>) -> bool;
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Request<T, E, F> {
    correlation_id: String,
    decide: Option<F>,
    answer: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Operation for Request<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&mut Draft<'_>) -> Result<T, E> + Send,
{
    fn correlation_id(&self) -> &str {
        &self.correlation_id
    }

    fn decide(&mut self, draft: &mut Draft<'_>) -> bool {
        let decide = self.decide.take().expect("an operation is decided once");
        // A panic in one operation must not take the writer, and so everybody, down. Its draft is dropped and its
        // caller told that the server made a mistake; the panic hook has reported the place.
        match catch_unwind(AssertUnwindSafe(|| decide(draft))) {
            Ok(answer) => {
                let accepted = answer.is_ok();
                self.answer = Some(answer);
                accepted
            }
            Err(_) => false,
        }
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.answer) {
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(StoreError::OperationPanicked.into()),
            // A refusal too: it may be of what an operation before it had left, which is not there now.
            (Err(error), _) => Err(error.into()),
        };
        // The caller may have gone away; what is committed stays committed.
        let _ = self.reply.send(answer);
    }
}

struct Writer {
    database: Arc<Database>,
    newest: Arc<Newest>,
    memo: Arc<Memo>,
    platform: Arc<dyn Platform>,
    sink: Arc<dyn CommitSink>,
    metrics: Arc<Metrics>,
    failure: watch::Sender<bool>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Box<dyn Operation>>, batch_limit: usize) {
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, batch_limit).await > 0 {
            let mut operations = std::mem::take(&mut batch);
            let (begun, count) = (Instant::now(), operations.len());
            let (database, platform, memo) = (self.database.clone(), self.platform.clone(), self.memo.clone());
            let (operations, committed) = blocking(&*self.platform, move || {
                let committed = commit(&database, memo, &*platform, &mut operations);
                (operations, committed)
            })
            .await;
            let outcome = match committed {
                Ok(committed) => {
                    self.metrics.store.committed(count, begun.elapsed());
                    self.publish(committed);
                    Ok(())
                }
                Err(failure) => {
                    self.metrics.store.failed();
                    error!(target: "stormglass::store", %failure, "commit failed; the server stops");
                    Err(failure)
                }
            };
            let failed = outcome.is_err();
            for operation in operations {
                operation.finish(outcome.clone());
            }
            if failed {
                // redb takes nothing more after a failed commit: only opening it again recovers.
                self.failure.send_replace(true);
                return;
            }
        }
    }

    /// Tells of what is durable, and lets it be read: nobody reads what nobody was told of.
    fn publish(&self, committed: Committed) {
        for Commit { event, .. } in &committed.commits {
            self.metrics.store.event(event.body.kind());
            debug!(
                target: "stormglass::commit",
                stream = %event.stream, seq = event.seq, kind = event.body.kind(),
                correlation_id = event.correlation_id, "committed"
            );
        }
        if let Some(state) = committed.state {
            self.newest.show(state);
        }
        self.sink.committed(&committed.commits, &committed.announcements);
    }
}

/// What a commit holds for those who follow streams.
#[derive(Default)]
struct Committed {
    commits: Vec<Commit>,
    announcements: Vec<Announcement>,
    /// The state that it leaves, unless it changed nothing.
    state: Option<Snapshot>,
}

/// One transaction for all of `operations`. Returns their events in commit order.
fn commit(
    database: &Database,
    memo: Arc<Memo>,
    platform: &dyn Platform,
    operations: &mut [Box<dyn Operation>],
) -> Result<Committed, StoreError> {
    let transaction = database.begin_write()?;
    let Some(mut committed) = decide_all(&transaction, memo, platform, operations)? else {
        transaction.abort()?;
        return Ok(Committed::default());
    };
    transaction.commit()?;
    committed.state = Some(Snapshot::open(database)?);
    Ok(committed)
}

/// Lets each operation decide on what those before it have left, and writes what it wants. `None`: nothing changed.
fn decide_all(
    transaction: &WriteTransaction,
    memo: Arc<Memo>,
    platform: &dyn Platform,
    operations: &mut [Box<dyn Operation>],
) -> Result<Option<Committed>, StoreError> {
    let mut tables = Tables::open_with(transaction, memo)?;
    let mut number = View::Write(&tables).last_commit()?;
    let before = number;
    let mut committed = Committed::default();
    let mut changed = false;
    for operation in operations {
        let correlation_id = operation.correlation_id().to_owned();
        let mut draft = Draft::new(View::Write(&tables), platform, &correlation_id);
        if !operation.decide(&mut draft) {
            continue;
        }
        let announcements = draft.announcements(number);
        let drafted = draft.commits(&mut number);
        let Draft { writes, erased, chunks, heads, ended, .. } = draft;
        if writes.is_empty() && erased.is_empty() && chunks.is_empty() && drafted.is_empty() {
            continue;
        }
        changed = true;
        for prefix in erased {
            tables.state.erase(&prefix)?;
        }
        apply(&mut tables, writes, &drafted)?;
        apply_chunks(transaction, chunks)?;
        for (stream, head) in heads {
            tables.state.write(StreamKey(stream).encode(), Some(encode(&head)));
        }
        for stream in ended {
            let (first, end) = (log_key(stream, 0), log_key(stream, u64::MAX));
            tables.log.retain_in::<&[u8], _>(first.as_slice()..end.as_slice(), |_, _| false)?;
            tables.state.write(StreamKey(stream).encode(), None);
        }
        committed.commits.extend(drafted);
        committed.announcements.extend(announcements);
    }
    if number != before {
        tables.state.write(LastCommitKey().encode(), Some(encode(&number)));
    }
    tables.state.settle()?;
    Ok(changed.then_some(committed))
}

fn apply(
    tables: &mut Tables<'_>,
    writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    commits: &[Commit],
) -> Result<(), StoreError> {
    for (key, value) in writes {
        tables.state.write(key, value);
    }
    for commit in commits {
        let key = log_key(commit.event.stream, commit.event.seq);
        tables.log.insert(key.as_slice(), commit.to_row().as_slice())?;
    }
    Ok(())
}

fn apply_chunks(transaction: &WriteTransaction, chunks: Vec<(ChunkKey, Option<Vec<u8>>)>) -> Result<(), StoreError> {
    if chunks.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(BLOBS)?;
    for (key, row) in chunks {
        match row {
            Some(row) => drop(table.insert(key.encode().as_slice(), row.as_slice())?),
            None => drop(table.remove(key.encode().as_slice())?),
        }
    }
    Ok(())
}

fn encode(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("records have only string keys and finite numbers")
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::platform::OsPlatform;
    use crate::protocol::{CompanyId, ErrorCode, UserId};
    use crate::refusal::{Answer, Refusal};
    use crate::store::key::CompanyUserKey;

    struct Nobody;

    impl CommitSink for Nobody {
        fn committed(&self, _: &[Commit], _: &[Announcement]) {}
    }

    #[test]
    fn a_refusal_that_shares_a_commit_counts_when_that_is_durable() {
        let told = |committed| {
            let (reply, mut answer) = oneshot::channel::<Answer<()>>();
            let decide = |_: &mut Draft<'_>| Err(Refusal::not_found("room"));
            let answered = Some(Err(Refusal::not_found("room")));
            let correlation_id = String::new();
            Box::new(Request { correlation_id, decide: Some(decide), answer: answered, reply }).finish(committed);
            answer.try_recv().unwrap().unwrap_err().code
        };
        assert_eq!(told(Ok(())), ErrorCode::NotFound);
        assert_eq!(told(Err(StoreError::Stopped)), Refusal::from(StoreError::Stopped).code);
    }

    #[tokio::test]
    async fn an_operation_that_panics_changes_nothing_and_harms_nobody_else() {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        drop(Tables::open(&transaction).unwrap());
        transaction.commit().unwrap();
        let newest = Newest::open(&database).unwrap();
        let opened = Opened { database, size: FileSize::default(), disk_failed: watch::channel(false).1 };
        let platform = Arc::new(OsPlatform::new("nowhere"));
        let store = Store::start(opened, newest, platform, 16, Arc::new(Nobody), Arc::default());
        let user = UserId(uuid::Uuid::from_u128(1));
        let [of_the_panic, of_the_other] = [2, 3].map(|id| CompanyUserKey(CompanyId(uuid::Uuid::from_u128(id)), user));
        let (first, second) = (of_the_panic.clone(), of_the_other.clone());
        let (panicked, written) = tokio::join!(
            store.write::<(), StoreError>("a", move |draft| {
                draft.put(&first, &user);
                panic!("a bug, as the test wants it")
            }),
            store.write::<_, StoreError>("b", move |draft| {
                draft.put(&second, &user);
                Ok(7)
            }),
        );
        assert!(matches!(panicked, Err(StoreError::OperationPanicked)), "{panicked:?}");
        assert_eq!(written.unwrap(), 7);
        let read = store.read::<_, StoreError>(move |view| Ok((view.get(&of_the_panic)?, view.get(&of_the_other)?)));
        assert_eq!(read.await.unwrap(), (None, Some(user)));
    }
}
