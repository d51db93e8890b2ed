//! After the heal: waits until every device has found back, then reads what the server holds, then lets all leave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use properties::trace::{Observation, Phase, SeenPresence, Word};
use system::client::{Belief, CallError, Operation, Outcome, WhoIsThere};
use system::protocol::{
    ConnectionList, ErrorCode, File, FileState, Invitation, Page, Position, Presence, PresenceList, Role,
    SnapshotState, StreamId, UserId,
};
use tokio::time::{Instant, sleep, timeout};

use super::cast::{Cast, Device, to_trace};
use super::idle::idle;
use super::machine::Machine;
use super::recorder::Recorder;
use super::settings::UPLOAD_LIFETIME_MS;
use super::stage::Stage;

/// The bound on recovery (IT-8, PROTOCOL.md promise 10), and a little: what comes later must be seen to be late.
const PATIENCE: Duration = Duration::from_millis(31_000);

/// How long after the heal every conversation file is a room: two scans, and what a line that is gone has to wait.
pub(super) const FEED_QUIET: Duration = Duration::from_millis(8_000);

/// How long an upload that nobody goes on with may be there: its lifetime, the time between two sweeps, and a margin.
const UPLOADS_QUIET: Duration = Duration::from_millis(UPLOAD_LIFETIME_MS + 11_000);

/// How many events are read at once.
const PAGE: usize = 200;

/// How often the devices are looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// The longest that presence may know of somebody whose last connection has ended (PROTOCOL.md promise 9), and a margin.
const GRACE: Duration = Duration::from_millis(16_000);

/// The longest that the registry may hold a connection that its device gave up unheard (PROTOCOL.md promise 10).
const SILENCE: Duration = Duration::from_millis(25_000);

/// Waits until every device that wants to be connected is, and has all that the server has, or patience ends. Records
/// when each was first seen so.
pub(super) async fn await_recovery(cast: &Cast, recorder: &Recorder, healed: Instant) {
    await_in_step(cast, recorder, healed, |name| {
        let after_ms = u64::try_from(healed.elapsed().as_millis()).unwrap_or(u64::MAX);
        recorder.record(Observation::Recovered { device: name.into(), after_ms });
    })
    .await;
}

/// Waits for the same since `begin`: before the storm, and when time has passed since the heal. A device may have held
/// a dead connection for a live one until then, as long as silence may last.
pub(super) async fn await_synchronised(cast: &Cast, recorder: &Recorder, begin: Instant) {
    await_in_step(cast, recorder, begin, |_| {}).await;
}

async fn await_in_step(cast: &Cast, recorder: &Recorder, begin: Instant, mut first_seen: impl FnMut(&str)) {
    let mut seen = BTreeSet::new();
    loop {
        let heads = recorder.heads();
        let mut all = !cast.is_entering();
        for (name, device) in cast.devices() {
            let standing = device.standing();
            if !standing.wants_connection {
                continue;
            }
            let is_there = standing.connected && !cast.is_deceived(&name);
            let in_step = is_there && standing.outbox == 0 && is_in_step(&device.belief(), &heads);
            all &= in_step;
            if in_step && seen.insert(name.clone()) {
                first_seen(&name);
            }
        }
        if all || begin.elapsed() >= PATIENCE {
            return;
        }
        sleep(GLANCE).await;
    }
}

/// Whether a device has everything: each stream that its own state says it may follow, up to the newest commit.
fn is_in_step(belief: &Belief, heads: &BTreeMap<StreamId, u64>) -> bool {
    let own = belief.streams.iter().find_map(|(stream, replica)| match (stream, replica.state.as_deref()) {
        (StreamId::User(_), Some(SnapshotState::User { user, rooms, .. })) => Some((user, rooms)),
        _ => None,
    });
    let Some((user, rooms)) = own else { return false };
    let mut expected: BTreeSet<StreamId> = rooms.iter().map(|room| StreamId::Room(*room)).collect();
    expected.insert(StreamId::User(user.id));
    if user.role > Role::Guest {
        expected.insert(StreamId::Company(user.company));
    }
    let known = |stream: &StreamId| {
        let replica = belief.streams.get(stream)?;
        replica.state.as_ref().map(|_| replica.seq)
    };
    expected.retain(|stream| !belief.left.contains(stream));
    expected.iter().all(|stream| known(stream).is_some_and(|seq| heads.get(stream).is_none_or(|head| seq >= *head)))
        && belief.streams.keys().all(|stream| expected.contains(stream))
}

/// Lets one device of each user that is connected read what its user has of files, and the quota that they take: their
/// answers are judged like all others.
pub(super) async fn read_files(cast: &Cast) {
    let mut readers: BTreeMap<UserId, Device> = BTreeMap::new();
    for device in cast.devices().into_values() {
        let standing = device.standing();
        if let (Some(user), true) = (standing.user, standing.connected) {
            readers.entry(user).or_insert(device);
        }
    }
    join_all(readers.values().map(read_files_of)).await;
}

