//! `rights/expiry`: nothing is delivered past a token's end.
//!
//! An event's `timestamp` is the server's clock when it was decided, so the clock at delivery was at least that,
//! unless it was set back in between. Hence an event is passed over when the clock jumped between the commit before it
//! and its receipt. A refresh that is under way may have been applied already: until it is answered, its token counts.

use std::collections::BTreeMap;

use system::protocol::{ClientFrame, Command, Event, ServerFrame, Session, Timestamp, Tokens};

use crate::index::{Connection, Index, Operation, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};
use crate::trace::{Concern, Observation};

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
            Operation::Register | Operation::AcceptInvitation => {
                answer.object::<Session>().map(|session| session.tokens)
            }
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
            &entry.what,
            Observation::Fault { kind, .. } | Observation::FaultEffect { kind, .. } if kind.concerns == Concern::Clock
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
        observed: format!("it receives {}, committed at {}", telling::event(index.names(), event), event.timestamp),
        evidence: Story::new(index).link(token.named.1).origin(event).breaks(entry).tell(),
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{AuthRefresh, TokenRefreshed};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    /// Ana's phone has a token for one second, and two have passed.
    fn expired() -> (Scene, Timestamp) {
        let mut scene = Scene::company();
        scene.closes("ana/phone");
        let end = scene.now().plus_ms(1_000);
        scene.opens_until("ana/phone", end);
        scene.wait_ms(2_000);
        (scene, end)
    }

    fn refresh(scene: &mut Scene, end: Timestamp) {
        let tokens = Tokens {
            access_token: "a2".into(),
            access_expires_at: end,
            refresh_token: "r2".into(),
            refresh_expires_at: end,
        };
        let request = scene.asks("ana/phone", "POST", "/api/v1/auth/refresh", None, "{}");
        scene.answers("ana/phone", request, 200, &tokens);
        scene.sent("ana/phone", Some("r"), Command::AuthRefresh(AuthRefresh { token: "a2".into() }));
    }

    #[test]
    fn an_event_after_the_tokens_end_is_a_violation() {
        let (mut scene, end) = expired();
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&Expiry, &scene.ends());
        assert_eq!(
            violation.expected,
            format!("ana's phone gets nothing that was committed after its token ended at {end}")
        );
        assert_eq!(
            violation.observed,
            format!("it receives general#5 message.created \"m1\", committed at {}", event.timestamp)
        );
        assert_eq!(chain(&violation).len(), 4, "welcome, sending, commit, receipt: {:#?}", chain(&violation));
    }

    #[test]
    fn a_refresh_that_came_too_short_is_a_violation() {
        let (mut scene, end) = expired();
        let refreshed = TokenRefreshed { token_expires_at: end.plus_ms(500) };
        scene.receives("ana/phone", ServerFrame::TokenRefreshed(Some("r".into()), refreshed));
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&Expiry, &scene.ends());
        assert!(violation.expected.ends_with(&end.plus_ms(500).to_string()), "{}", violation.expected);
    }

    #[test]
    fn a_refresh_under_way_may_have_been_applied() {
        let (mut scene, end) = expired();
        refresh(&mut scene, end.plus_ms(60_000));
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        held(&Expiry, &scene.ends());
    }

    #[test]
    fn a_refresh_under_way_to_a_token_that_ended_too_excuses_nothing() {
        let (mut scene, end) = expired();
        refresh(&mut scene, end);
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        assert!(violated(&Expiry, &scene.ends()).observed.contains("general#5"));
    }

    #[test]
    fn an_event_from_before_the_clock_jumped_is_passed_over() {
        let (mut scene, _) = expired();
        let event = scene.says("ben/phone", "general", "m1");
        scene.fault("clock_jump", "the server's clock jumps back");
        scene.gets("ana/phone", &event);
        held(&Expiry, &scene.ends());
    }

    #[test]
    fn without_a_push_there_is_nothing_to_check() {
        vacuous(&Expiry, &Scene::company().ends());
    }
}
