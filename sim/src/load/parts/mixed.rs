//! Many users doing everything at once: how long the API and the deliveries take, and whether anything fails (IT-9).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use system::client::{CallError, Rest, TcpConnector};
use system::protocol::{CreateRoom, Follow, RoomId, Session, StreamId, Visibility};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::sizes::{SETTINGS, Sizes};
use crate::load::company::Company;
use crate::load::listener::Listener;
use crate::load::percentiles::Latencies;
use crate::load::server_process::Program;
use crate::load::{Figure, LoadError, PartReport, sender};

/// How often each user does something.
const PACE: Duration = Duration::from_millis(200);

/// How many users share a room.
const ROOM: usize = 25;

pub(super) async fn measure(program: &Program, sizes: Sizes) -> Result<Vec<PartReport>, LoadError> {
    let server = program.start(&SETTINGS)?;
    let company = Arc::new(Company::found(server.address, sizes.users).await?);
    let mut rooms = Vec::new();
    for room in 0..sizes.users.div_ceil(ROOM) {
        rooms.push(company.room(&format!("room {room}")).await?.id);
    }
    let memory_before = server.memory_bytes()?;
    let processor_before = server.processor_time()?;
    let began = Instant::now();
    let (calls, deliveries) = (Latencies::new(), Latencies::new());
    let failed = Arc::new(AtomicU64::new(0));
    let mut users = JoinSet::new();
    for ordinal in 0..sizes.users {
        let room = rooms[ordinal / ROOM];
        let token = company.users[ordinal].tokens.access_token.clone();
        let follow = Follow::These(vec![StreamId::Room(room)]);
        let mut listener = Listener::open(server.address, ordinal, &token, follow).await?;
        let deliveries = deliveries.clone();
        tokio::spawn(async move {
            while let Ok(text) = listener.next().await {
                if let Some(age) = sender::age(began, &text) {
                    deliveries.record(age);
                }
            }
        });
        let user = User { company: company.clone(), ordinal, room, began, rest: company.rest() };
        let (calls, failed) = (calls.clone(), failed.clone());
        users.spawn(async move { user.act(sizes.seconds, &calls, &failed).await });
    }
    while let Some(ended) = users.join_next().await {
        ended.expect("a user does not panic");
    }
    let elapsed = began.elapsed().as_secs_f64();
    let processor = (server.processor_time()? - processor_before).as_secs_f64() / elapsed;
    #[expect(clippy::cast_precision_loss, reason = "bytes are far below 2^52")]
    let grown_mb = server.memory_bytes()?.saturating_sub(memory_before) as f64 / 1e6;
    let (api, delivery) = (calls.percentiles(), deliveries.percentiles());
    let failed = failed.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "calls of one run are far below 2^52")]
    let (failed, count) = (failed as f64, api.count as f64);
    Ok(vec![PartReport {
        part: "mixed",
        what: format!(
            "{} users, {ROOM} in a room, each doing something every 200 ms, {} s",
            sizes.users, sizes.seconds
        ),
        figures: vec![
            Figure::latency("API p99", api.p99_us, api).at_most(500.0, "IT-9"),
            Figure::latency("delivery p99", delivery.p99_us, delivery).at_most(100.0, "IT-9"),
            Figure::new("errors", failed, "of all calls").at_most(0.0, "issue 3"),
            Figure::new("calls", count / elapsed, "/s"),
            Figure::new("memory of the server grew by", grown_mb, "MB").at_most(50.0, "IT-9"),
            Figure::new("processor of the server", processor * 100.0, "% of a core"),
        ],
    }])
}

/// One user and what they have to act with.
struct User {
    company: Arc<Company>,
    ordinal: usize,
    room: RoomId,
    began: Instant,
    rest: Rest<TcpConnector>,
}

impl User {
    /// Does one thing after another at the pace of the load, each user out of step with the others.
    async fn act(&self, seconds: u64, calls: &Latencies, failed: &AtomicU64) {
        let offset = PACE.mul_f64(f64::from(u8::try_from(self.ordinal % 100).expect("it is below 100")) / 100.0);
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut next = Instant::now() + offset;
        for turn in self.ordinal.. {
            sleep_until(next).await;
            if next >= until {
                return;
            }
            next += PACE;
            let began = Instant::now();
            if let Err(error) = self.call(turn).await {
                failed.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, "a call failed");
            }
            calls.record(began.elapsed());
        }
    }

    /// One call; which one goes round.
    async fn call(&self, turn: usize) -> Result<(), CallError> {
        let Self { company, room, rest, .. } = self;
        let token = &self.session().tokens.access_token;
        match turn % 8 {
            0..=2 => rest.post_message(token, *room, &sender::body(self.began), &company.key()).await.map(drop),
            3 => rest.messages(token, *room, None).await.map(drop),
            4 => rest.rooms(token, None).await.map(drop),
            5 => {
                let name = format!("room of {turn}");
                let body = CreateRoom { name, visibility: Visibility::Private };
                rest.create_room(token, &body, &company.key()).await.map(drop)
            }
            6 => rest.snapshot(token, StreamId::Room(*room)).await.map(drop),
            _ => rest.presence(token).await.map(drop),
        }
    }

    fn session(&self) -> &Session {
        &self.company.users[self.ordinal]
    }
}