/// Waits until the server has ended the uploads that nobody goes on with, which would else be news in the midst of the last
/// reads; and until everybody has heard of it.
///
/// The server is asked whether there are any: it may have died between a commit and the log line that tells of it.
pub(super) async fn await_uploads(stage: &mut Stage, cast: &Cast, recorder: &Recorder) {
    match stage.auditor.call(async |rest, token| rest.quota(token).await).await {
        Ok(quotas) if quotas.company.reserved_bytes == 0 => {}
        Ok(_) => sleep(UPLOADS_QUIET).await,
        Err(error) => recorder.record(failed("the quota", &error)),
    }
    await_in_step(cast, recorder, Instant::now(), |_| {}).await;
}

async fn read_files_of(device: &Device) {
    let ask = async |operation| match timeout(PATIENCE, device.perform(operation, None)).await {
        Ok(Outcome::Answered(answer)) => Some(answer.body),
        _ => None,
    };
    ask(Operation::ReadQuota).await;
    let listed = ask(Operation::ReadOwnFiles).await;
    let listed = listed.and_then(|body| serde_json::from_str::<Page<File>>(&body).ok());
    let files = listed.map(|page| page.items).unwrap_or_default();
    for file in files.into_iter().filter(|file| file.state == FileState::Complete) {
        ask(Operation::DownloadFile { file: file.id, range: None }).await;
    }
}

/// Records what every device believes and what the server holds, at one quiet moment.
pub(super) async fn compare(stage: &mut Stage, cast: &Cast, recorder: &Recorder) {
    for (name, device) in cast.devices() {
        let belief = device.belief();
        if let Some(user) = belief.standing.user {
            let belief = Arc::new(to_trace(&belief));
            recorder.record(Observation::Believed { device: name.as_str().into(), user, belief });
        }
    }
    record_presence(cast, recorder);
    recorder.record(match read_invitations(stage).await {
        Ok(invitations) => Observation::FinalInvitations { invitations },
        Err(error) => failed("the invitations", &error),
    });
    for stream in all_streams(stage, cast, recorder).await {
        let read = read_stream(stage, stream, recorder).await;
        if read.as_ref().is_err_and(|error| error.code() == Some(ErrorCode::NotFound)) {
            recorder.record(Observation::FinalGone { stream });
        } else if let Err(error) = read {
            recorder.record(failed(&format!("stream {stream}"), &error));
        }
    }
}

async fn read_invitations(stage: &mut Stage) -> Result<Vec<Invitation>, CallError> {
    let (mut invitations, mut cursor) = (Vec::new(), None);
    loop {
        let page = stage.auditor.call(async |rest, token| rest.invitations(token, cursor.as_deref()).await).await?;
        invitations.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(invitations);
        }
    }
}

/// Records whom those see who follow the company.
fn record_presence(cast: &Cast, recorder: &Recorder) {
    for (name, device) in cast.devices() {
        let belief = device.belief();
        let follows = belief.streams.keys().any(|stream| matches!(stream, StreamId::Company(_)));
        if !belief.standing.connected || !follows {
            continue;
        }
        let rooms = belief.streams.keys().filter_map(|stream| match stream {
            StreamId::Room(room) => Some(*room),
            _ => None,
        });
        let typing = rooms.flat_map(|room| device.who_types(room).into_iter().map(move |user| (room, user))).collect();
        let seen = belief.who_is_there.map(|there| {
            let WhoIsThere { users, complete } = there;
            Arc::new(SeenPresence { users: users.into_values().collect(), complete, typing })
        });
        recorder.record(Observation::SawPresence { device: name.as_str().into(), seen });
    }
}

/// Lets every second user leave, waits for the grace, and records whom the others see: nobody who has left. The server
/// may still hold a connection that a device gave up in the storm: that one is waited for, once.
pub(super) async fn part(stage: &mut Stage, cast: &Cast, recorder: &Recorder, machine: &Machine) {
    let leaving: BTreeMap<_, _> = stage.users.clone().into_iter().skip(1).step_by(2).collect();
    for (name, device) in cast.devices() {
        if name.split_once('/').is_some_and(|(user, _)| leaving.contains_key(user)) {
            device.close();
        }
    }
    idle(machine, cast, recorder, GRACE).await;
    let online = stage.auditor.call(async |rest, token| rest.presence(token).await).await;
    // Whoever left over a connection that the server still takes for a living one, here or in the storm.
    let devices = cast.devices();
    let is_there = |name: &str| {
        let of_user = |device: &str| device.split_once('/').is_some_and(|(user, _)| user == name);
        devices.iter().any(|(device, client)| of_user(device) && client.standing().connected)
    };
    let left = |seen: &Presence| stage.users.iter().any(|(name, user)| *user == seen.user && !is_there(name));
    if online.is_ok_and(|online| online.users.iter().any(left)) {
        sleep(SILENCE).await;
    }
    read_gauges(stage, recorder).await;
    recorder.record(Observation::Phase { phase: Phase::Parted });
    record_presence(cast, recorder);
}

