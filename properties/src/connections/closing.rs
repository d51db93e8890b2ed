//! `connections/closing`: nobody is sent away without a reason, nor for good who may come back.
//!
//! Each close code has its cause (PROTOCOL.md, "Close codes", and the texts of [`CloseCode`]); each cause is something that a
//! trace tells of. A code may come late, as everything does, so a cause counts from the connection's beginning on. What the
//! server says before it closes must fit: the same code, and `reconnect` as the code has it.

use system::protocol::{CloseCode, ServerFrame};

use crate::index::{APART_MS, Connection, Index, Seen, Window};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::{At, Observation};

/// See the module.
pub(crate) struct Closing;

/// How many connections of one user there may be, as `limits.connections_per_user` is by default.
const CONNECTIONS_PER_USER: usize = 64;

/// How many frames may come at once and be throttled, as `limits.frames_burst` and `limits.frames_throttled` are by default.
const FRAMES: usize = 1_000 + 2_000;

/// How long a stop may take after its first goodbye, and how long it may take to be heard: `shutdown.deadline_ms`, and what
/// a network holds back.
const STOP_MS: u64 = 30_000;

/// How long a handshake may have been under way before the `hello`, which is the first that a trace tells of it.
const HANDSHAKE_MS: u64 = 1_000;

/// After how long a silence a connection is dead (PROTOCOL.md, promise 10).
const SILENCE_MS: u64 = 25_000;

/// How long ago what held a connection up may have been: the silence, and half a minute until it is heard of.
const AFTERMATH_MS: u64 = SILENCE_MS + 35_000;

impl Property for Closing {
    fn id(&self) -> &'static str {
        "connections/closing"
    }

    fn statement(&self) -> &'static str {
        "the server closes a connection only with a code of the protocol, when that code's cause holds, and as it \
         announced; with a terminal one only who has no way back by this session"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-8", "WS-10", "WS-12", "WS-16", "WS-6", "IT-8", "CG-4"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that a connection is closed which should be (connections/expired-closed, connections/shutdown and \
         tokens/ended-sessions do), nor why one ends without a code; 1000, which answers the device's own goodbye"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "the server closed no connection")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        let announced = check_announcement(index, connection)?;
        let Some(closed) = connection.closed else { continue };
        let Observation::ConnectionClosed { code: Some(number), .. } = index.what(closed) else { continue };
        let case = Case { index, connection, closed, number: *number, announced };
        case.check()?;
        checked += 1;
    }
    Ok(checked)
}

/// What was announced last, with its entry.
type Announced = Option<(usize, u16)>;

/// A `closing` says of its code what the code says of itself.
fn check_announcement(index: &Index<'_>, connection: &Connection<'_>) -> Result<Announced, Violation> {
    let mut announced = None;
    for (entry, frame) in connection.received() {
        let ServerFrame::Closing(closing) = frame else { continue };
        if closing.reconnect != CloseCode::reconnect(closing.code) {
            let (may, says) = if closing.reconnect { ("stay away", "come back") } else { ("come back", "stay away") };
            return Err(Violation {
                expected: format!("who is closed with {} is told to {may}", closing.code),
                observed: format!("{} is told to {says}", possessive(connection.device)),
                evidence: Story::new(index).breaks(entry).tell(),
            });
        }
        announced = Some((entry, closing.code));
    }
    Ok(announced)
}

/// One connection that was closed with a code.
struct Case<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
    closed: usize,
    number: u16,
    announced: Announced,
}

impl Case<'_, '_> {
    fn check(&self) -> Result<(), Violation> {
        let Some(code) = CloseCode::ALL.into_iter().find(|code| code.number() == self.number) else {
            return Err(self.violation("is closed with a code of the protocol"));
        };
        if let Some((_, announced)) = self.announced
            && announced != self.number
            && code != CloseCode::Normal
            && !self.index.troubles().server_was_away(self.began(), self.ended())
        {
            return Err(self.violation(&format!("is closed with {announced}, as it was told")));
        }
        match self.missing(code) {
            Some(missing) => Err(self.violation(&missing)),
            None => Ok(()),
        }
    }

