//! `connections/expired-closed`: whose token ends is told so before, may take another, and else is closed with the code for it.
//!
//! The contract: a warning 60 s before a token's end, or halfway for shorter ones; after the end nothing is delivered, and the
//! connection is closed with 4001. The server's clock is known from the welcome: at its receipt it had read at least
//! `server_time`, at the hello at most that. So nothing is judged around a change of that clock, nor while something holds
//! the connection up or the server.

use system::protocol::{CloseCode, Event, ServerFrame, Timestamp};

use crate::index::{Connection, Index};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::{At, Observation};

/// See the module.
pub(crate) struct ExpiredClosed;

/// How long before its end a token is warned of, at most (PROTOCOL.md, promise 7).
const WARNING_MS: u64 = 60_000;

/// How long after its time a warning or a close may come where nothing holds it up: the network's latency and a look at the
/// clock.
const LATE_MS: u64 = 3_000;

/// How long ago what held the connection up must have ended: what was lost six times has come by then.
const AFTERMATH_MS: u64 = 15_000;

impl Property for ExpiredClosed {
    fn id(&self) -> &'static str {
        "connections/expired-closed"
    }

    fn statement(&self) -> &'static str {
        "a connection is warned before its token ends, neither earlier than 60 s nor after half of its time, and closed \
         with 4001 when it has ended and no other was put in its place"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-6", "CG-5", "IT-1", "PROTOCOL 7"]
    }

    fn does_not_verify(&self) -> &'static str {
        "connections that are held up, and tokens around whose time the server's clock is changed; that nothing is \
         delivered past the end, which rights/expiry does at all times"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no connection lived until its token was to be warned of")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        let (Some(hello), Some((welcomed, welcome))) = (connection.hello(), connection.welcome()) else { continue };
        let token = Token::new(welcomed, welcome.server_time, welcome.token_expires_at);
        let case = Case { index, connection, hello, welcomed, server_time: welcome.server_time };
        checked += case.check(token)?;
    }
    Ok(checked)
}

/// The token that a connection lives on.
struct Token {
    /// Where it was named.
    named: usize,
    /// Its end.
    ends_at: Timestamp,
    /// How long it was good for when it was named, at least.
    left_ms: u64,
    /// Where it was warned of.
    warned: Option<usize>,
}

impl Token {
    fn new(named: usize, now: Timestamp, ends_at: Timestamp) -> Self {
        Self { named, ends_at, left_ms: ends_at.ms_since(now), warned: None }
    }

    /// When it must have been warned of: it is good for at least as long as it was when it was named.
    fn warning_due(&self) -> Timestamp {
        let before_ms = WARNING_MS.min(self.left_ms / 2);
        Timestamp(self.ends_at.0.saturating_sub_unsigned(before_ms))
    }
}

struct Case<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
    hello: usize,
    welcomed: usize,
    server_time: Timestamp,
}

impl Case<'_, '_> {
    fn check(&self, mut token: Token) -> Result<u64, Violation> {
        let mut checked = 0;
        for (entry, frame) in self.connection.received().filter(|(entry, _)| *entry > self.welcomed) {
            if !self.is_judged(entry) {
                return Ok(checked);
            }
            match frame {
                ServerFrame::TokenRefreshed(_, refreshed) => {
                    token = Token::new(entry, self.at_most(entry), refreshed.token_expires_at);
                    continue;
                }
                ServerFrame::TokenExpiring(expiring) if expiring.expires_at == token.ends_at => {
                    let early_ms = token.ends_at.ms_since(self.at_most(entry).plus_ms(WARNING_MS));
                    if early_ms > 0 {
                        let observed = format!("it is, {early_ms} ms earlier");
                        let expected = "is warned of its token's end at most 60 s before";
                        return Err(self.violation(&token, expected, observed, entry));
                    }
                    token.warned = Some(entry);
                    checked += 1;
                }
                ServerFrame::Event(event) if token.warned.is_none() && self.is_news(event) => {
                    let late_ms = event.timestamp.ms_since(token.warning_due());
                    if late_ms > LATE_MS {
                        let observed = format!("at {} it was not, and got more", event.timestamp);
                        let expected = format!("is warned by {} of its token's end", token.warning_due());
                        return Err(self.violation(&token, &expected, observed, entry));
                    }
                }
                _ => {}
            }
            let over_ms = self.at_least(entry).ms_since(token.ends_at);
            if over_ms > LATE_MS {
                let observed = format!("it is open still, {over_ms} ms after");
                return Err(self.violation(&token, "is closed when its token ends", observed, entry));
            }
        }
        self.check_close(&token).map(|closed| checked + closed)
    }

    fn check_close(&self, token: &Token) -> Result<u64, Violation> {
        let Some(closed) = self.connection.closed.filter(|closed| self.is_judged(*closed)) else { return Ok(0) };
        let Observation::ConnectionClosed { code: Some(code), .. } = self.index.what(closed) else { return Ok(0) };
        if *code != CloseCode::TokenExpired.number() {
            return Ok(0);
        }
        if token.warned.is_none() && token.left_ms > 2 * LATE_MS {
            let expected = "is warned before it is closed for its token";
            return Err(self.violation(token, expected, "it was not".to_owned(), closed));
        }
        let over_ms = self.at_least(closed).ms_since(token.ends_at);
        if over_ms > LATE_MS {
            let observed = format!("it is closed {over_ms} ms after");
            return Err(self.violation(token, "is closed when its token ends", observed, closed));
        }
        Ok(1)
    }

