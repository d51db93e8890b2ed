//! What went over the wire: from the device to the server and back, and from the commit to whoever was pushed it.
//!
//! A trace is what devices and the server's log tell. So the moment at which something was at the server is known only where
//! it led to a commit. For everything else an arrow turns halfway between what is known, and says so by having no mark there.

use std::collections::BTreeMap;

use properties::trace::{At, Observation, Trace};
use system::protocol::{ServerFrame, StreamId};

use super::causes::Causes;
use super::exchanges::Exchange;
use super::model::{Arrow, ArrowKind};

/// Draws the arrows of a trace. `mark` is the mark of a place in the trace, if it has one.
pub(super) fn arrows(
    trace: &Trace,
    exchanges: &[Exchange],
    causes: &Causes<'_>,
    mark: impl Fn(usize) -> Option<usize>,
) -> Vec<Arrow> {
    let mut sendings: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for exchange in exchanges {
        if let Some(cause) = causes[exchange.sent] {
            sendings.entry(cause).or_default().push(exchange.sent);
        }
    }
    let wire = Wire { trace, causes, commits: Commits::of(trace, causes), sendings };
    let mut arrows = Vec::new();
    let mut draw = |kind, entry, server: Server| {
        if let Some(place) = mark(entry) {
            let server_mark = server.commit.and_then(&mark);
            arrows.push(Arrow { kind, mark: place, server_mark, server_at: server.at });
        }
    };
    for exchange in exchanges {
        let server = wire.server(exchange);
        match (exchange.answered, server.commit) {
            (Some(answered), _) => {
                draw(ArrowKind::Request, exchange.sent, server);
                draw(ArrowKind::Answer, answered, server);
            }
            // That it was committed is how one knows that it arrived.
            (None, Some(_)) => draw(ArrowKind::Request, exchange.sent, server),
            (None, None) => draw(ArrowKind::Lost, exchange.sent, server),
        }
    }
    for (entry, server) in wire.pushes(exchanges) {
        draw(ArrowKind::Push, entry, server);
    }
    arrows.sort_by_key(|arrow| arrow.mark);
    arrows
}

/// When something was at the server, and the commit that says so.
#[derive(Clone, Copy)]
struct Server {
    at: At,
    commit: Option<usize>,
}

struct Wire<'t> {
    trace: &'t Trace,
    causes: &'t Causes<'t>,
    commits: Commits<'t>,
    /// Where what has a correlation id was asked.
    sendings: BTreeMap<&'t str, Vec<usize>>,
}

impl Wire<'_> {
    fn at(&self, entry: usize) -> At {
        self.trace.entries[entry].at
    }

    fn server(&self, exchange: &Exchange) -> Server {
        let cause = self.causes[exchange.sent];
        let commit = cause.and_then(|cause| self.commits.by_cause.get(cause)).copied();
        // What was sent again before the commit came by the later sending.
        let later = |commit: &usize| self.sent_again(exchange).is_some_and(|again| again < *commit);
        let commit = commit.filter(|commit| !later(commit));
        let end = exchange.answered.unwrap_or(self.trace.entries.len());
        // The answer to a repeat names what was done long ago.
        let commit = commit.filter(|commit| (exchange.sent..end).contains(commit));
        let sent = self.at(exchange.sent);
        let at = match (commit, exchange.answered) {
            (Some(commit), _) => self.at(commit).max(sent),
            (None, Some(answered)) => halfway(sent, self.at(answered)),
            (None, None) => sent,
        };
        Server { at, commit }
    }

    /// Where the same thing was sent once more.
    fn sent_again(&self, exchange: &Exchange) -> Option<usize> {
        let cause = self.causes[exchange.sent]?;
        self.sendings.get(cause)?.iter().copied().find(|sent| *sent > exchange.sent)
    }

    /// Pushed events, each with where it came from: its commit, or the moment at which the server began to deliver.
    fn pushes(&self, exchanges: &[Exchange]) -> Vec<(usize, Server)> {
        let asked: BTreeMap<usize, &Exchange> =
            exchanges.iter().filter_map(|exchange| Some((exchange.answered?, exchange))).collect();
        // Since when the server delivers a stream on a connection; without a stream: anything at all.
        let mut since: BTreeMap<(&str, u32, Option<StreamId>), At> = BTreeMap::new();
        let mut pushes = Vec::new();
        for (entry, observed) in self.trace.entries.iter().enumerate() {
            let Observation::FrameReceived { device, connection, frame, .. } = &observed.what else { continue };
            let began = || asked.get(&entry).map_or(observed.at, |exchange| self.server(exchange).at);
            match &**frame {
                ServerFrame::Welcome(..) => {
                    since.insert((device, *connection, None), began());
                }
                ServerFrame::Subscribed(_, state) => {
                    since.insert((device, *connection, Some(state.stream)), began());
                }
                ServerFrame::Event(event) => {
                    let of = |stream| since.get(&(&**device, *connection, stream)).copied();
                    let began = of(Some(event.stream)).or_else(|| of(None));
                    let commit = self.commits.by_place.get(&(event.stream, event.seq)).copied();
                    let commit = commit.filter(|commit| *commit < entry);
                    let committed = commit.map(|commit| self.at(commit));
                    let fresh = committed >= began;
                    let at = committed.max(began).unwrap_or(observed.at).min(observed.at);
                    pushes.push((entry, Server { at, commit: commit.filter(|_| fresh) }));
                }
                _ => {}
            }
        }
        pushes
    }
}

/// The commits of a trace.
struct Commits<'t> {
    by_place: BTreeMap<(StreamId, u64), usize>,
    /// The first under each correlation id.
    by_cause: BTreeMap<&'t str, usize>,
}

impl<'t> Commits<'t> {
    fn of(trace: &Trace, causes: &Causes<'t>) -> Self {
        let mut commits = Self { by_place: BTreeMap::new(), by_cause: BTreeMap::new() };
        for (entry, observed) in trace.entries.iter().enumerate() {
            let Observation::Committed { stream, seq, .. } = observed.what else { continue };
            commits.by_place.insert((stream, seq), entry);
            if let Some(cause) = causes[entry] {
                commits.by_cause.entry(cause).or_insert(entry);
            }
        }
        commits
    }
}

fn halfway(from: At, to: At) -> At {
    At(from.0 + to.0.saturating_sub(from.0) / 2)
}