/// Every stream of the company: the server is asked for its rooms, for one whose commit the process did not live to
/// report may be known to nobody else. Nor may the company of a user, but for who accepted an invitation.
async fn all_streams(stage: &mut Stage, cast: &Cast, recorder: &Recorder) -> BTreeSet<StreamId> {
    let mut streams: BTreeSet<StreamId> = stage.streams.iter().copied().collect();
    streams.extend(cast.users().into_iter().map(StreamId::User));
    streams.extend(recorder.heads().into_keys());
    let mut cursor = None;
    loop {
        match stage.auditor.call(async |rest, token| rest.rooms(token, cursor.as_deref()).await).await {
            Ok(rooms) => {
                streams.extend(rooms.items.into_iter().map(|room| StreamId::Room(room.id)));
                cursor = rooms.next;
            }
            Err(error) => {
                recorder.record(failed("the rooms", &error));
                return streams;
            }
        }
        if cursor.is_none() {
            return streams;
        }
    }
}

async fn read_stream(stage: &mut Stage, stream: StreamId, recorder: &Recorder) -> Result<(), CallError> {
    let snapshot = stage.auditor.call(async |rest, token| rest.snapshot(token, stream).await).await?;
    let epoch = snapshot.epoch;
    recorder.record(Observation::FinalSnapshot { snapshot: Arc::new(snapshot) });
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &system::protocol::Event| event.seq);
        let page = stage
            .auditor
            .call(async |rest, token| rest.events(token, stream, Position { seq: after, epoch }, PAGE).await)
            .await?;
        let more = page.more;
        events.extend(page.events);
        if !more {
            break;
        }
    }
    recorder.record(Observation::FinalLog { stream, epoch, events: Arc::new(events) });
    Ok(())
}

/// Lets everybody leave, waits for the grace, and looks whether the server has forgotten them. It may still hold a
/// connection that a device gave up in the storm, without a way to say so: that one is waited for, once.
pub(super) async fn leave(stage: &mut Stage, cast: &Cast, recorder: &Recorder, machine: &Machine) {
    for device in cast.devices().values() {
        device.close();
    }
    recorder.record(Observation::Phase { phase: Phase::Left });
    idle(machine, cast, recorder, GRACE).await;
    let (mut connections, mut online) = look(stage).await;
    let forgotten = matches!((&connections, &online), (Ok(connections), Ok(online))
        if connections.connections.is_empty() && online.users.is_empty());
    if !forgotten {
        sleep(SILENCE).await;
        (connections, online) = look(stage).await;
    }
    read_gauges(stage, recorder).await;
    recorder.record(match connections {
        Ok(list) => Observation::FinalConnections { list },
        Err(error) => failed("the connections", &error),
    });
    recorder.record(match online {
        Ok(list) => Observation::FinalPresence { list },
        Err(error) => failed("the presence", &error),
    });
}

/// Records what the server counts of its live objects. Once or twice it may be looked at in the very moment in which a token
/// is renewed or somebody's leaving is told, or while it still holds what a device lost without a word: what stays is what
/// counts.
async fn read_gauges(stage: &Stage, recorder: &Recorder) {
    let mut gauges = stage.operator.gauges().await;
    for patience in [GLANCE * 10, SILENCE + GRACE] {
        if gauges.as_ref().is_ok_and(is_calm) {
            break;
        }
        sleep(patience).await;
        gauges = stage.operator.gauges().await;
    }
    recorder.record(match gauges {
        Ok(gauges) => Observation::LiveObjects { gauges },
        Err(reason) => Observation::FinalReadFailed { what_was_read: "the metrics".to_owned(), reason },
    });
}

/// Whether nothing is under way but the look itself.
fn is_calm(gauges: &BTreeMap<Word, i64>) -> bool {
    let count = |name| gauges.get(name).copied().unwrap_or_default();
    let waiting = ["store_operations_waiting", "websocket_queued_bytes", "websocket_longest_queue_bytes"];
    count("http_requests_in_flight") <= 1
        && waiting.into_iter().all(|name| count(name) == 0)
        && count("websocket_permits") == count("websocket_connections")
}

fn failed(what: &str, error: &CallError) -> Observation {
    Observation::FinalReadFailed { what_was_read: what.to_owned(), reason: error.to_string() }
}

/// Who is connected, and who is online.
async fn look(stage: &mut Stage) -> (Result<ConnectionList, CallError>, Result<PresenceList, CallError>) {
    let connections = stage.auditor.call(async |rest, token| rest.connections(token).await).await;
    let online = stage.auditor.call(async |rest, token| rest.presence(token).await).await;
    (connections, online)
}
