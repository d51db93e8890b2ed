//! One observation in a person's words: who, and what they did or saw.

use system::protocol::StreamId;

use super::names::Names;
use super::shortened::shortened;
use super::{frames, requests};
use crate::index::Index;
use crate::trace::{At, Belief, Idle, Observation, Phase, ServerChange};

/// Who did or saw what is told at `entry`, and what it was.
pub(crate) fn who_and_what(index: &Index<'_>, entry: usize) -> (String, String) {
    let observation = index.what(entry);
    (who(observation).to_owned(), what(index, observation))
}

/// A device, or `server`, `fault`, `history`, `auditor`, `world`.
fn who(observation: &Observation) -> &str {
    if let Some(device) = observation.device() {
        return device;
    }
    match observation {
        Observation::Phase { .. } | Observation::Idled { .. } | Observation::Hung { .. } => "world",
        Observation::Skipped { .. } | Observation::Content { .. } => "history",
        Observation::Fault { .. } | Observation::FaultEffect { .. } => "fault",
        Observation::Committed { .. } | Observation::Logged { .. } | Observation::Server { .. } => "server",
        // The last reads.
        _ => "auditor",
    }
}

fn what(index: &Index<'_>, observation: &Observation) -> String {
    let names = index.names();
    match observation {
        Observation::Phase { phase } => phase_text(*phase).to_owned(),
        Observation::Step { step, text, .. } => format!("step {step}: {text}"),
        Observation::Skipped { step, why } => format!("step {step} is skipped: {why}"),
        Observation::Content { file, from, to, described } => {
            format!("bytes {from} to {to} of {file} are {described}")
        }
        Observation::Fault { text, .. } | Observation::FaultEffect { text, .. } => text.clone(),
        Observation::LoggedIn { .. } => "is logged in".to_owned(),
        Observation::ConnectionOpened { connection, .. } => format!("connection {connection} opens"),
        Observation::ConnectionClosed { connection, code, reason, .. } => {
            let code = code.map_or(String::new(), |code| format!(" with {code}"));
            format!("connection {connection} ends{code}: {}", reason.trim_end_matches([':', ' ']))
        }
        Observation::FrameSent { frame, .. } => frames::sent(names, frame),
        Observation::ChunkSent { file, offset, bytes, .. } => {
            format!("sends {} in a binary frame", requests::piece(*offset, *bytes, &names.call(file.0)))
        }
        Observation::FrameReceived { frame, .. } => frames::received(names, frame),
        Observation::FrameUnreadable { text, error, .. } => format!("cannot read `{}`: {error}", shortened(text)),
        Observation::ReplicaBroken { stream, error, .. } => {
            format!("cannot follow {}: {}", names.stream(*stream), names.in_text(error))
        }
        Observation::Requested { method, path, body, .. } => requests::request(names, method, path, body),
        Observation::UploadOffset { offset, .. } => format!("is told that the upload is at {offset}"),
        Observation::Answered { status, body, .. } => requests::answer(names, *status, body),
        Observation::AnswerLost { reason, .. } => format!("gets no answer: {reason}"),
        Observation::Refused { operation, reason, .. } => {
            format!("gives up: {}: {}", names.in_text(operation), names.in_text(reason))
        }
        Observation::Recovered { after_ms, .. } => format!("is back, {} after the heal", At(after_ms * 1_000)),
        Observation::Believed { belief, .. } => believed(names, belief),
        Observation::SawPresence { seen: Some(seen), .. } => format!("sees {} people there", seen.users.len()),
        Observation::SawPresence { seen: None, .. } => "was not told who is there".to_owned(),
        Observation::Committed { stream, seq, kind } => committed(index, *stream, *seq, kind),
        Observation::Logged { level, message, fields } => {
            let fields: String = fields.iter().map(|(name, value)| format!(", {name} {value}")).collect();
            format!("logs {level}: {}", names.in_text(&format!("{message}{fields}")))
        }
        Observation::Server { incarnation, change } => server(*incarnation, change),
        Observation::FinalFeedFile { file, text } => {
            format!("reads the file {file}: it has {} lines", text.matches('\n').count())
        }
        Observation::FinalSnapshot { snapshot } => {
            format!("reads {} as of {}", names.stream(snapshot.stream), snapshot.seq)
        }
        Observation::FinalLog { stream, events, .. } => {
            let head = events.last().map_or(0, |event| event.seq);
            format!("reads the log of {}: it ends at {head}", names.stream(*stream))
        }
        Observation::FinalGone { stream } => format!("is told that {} is gone", names.stream(*stream)),
        Observation::FinalInvitations { invitations } => format!("counts {} invitations", invitations.len()),
        Observation::FinalReadFailed { what_was_read, reason } => {
            format!("cannot read {}: {reason}", names.in_text(what_was_read))
        }
        Observation::Idled { idle } => idled(idle),
        Observation::LiveObjects { gauges } => {
            let counts: Vec<String> = gauges.iter().map(|(name, count)| format!("{name} {count}")).collect();
            format!("reads the server's gauges: {}", counts.join(", "))
        }
        Observation::Hung { after_ms } => format!("gives up after {}: the run does not end", At(after_ms * 1_000)),
        Observation::FinalConnections { list } => {
            format!("counts {} connections and {} subscriptions", list.connections.len(), list.subscriptions)
        }
        Observation::FinalPresence { list } => format!("counts {} online", list.users.len()),
    }
}

fn idled(idle: &Idle) -> String {
    let Idle { for_ms, devices, server_polls, device_polls, disk_operations, tasks_before, tasks_after, .. } = idle;
    format!(
        "nobody asks for anything for {}, {devices} connected: {server_polls} polls of the server's tasks, {device_polls} of \
         the devices', {disk_operations} operations of the disk, {tasks_before} tasks of the server become {tasks_after}",
        At(for_ms * 1_000)
    )
}

fn phase_text(phase: Phase) -> &'static str {
    match phase {
        Phase::Setup => "the company comes to be",
        Phase::Storm => "the storm begins",
        Phase::Healed => "all faults are over",
        Phase::Quiet => "all is quiet",
        Phase::Parted => "half of the users have left",
        Phase::Left => "everybody has left",
        Phase::End => "the end",
    }
}

/// The whole event where the final log has it; that it is durable is known by its place alone.
fn committed(index: &Index<'_>, stream: StreamId, seq: u64, kind: &str) -> String {
    match index.log.event(stream, seq).filter(|event| event.body.kind() == kind) {
        Some(event) => format!("committed {}", frames::event(index.names(), event)),
        None => format!("committed {} {kind}", index.names().place(stream, seq)),
    }
}

fn believed(names: &Names, belief: &Belief) -> String {
    let positions = belief.streams.iter().map(|(stream, replica)| names.place(*stream, replica.seq));
    let positions = positions.collect::<Vec<_>>().join(", ");
    let connected = if belief.connected { "connected" } else { "not connected" };
    format!("is {connected}, at {positions}")
}

fn server(incarnation: u32, change: &ServerChange) -> String {
    match change {
        ServerChange::Started if incarnation > 1 => "starts again".to_owned(),
        ServerChange::Started => "starts".to_owned(),
        ServerChange::Listening => "accepts connections".to_owned(),
        ServerChange::Stopped => "has stopped".to_owned(),
        ServerChange::Killed => "is killed".to_owned(),
        ServerChange::PowerLost { lost_writes, unsynced_writes } => {
            format!("loses power, and {lost_writes} of {unsynced_writes} unsynced writes")
        }
        ServerChange::Failed { reason } => format!("gives up: {reason}"),
        ServerChange::Panicked { message, .. } => format!("panics: {message}"),
    }
}
