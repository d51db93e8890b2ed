//! From a trace to its timeline.

use std::collections::{BTreeMap, BTreeSet};

use properties::telling::{Line, Teller};
use properties::trace::{At, Observation, Trace};
use properties::{Evidence, Violation};
use system::protocol::{Command, ServerFrame, StreamId};

use super::arrows::arrows;
use super::bands::bands;
use super::causes::{Causes, causes};
use super::changes::Changes;
use super::cut::{MOST_MARKS, part};
use super::exchanges::exchanges;
use super::kind::Kind;
use super::model::{Lane, LaneKind, Marks, ProofLink, Timeline};
use super::texts::{Texts, body_limit, within};

impl Timeline {
    /// The timeline of a trace, around the violation where there is one.
    pub fn new(trace: &Trace, violation: Option<&Violation>) -> Self {
        Self::with_most(trace, violation, MOST_MARKS)
    }

    pub(super) fn with_most(trace: &Trace, violation: Option<&Violation>, most: usize) -> Self {
        let proof = violation.map_or(&[][..], |violation| &violation.evidence);
        let rows = Rows::of(trace, proof);
        let lanes = Lanes::of(trace, proof);
        let breaking = rows.rows.iter().position(|row| row.proof.is_some_and(|link| proof[link].breaks_it));
        let shown = part(rows.rows.len(), breaking, most);
        let exchanges = exchanges(trace);
        let causes = causes(trace, &exchanges);

        let mut left_out = Vec::new();
        if shown.len() < rows.rows.len() {
            let (from, to) = (rows.rows[shown.start].line.at, rows.rows[shown.end - 1].line.at);
            let (all, some) = (rows.rows.len(), shown.len());
            let around = if breaking.is_some() { "around the violation" } else { "at its end" };
            left_out.push(format!("{some} of {all} events are shown: those {around}, from {from} to {to}."));
        }
        let columns = Columns::new(trace, &rows.rows[shown.clone()], &causes);
        if let Some(limit) = columns.shortened_to() {
            left_out.push(format!("Of each frame and body only the first {limit} bytes are kept."));
        }

        let mut places = vec![None; trace.entries.len()];
        for (mark, row) in rows.rows[shown.clone()].iter().enumerate() {
            row.entry.iter().for_each(|entry| places[*entry] = Some(mark));
        }
        let links = rows.rows[shown.clone()].iter().enumerate();
        let links = links
            .filter_map(|(mark, row)| row.proof.map(|link| ProofLink { link, mark, breaks_it: proof[link].breaks_it }));
        let proof = links.collect();
        let arrows = arrows(trace, &exchanges, &causes, |entry| places[entry]);
        let (from, to) = match rows.rows[shown.clone()] {
            [] => (At(0), At(0)),
            [ref first, .., ref last] => (first.line.at, last.line.at),
            [ref only] => (only.line.at, only.line.at),
        };
        let mut bands = bands(trace, &lanes);
        bands.retain(|band| band.from <= to && band.to >= from);

        let mut tables = Tables::default();
        let mut changes = Changes::default();
        for (number, row) in rows.rows[..shown.end].iter().enumerate() {
            let Some(entry) = row.entry else { continue };
            let mark = number.checked_sub(shown.start);
            changes.observe(mark, lanes.lane(&row.line.who), &trace.entries[entry].what, |id| tables.stream(id));
        }
        let teller = Teller::new(trace);
        let (marks, texts) = columns.fill(&lanes, &mut tables);
        Self {
            lanes: lanes.lanes,
            streams: tables.streams.iter().map(|stream| teller.stream(*stream)).collect(),
            correlations: tables.correlations.finish(),
            texts,
            kinds: Kind::ALL.map(Kind::name).to_vec(),
            marks,
            arrows,
            bands,
            changes: changes.finish(),
            proof,
            left_out,
        }
    }
}

/// What will be a mark: an observation, or a link of the proof in words of its own.
struct Row {
    line: Line,
    kind: Kind,
    /// Its place in the trace.
    entry: Option<usize>,
    /// Its place in the proof.
    proof: Option<usize>,
}

struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    fn of(trace: &Trace, proof: &[Evidence]) -> Self {
        let teller = Teller::new(trace);
        let mut rows: Vec<Row> = Vec::new();
        for (entry, observed) in trace.entries.iter().enumerate() {
            if let Some(kind) = Kind::of(&observed.what) {
                rows.push(Row { line: teller.line(entry), kind, entry: Some(entry), proof: None });
            }
        }
        for (link, Evidence { at, who, what, .. }) in proof.iter().enumerate() {
            let line = Line { at: *at, who: who.clone(), what: what.clone() };
            let same = rows.iter_mut().find(|row| row.line == line && row.proof.is_none());
            match same {
                Some(row) => row.proof = Some(link),
                None => rows.push(Row { line, kind: Kind::Proof, entry: None, proof: Some(link) }),
            }
        }
        // The clocks of two hosts may differ by less than anything takes from one to the other.
        rows.sort_by_key(|row| row.line.at);
        Self { rows }
    }
}

/// Who has which lane.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    places: BTreeMap<String, usize>,
}

impl Lanes {
    fn of(trace: &Trace, proof: &[Evidence]) -> Self {
        let of_proof: BTreeSet<&str> = proof.iter().map(|link| link.who.as_str()).collect();
        let devices = trace.entries.iter().filter_map(|entry| entry.what.device());
        // The auditor's last reads are no device's, and have its lane.
        let devices: BTreeSet<&str> = devices.chain(["auditor"]).collect();
        let mut devices: Vec<&str> = devices.into_iter().collect();
        devices.sort_by_key(|device| (!of_proof.contains(device), *device == "auditor"));
        let fixed = [("world", LaneKind::World), ("server", LaneKind::Server)];
        let all = fixed.into_iter().chain(devices.into_iter().map(|device| (device, LaneKind::Device)));
        let lanes: Vec<Lane> = all
            .map(|(name, kind)| Lane {
                name: name.to_owned(),
                kind,
                in_proof: of_proof.contains(name) || (kind == LaneKind::World && of_proof.contains("fault")),
            })
            .collect();
        let places = lanes.iter().enumerate().map(|(place, lane)| (lane.name.clone(), place)).collect();
        Self { lanes, places }
    }

    pub(super) fn world(&self) -> usize {
        0
    }

    pub(super) fn server(&self) -> usize {
        1
    }

    pub(super) fn device(&self, device: &str) -> Option<usize> {
        self.places.get(device).copied()
    }

    /// The lanes of devices of which something is true.
    pub(super) fn devices(&self, is: impl Fn(&str) -> bool) -> Vec<usize> {
        let devices = self.lanes.iter().enumerate().filter(|(_, lane)| lane.kind == LaneKind::Device);
        devices.filter(|(_, lane)| is(&lane.name)).map(|(place, _)| place).collect()
    }

    /// The lane of whoever the teller names: faults, phases and what the history could not do are the world's.
    fn lane(&self, who: &str) -> usize {
        self.device(who).unwrap_or_else(|| self.world())
    }
}

/// Streams and correlation ids by the order of their first mention.
#[derive(Default)]
struct Tables {
    streams: Vec<StreamId>,
    correlations: Texts,
}

impl Tables {
    fn stream(&mut self, stream: StreamId) -> usize {
        self.streams.iter().position(|known| *known == stream).unwrap_or_else(|| {
            self.streams.push(stream);
            self.streams.len() - 1
        })
    }
}

/// The marks before they are written in columns.
struct Columns<'r, 't> {
    trace: &'t Trace,
    rows: &'r [Row],
    causes: &'r Causes<'t>,
    bodies: Vec<Option<String>>,
    limit: usize,
}

impl<'r, 't> Columns<'r, 't> {
    fn new(trace: &'t Trace, rows: &'r [Row], causes: &'r Causes<'t>) -> Self {
        let body_of = |row: &Row| row.entry.and_then(|entry| body(&trace.entries[entry].what));
        let bodies: Vec<Option<String>> = rows.iter().map(body_of).collect();
        let limit = body_limit(bodies.iter().flatten().map(String::as_str));
        Self { trace, rows, causes, bodies, limit }
    }