    /// What should have been instead, where the code has no cause.
    fn missing(&self, code: CloseCode) -> Option<String> {
        let unless = |cause: bool, why: &str| (!cause).then(|| format!("is closed with {} only {why}", self.number));
        match code {
            CloseCode::Normal => None,
            CloseCode::GoingAway | CloseCode::ServiceRestart => {
                unless(self.the_server_stops(), "when the server stops")
            }
            CloseCode::ProtocolError | CloseCode::UnsupportedData | CloseCode::InvalidData | CloseCode::TooLarge => {
                Some("is never closed for what it sends: all of it is of the protocol".to_owned())
            }
            CloseCode::PolicyViolation => unless(self.connection.welcome().is_none(), "before it was welcomed"),
            CloseCode::Internal => Some("is never closed for a mistake of the server's".to_owned()),
            CloseCode::TryAgainLater | CloseCode::Superseded | CloseCode::LimitReached => {
                unless(self.siblings() >= CONNECTIONS_PER_USER, "when the user has as many connections as one may have")
            }
            CloseCode::TokenExpired => unless(self.the_token_may_be_over(), "when its token is over"),
            CloseCode::SlowConsumer => unless(!self.is_calm(), "when something keeps it from reading"),
            CloseCode::HeartbeatLost => {
                unless(!self.is_calm() && self.was_silent(), "when nothing was heard of it for 25 s")
            }
            CloseCode::RateLimited => unless(self.sent() > FRAMES, "when it sends too fast"),
            CloseCode::Unauthorized => unless(self.a_session_ended(), "when its session was ended"),
            CloseCode::Forbidden => unless(self.the_user_was_deactivated(), "when its user was deactivated"),
        }
    }

    fn began(&self) -> At {
        self.index.at(self.connection.frames.first().map_or(self.closed, |frame| frame.entry))
    }

    fn ended(&self) -> At {
        self.index.at(self.closed)
    }

    fn the_server_stops(&self) -> bool {
        let (from, to) = (self.began().0.saturating_sub(STOP_MS * 1_000), self.ended().0 + STOP_MS * 1_000);
        self.index.troubles().server_was_away(At(from), At(to))
    }

    /// Nothing can have held the connection up.
    fn is_calm(&self) -> bool {
        self.index.troubles().calm(Some(self.connection.device), self.began(), self.ended(), AFTERMATH_MS)
    }

    /// Whether the device can have been silent for so long, by its own account: its last frame is that old, or older ones
    /// did not get through.
    fn was_silent(&self) -> bool {
        self.ended().0.saturating_sub(self.began().0) >= SILENCE_MS * 1_000
    }

    fn sent(&self) -> usize {
        self.connection
            .frames
            .iter()
            .filter(|frame| !matches!(frame.seen, Seen::Received(_) | Seen::Unreadable))
            .count()
    }