    /// What is replayed was dated by the clock as it was then.
    fn is_news(&self, event: &Event) -> bool {
        let committed = self.index.log.committed(event.stream, event.seq);
        committed.is_some_and(|committed| committed > self.welcomed)
    }

    /// Nothing holds the connection up from its beginning to an entry, nor is the server's clock changed.
    fn is_judged(&self, entry: usize) -> bool {
        let (from, to) = (self.index.at(self.hello), self.index.at(entry));
        let troubles = self.index.troubles();
        troubles.clock_is_true(from, to) && troubles.calm(Some(self.connection.device), from, to, AFTERMATH_MS)
    }

    /// What the server's clock had read at least when something was observed.
    fn at_least(&self, entry: usize) -> Timestamp {
        self.server_time.plus_ms(ms_between(self.index.at(self.welcomed), self.index.at(entry)))
    }

    /// What it had read at most.
    fn at_most(&self, entry: usize) -> Timestamp {
        self.server_time.plus_ms(ms_between(self.index.at(self.hello), self.index.at(entry)) + 1)
    }

    fn violation(&self, token: &Token, expected: &str, observed: String, breaks: usize) -> Violation {
        Violation {
            expected: format!("{} {expected}", possessive(self.connection.device)),
            observed,
            evidence: Story::new(self.index).link(token.named).link(token.warned).breaks(breaks).tell(),
        }
    }
}

fn ms_between(from: At, to: At) -> u64 {
    to.0.saturating_sub(from.0) / 1_000
}

#[cfg(test)]
mod tests {
    use system::protocol::{TokenExpiring, TokenRefreshed};

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    /// Ana's phone has a token for 20 s from now on.
    fn scene() -> (Scene, Timestamp) {
        let mut scene = Scene::company();
        scene.closes("ana/phone");
        let end = scene.now().plus_ms(20_000);
        scene.opens_until("ana/phone", end);
        (scene, end)
    }

    fn warns(scene: &mut Scene, expires_at: Timestamp) {
        scene.receives("ana/phone", ServerFrame::TokenExpiring(TokenExpiring { expires_at }));
    }

    #[test]
    fn a_connection_that_is_not_warned_is_a_violation() {
        let (mut scene, _) = scene();
        scene.wait_ms(14_000);
        let event = scene.says("ben/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&ExpiredClosed, &scene.ends());
        assert!(violation.expected.starts_with("ana's phone is warned by "), "{violation:#?}");
        let (mut scene, _) = self::scene();
        scene.wait_ms(20_000);
        scene.is_closed("ana/phone", 4001);
        let violation = violated(&ExpiredClosed, &scene.ends());
        assert_eq!(violation.expected, "ana's phone is warned before it is closed for its token");
    }

    #[test]
    fn a_warning_that_comes_far_too_early_is_a_violation() {
        let mut scene = Scene::company();
        scene.closes("ana/phone");
        let end = scene.now().plus_ms(90_000);
        scene.opens_until("ana/phone", end);
        warns(&mut scene, end);
        let violation = violated(&ExpiredClosed, &scene.ends());
        assert_eq!(violation.expected, "ana's phone is warned of its token's end at most 60 s before");
    }

    #[test]
    fn a_connection_that_outlives_its_token_is_a_violation() {
        let (mut scene, end) = scene();
        scene.wait_ms(10_000);
        warns(&mut scene, end);
        scene.wait_ms(14_000);
        scene.receives("ana/phone", ServerFrame::Ping);
        let violation = violated(&ExpiredClosed, &scene.ends());
        assert_eq!(violation.expected, "ana's phone is closed when its token ends");
        assert!(violation.observed.starts_with("it is open still, 4"), "{violation:#?}");
    }

    #[test]
    fn a_connection_that_is_closed_late_is_a_violation() {
        let (mut scene, end) = scene();
        scene.wait_ms(10_000);
        warns(&mut scene, end);
        scene.wait_ms(15_000);
        scene.is_closed("ana/phone", 4001);
        assert!(violated(&ExpiredClosed, &scene.ends()).observed.starts_with("it is closed 5"));
    }

    #[test]
    fn a_warning_a_refresh_and_an_end_in_time_hold() {
        let (mut scene, end) = scene();
        scene.wait_ms(11_000);
        warns(&mut scene, end);
        let refreshed = TokenRefreshed { token_expires_at: end.plus_ms(20_000) };
        scene.receives("ana/phone", ServerFrame::TokenRefreshed(Some("r".into()), refreshed));
        scene.wait_ms(19_000);
        warns(&mut scene, end.plus_ms(20_000));
        scene.wait_ms(10_500);
        scene.is_closed("ana/phone", 4001);
        held(&ExpiredClosed, &scene.ends());
    }

    #[test]
    fn what_is_held_up_or_meets_another_clock_is_passed_over() {
        for (fault, text) in [("cut", "cut ana/phone"), ("clock_jump", "the server's clock jumps")] {
            let (mut scene, _) = scene();
            scene.fault(fault, text);
            scene.wait_ms(30_000);
            scene.receives("ana/phone", ServerFrame::Ping);
            vacuous(&ExpiredClosed, &scene.ends());
        }
    }

    #[test]
    fn where_no_token_comes_near_its_end_there_is_nothing_to_check() {
        vacuous(&ExpiredClosed, &Scene::company().ends());
    }
}