    /// How much of a body is kept, where that is less than all.
    fn shortened_to(&self) -> Option<usize> {
        self.bodies.iter().flatten().any(|body| body.len() > self.limit).then_some(self.limit)
    }

    fn fill(self, lanes: &Lanes, tables: &mut Tables) -> (Marks, Vec<String>) {
        let mut marks = Marks::default();
        let mut texts = Texts::default();
        for (row, body) in self.rows.iter().zip(&self.bodies) {
            let position = row.entry.and_then(|entry| position(&self.trace.entries[entry].what));
            let cause = row.entry.and_then(|entry| self.causes[entry]);
            marks.at.push(row.line.at);
            marks.lane.push(lanes.lane(&row.line.who));
            marks.kind.push(row.kind as usize);
            marks.text.push(texts.place(&row.line.what));
            marks.body.push(body.as_ref().map(|body| texts.place(&within(body, self.limit))));
            marks.stream.push(position.map(|(stream, _)| tables.stream(stream)));
            marks.seq.push(position.and_then(|(_, seq)| seq));
            marks.correlation.push(cause.map(|cause| tables.correlations.place(cause)));
        }
        (marks, texts.finish())
    }
}

/// The frame, request or answer itself.
fn body(what: &Observation) -> Option<String> {
    match what {
        Observation::FrameSent { frame, .. } => Some(frame.to_text()),
        Observation::FrameReceived { frame, .. } => Some(frame.text().to_owned()),
        Observation::FrameUnreadable { text, .. } => Some(text.to_string()),
        Observation::Requested { method, path, idempotency_key, body, .. } => {
            let key = idempotency_key.as_ref().map_or(String::new(), |key| format!("\nIdempotency-Key: {key}"));
            Some(format!("{method} {path}{key}\n\n{body}").trim_end().to_owned())
        }
        Observation::Answered { status, body, .. } => Some(format!("{status}\n\n{body}").trim_end().to_owned()),
        Observation::Logged { fields, .. } if !fields.is_empty() => {
            Some(fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect())
        }
        Observation::Server { change: properties::trace::ServerChange::Panicked { backtrace, .. }, .. } => {
            Some(backtrace.join("\n"))
        }
        _ => None,
    }
}

/// The stream that an observation is about, and where in it.
fn position(what: &Observation) -> Option<(StreamId, Option<u64>)> {
    match what {
        Observation::Committed { stream, seq, .. } => Some((*stream, Some(*seq))),
        Observation::FrameReceived { frame, .. } => match &**frame {
            ServerFrame::Event(event) => Some((event.stream, Some(event.seq))),
            ServerFrame::Ack(_, ack) => Some((ack.stream, Some(ack.seq))),
            ServerFrame::Subscribed(_, state) => Some((state.stream, Some(state.seq))),
            ServerFrame::Unsubscribed(_, gone) => Some((gone.stream, None)),
            ServerFrame::Typing(typing) => Some((typing.stream, None)),
            _ => None,
        },
        Observation::FrameSent { frame, .. } => match &frame.command {
            Command::Subscribe(subscribe) => Some((subscribe.stream, subscribe.position.map(|position| position.seq))),
            Command::Unsubscribe(unsubscribe) => Some((unsubscribe.stream, None)),
            Command::MessageSend(send) => Some((StreamId::Room(send.room), None)),
            Command::MessageEdit(edit) => Some((StreamId::Room(edit.room), None)),
            Command::MessageDelete(delete) => Some((StreamId::Room(delete.room), None)),
            Command::Read(read) => Some((StreamId::Room(read.room), Some(read.seq))),
            Command::Typing(typing) => Some((StreamId::Room(typing.room), None)),
            _ => None,
        },
        Observation::ReplicaBroken { stream, .. }
        | Observation::FinalLog { stream, .. }
        | Observation::FinalGone { stream } => Some((*stream, None)),
        Observation::FinalSnapshot { snapshot } => Some((snapshot.stream, Some(snapshot.seq))),
        _ => None,
    }
}