    /// How many connections the user had that can have been there when this one ended.
    fn siblings(&self) -> usize {
        let user = self.user();
        let began = |other: &Connection<'_>| other.frames.first().is_some_and(|frame| frame.entry < self.closed);
        let might_live = |other: &Connection<'_>| {
            other.closed.is_none_or(|closed| self.index.at(closed).0 + AFTERMATH_MS * 1_000 >= self.ended().0)
        };
        let of_user =
            |other: &&Connection<'_>| user.is_some() && self.index.users.get(&**other.device) == user.as_ref();
        self.index.connections.iter().filter(of_user).filter(|other| began(other) && might_live(other)).count()
    }

    fn user(&self) -> Option<system::protocol::UserId> {
        self.connection.user.or_else(|| self.index.users.get(&**self.connection.device).copied())
    }

    /// By the server's clock, which can have read no more when it closed than at the welcome and all the time since the
    /// `hello`.
    fn the_token_may_be_over(&self) -> bool {
        let Some((_, welcome)) = self.connection.welcome() else { return true };
        let Some(hello) = self.connection.hello() else { return true };
        let (from, to) = (self.index.at(hello), self.ended());
        if !self.index.troubles().clock_is_true(from, to) {
            return true;
        }
        let read_at_most = welcome.server_time.plus_ms((to.0 - from.0).div_ceil(1_000) + APART_MS);
        let refreshed = self.connection.received().filter_map(|(_, frame)| match frame {
            ServerFrame::TokenRefreshed(_, refreshed) => Some(refreshed.token_expires_at),
            _ => None,
        });
        read_at_most >= refreshed.last().unwrap_or(welcome.token_expires_at)
    }

    fn a_session_ended(&self) -> bool {
        let sessions = self.index.handed();
        let mine = match self.connection.welcome() {
            Some((_, welcome)) => sessions.ended(welcome.session).is_some_and(|ended| ended.span.from <= self.closed),
            // Which session opened it nobody told: any of the user's.
            None => self.user().is_none_or(|user| sessions.any_ended(user, self.closed)),
        };
        mine || !self.index.log.is_complete() || self.the_user_was_deactivated()
    }

    /// The first entry at which the connection may have been there.
    fn handshake(&self) -> usize {
        let begun = At(self.began().0.saturating_sub(HANDSHAKE_MS * 1_000));
        self.index.trace.entries.partition_point(|entry| entry.at < begun)
    }

    fn the_user_was_deactivated(&self) -> bool {
        let Some(user) = self.user() else { return true };
        let window = Window::between(self.handshake(), self.closed);
        !self.index.log.is_complete()
            || self.index.rights.standing(user).is_none_or(|standing| standing.could(window, |held| !held.active))
    }

    fn violation(&self, expected: &str) -> Violation {
        Violation {
            expected: format!("{} {expected}", possessive(self.connection.device)),
            observed: match CloseCode::reconnect(self.number) {
                true => format!("it is closed with {}", self.number),
                false => format!("it is closed with {}, which tells it not to come back", self.number),
            },
            evidence: Story::new(self.index)
                .link(self.connection.welcome().map(|(entry, _)| entry))
                .link(self.announced.map(|(entry, _)| entry))
                .breaks(self.closed)
                .tell(),
        }
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{self, EventBody, SessionId, SessionRevoked, StreamId};
    use uuid::Uuid;

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};
    use crate::trace::ServerChange;

    fn told(scene: &mut Scene, code: u16, reconnect: bool) {
        let closing = protocol::Closing { code, reconnect, retry_after_ms: 200 };
        scene.receives("ana/phone", ServerFrame::Closing(closing));
    }

    /// Ana's phone is closed with a code for which there is no cause.
    #[track_caller]
    fn without_cause(code: CloseCode, expected: &str) {
        let mut scene = Scene::company();
        scene.is_closed("ana/phone", code.number());
        let violation = violated(&Closing, &scene.ends());
        assert_eq!(violation.expected, format!("ana's phone {expected}"));
    }

    #[test]
    fn a_code_without_its_cause_is_a_violation() {
        without_cause(CloseCode::GoingAway, "is closed with 1001 only when the server stops");
        without_cause(CloseCode::ServiceRestart, "is closed with 1012 only when the server stops");
        without_cause(CloseCode::TooLarge, "is never closed for what it sends: all of it is of the protocol");
        without_cause(CloseCode::PolicyViolation, "is closed with 1008 only before it was welcomed");
        without_cause(CloseCode::Internal, "is never closed for a mistake of the server's");
        without_cause(CloseCode::TokenExpired, "is closed with 4001 only when its token is over");
        without_cause(CloseCode::SlowConsumer, "is closed with 4008 only when something keeps it from reading");
        without_cause(CloseCode::HeartbeatLost, "is closed with 4009 only when nothing was heard of it for 25 s");
        without_cause(CloseCode::RateLimited, "is closed with 4029 only when it sends too fast");
        without_cause(CloseCode::Unauthorized, "is closed with 4501 only when its session was ended");
        without_cause(CloseCode::Forbidden, "is closed with 4503 only when its user was deactivated");
        let limit = "only when the user has as many connections as one may have";
        without_cause(CloseCode::Superseded, &format!("is closed with 4030 {limit}"));
        without_cause(CloseCode::LimitReached, &format!("is closed with 4513 {limit}"));
    }

    #[test]
    fn a_shutdown_that_sends_people_away_for_good_is_a_violation() {
        let mut scene = Scene::company();
        scene.fault("restart", "restart the server, down for 0.500 s");
        told(&mut scene, 4513, false);
        scene.is_closed("ana/phone", 4513);
        scene.server(ServerChange::Stopped);
        let violation = violated(&Closing, &scene.ends());
        assert_eq!(violation.observed, "it is closed with 4513, which tells it not to come back");
        assert_eq!(chain(&violation).len(), 4, "welcome, fault, announcement, end: {:#?}", chain(&violation));
    }

    #[test]
    fn a_code_of_nobodys_is_a_violation() {
        let mut scene = Scene::company();
        scene.is_closed("ana/phone", 4999);
        assert_eq!(violated(&Closing, &scene.ends()).expected, "ana's phone is closed with a code of the protocol");
    }

    #[test]
    fn an_announcement_that_does_not_fit_is_a_violation() {
        let mut scene = Scene::company();
        told(&mut scene, 1012, false);
        let violation = violated(&Closing, &scene.ends());
        assert_eq!(violation.expected, "who is closed with 1012 is told to come back");
        let mut scene = Scene::company();
        scene.fault("cut", "cut ana/phone");
        told(&mut scene, 4008, true);
        scene.is_closed("ana/phone", 4009);
        assert_eq!(violated(&Closing, &scene.ends()).expected, "ana's phone is closed with 4008, as it was told");
    }

    #[test]
    fn a_token_that_is_over_a_moment_later_is_no_cause() {
        let closed = |after_ms| {
            let mut scene = Scene::company();
            scene.closes("ana/phone");
            let end = scene.now().plus_ms(1_000);
            scene.opens_until("ana/phone", end);
            scene.wait_ms(after_ms);
            scene.is_closed("ana/phone", 4001);
            scene.ends()
        };
        assert!(violated(&Closing, &closed(800)).expected.ends_with("only when its token is over"));
        held(&Closing, &closed(1_100));
    }

    #[test]
    fn each_code_with_its_cause_holds() {
        let mut scene = Scene::company();
        let stream = StreamId::User(scene.user("ana"));
        let session = SessionId(Uuid::from_u128(9));
        scene.fault("clock_jump", "the server's clock jumps forward by 90.000 s");
        scene.is_closed("ben/phone", 4001);
        scene.commit("ana", vec![(stream, EventBody::SessionRevoked(SessionRevoked { session }))]);
        told(&mut scene, 4501, false);
        scene.is_closed("ana/phone", 4501);
        scene.opens("ana/phone");
        scene.fault("cut", "cut ana/phone");
        scene.wait_ms(26_000);
        scene.is_closed("ana/phone", 4009);
        scene.opens("ana/phone");
        scene.is_closed("ana/phone", 4008);
        scene.opens("ana/phone");
        scene.server(ServerChange::Stopped);
        scene.is_closed("ana/phone", 1012);
        scene.opens("ana/phone");
        scene.changes("auditor", "ana", |user| user.active = false);
        scene.is_closed("ana/phone", 4503);
        held(&Closing, &scene.ends());
    }

    #[test]
    fn where_nobody_is_closed_there_is_nothing_to_check() {
        let trace = crate::trace::Trace::default();
        vacuous(&Closing, &trace);
    }
}
