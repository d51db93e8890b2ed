//! `rights/expiry`: nothing is delivered past a token's end.
//!
//! An event's `timestamp` is the server's clock when it was decided, so the clock at delivery was at least that,
//! unless it was set back in between. Hence an event is passed over when the clock jumped between the commit before it
//! and its receipt. A refresh that is under way may have been applied already: until it is answered, its token counts.

use std::collections::BTreeMap;

use system::protocol::{ClientFrame, Command, Event, ServerFrame, Session, Timestamp, Tokens};

use crate::index::{Connection, Index, Operation, Seen};
use crate::names::possessive;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::trace::Observation;
use crate::words;

/// See the module.
pub(crate) struct Expiry;

impl Property for Expiry {
    fn id(&self) -> &'static str {
        "rights/expiry"
    }

    fn statement(&self) -> &'static str {
        "no event that was committed after the end of a connection's token is pushed on it"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-6", "CG-5", "IT-1", "PROTOCOL 7"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that the connection is closed, and with which code; the rotation of refresh tokens; events around which the \
         server's clock jumped; events older than the token's end that are delivered after it"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no event was pushed on a connection whose token's end is known")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let tokens = expiries(index);
    let jumps = clock_jumps(index);
    let mut checked = 0;
    for connection in &index.connections {
        checked += check_connection(index, connection, &tokens, &jumps)?;
    }
    Ok(checked)
}

/// When each token that was handed out ends.
fn expiries(index: &Index<'_>) -> BTreeMap<String, Timestamp> {
    let answered = index.requests.iter().filter_map(|request| {
        let answer = request.success()?;
        match request.operation {
            Operation::Register => answer.object::<Session>().map(|session| session.tokens),
            Operation::Tokens => {
                answer.object::<Tokens>().or_else(|| answer.object::<Session>().map(|session| session.tokens))
            }
            _ => None,
        }
    });
    answered.map(|tokens| (tokens.access_token, tokens.access_expires_at)).collect()
}

/// The entries at which the server's clock jumped.
fn clock_jumps(index: &Index<'_>) -> Vec<usize> {
    let entries = index.trace.entries.iter().enumerate();
    let jumps = entries.filter(|(_, entry)| {
        matches!(
            entry.what,
            Observation::Fault { kind: "clock_jump", .. } | Observation::FaultEffect { kind: "clock_jump", .. }
        )
    });
    jumps.map(|(entry, _)| entry).collect()
}

/// What is known of the end of a connection's token.
struct Token<'t> {
    /// What the server named last, and where.
    named: (Timestamp, usize),
    /// Refreshes that are not answered yet: the end of their token, where it is known.
    under_way: BTreeMap<Option<&'t str>, Option<Timestamp>>,
}

impl Token<'_> {
    /// The latest end that the server can have applied; none where a token under way is not known.
    fn end(&self) -> Option<Timestamp> {
        self.under_way.values().try_fold(self.named.0, |latest, end| Some(latest.max((*end)?)))
    }
}

fn check_connection(
    index: &Index<'_>,
    connection: &Connection<'_>,
    tokens: &BTreeMap<String, Timestamp>,
    jumps: &[usize],
) -> Result<u64, Violation> {
    let Some((welcomed, welcome)) = connection.welcome() else { return Ok(0) };
    let mut token = Token { named: (welcome.token_expires_at, welcomed), under_way: BTreeMap::new() };
    let mut checked = 0;
    for frame in &connection.frames {
        match frame.seen {
            Seen::Sent(ClientFrame { id, command: Command::AuthRefresh(refresh) }) => {
                token.under_way.insert(id.as_deref(), tokens.get(&refresh.token).copied());
            }
            Seen::Received(ServerFrame::TokenRefreshed(id, refreshed)) => {
                token.named = (refreshed.token_expires_at, frame.entry);
                token.under_way.remove(&id.as_deref());
            }
            Seen::Received(ServerFrame::Error(id, _)) => {
                token.under_way.remove(&id.as_deref());
            }
            Seen::Received(ServerFrame::Event(event)) => {
                let Some(end) = token.end() else { continue };
                if event.timestamp > end && !jumped(index, jumps, event, frame.entry) {
                    return Err(too_late(index, connection, event, frame.entry, &token));
                }
                checked += 1;
            }
            _ => {}
        }
    }
    Ok(checked)
}

/// Whether the server's clock can have jumped between the decision for an event and its receipt.
fn jumped(index: &Index<'_>, jumps: &[usize], event: &Event, received: usize) -> bool {
    let committed = index.log.committed(event.stream, event.seq);
    let decided_after = committed.map_or(0, |entry| index.log.decided_after(entry));
    jumps.iter().any(|jump| (decided_after..=received).contains(jump))
}

fn too_late(
    index: &Index<'_>,
    connection: &Connection<'_>,
    event: &Event,
    entry: usize,
    token: &Token<'_>,
) -> Violation {
    let end = token.end().unwrap_or(token.named.0);
    Violation {
        expected: format!(
            "{} gets nothing that was committed after its token ended at {end}",
            possessive(connection.device)
        ),
        observed: format!("it receives {}, committed at {}", words::event(index, event), event.timestamp),
        evidence: Story::new(index).link(token.named.1).origin(event).breaks(entry).tell(),
    }
}
