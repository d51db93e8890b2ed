//! `tokens/ended-sessions`: a session that was ended opens nothing any more, and what it had opened is closed.
//!
//! A logout, a change of the password, the reuse of a refresh token and a deactivation end sessions; each is told by a
//! `session.revoked` on its user's stream, so that "after the end" is a place in the log. What a device asks after that
//! was told is asked of a server that knows.

use system::protocol::{ServerFrame, SessionId};

use crate::index::{Connection, Ended, Handed, Index};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::{self, possessive};

/// See the module.
pub(crate) struct EndedSessions;

/// How long a frame that had left before the end, and the word of the end itself, may be on their way where nothing holds
/// them up, and a bus that is late beside.
const ON_THE_WAY_MS: u64 = 3_000;

impl Property for EndedSessions {
    fn id(&self) -> &'static str {
        "tokens/ended-sessions"
    }

    fn statement(&self) -> &'static str {
        "after the end of a session its refresh tokens get nothing, no connection is welcomed by it, no later event is \
         pushed on those that it had opened, and these are closed"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-5", "IT-1", "WS-5", "PROTOCOL 6"]
    }

    fn does_not_verify(&self) -> &'static str {
        "requests with an access token of the session, for a trace does not tell which token a request bears; sessions of \
         deactivated users, of which rights/revocation and connections/closing know"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no session was ended of which a device knew")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for (session, refreshes) in index.handed().refreshes() {
        let Some(ended) = index.handed().ended(session) else { continue };
        for refresh in refreshes.iter().filter(|refresh| refresh.sent > ended.span.to) {
            if let Some((answered, Handed::Token(..))) = refresh.handed {
                return Err(Violation {
                    expected: format!("{} gets no token of a session that was ended", possessive(refresh.device)),
                    observed: "it gets one".to_owned(),
                    evidence: Story::new(index)
                        .commit(ended.stream, ended.seq)
                        .link(refresh.sent)
                        .breaks(answered)
                        .tell(),
                });
            }
            checked += 1;
        }
    }
    for connection in &index.connections {
        let Some((welcomed, welcome)) = connection.welcome() else { continue };
        let Some(ended) = index.handed().ended(welcome.session) else { continue };
        let case = Case { index, connection, session: welcome.session, ended };
        case.is_not_welcomed(welcomed)?;
        case.gets_nothing(welcomed)?;
        checked += 1;
    }
    Ok(checked)
}

/// A connection that was opened by a session that ended.
struct Case<'i, 't> {
    index: &'i Index<'t>,
    connection: &'i Connection<'t>,
    session: SessionId,
    ended: Ended,
}

impl Case<'_, '_> {
    fn is_not_welcomed(&self, welcomed: usize) -> Result<(), Violation> {
        let Some(hello) = self.connection.hello().filter(|hello| *hello > self.ended.span.to) else { return Ok(()) };
        Err(self.violation("is not welcomed by a session that was ended", "it is", Some(hello), welcomed))
    }

    fn gets_nothing(&self, welcomed: usize) -> Result<(), Violation> {
        let index = self.index;
        let told = self.ended.span.to;
        let late = index.at(told.min(index.trace.entries.len() - 1)).0 + ON_THE_WAY_MS * 1_000;
        for (entry, frame) in self.connection.received().filter(|(entry, _)| *entry > told) {
            if let ServerFrame::Event(event) = frame
                && let Some(committed) = index.log.committed(event.stream, event.seq)
                && index.log.decided_after(committed) >= told
            {
                let observed = format!("it receives {}", telling::event(index.names(), event));
                return Err(self.violation("gets nothing that came after its session's end", &observed, None, entry));
            }
            let at = index.at(entry);
            // A welcome, too, may be held up from before the end until long after.
            let begun = index.at(self.connection.hello().unwrap_or(welcomed).min(told));
            let is_calm = || index.troubles().calm(Some(self.connection.device), begun, at, 0);
            if at.0 > late && is_calm() {
                let observed = format!("it is open still, {} after", crate::trace::At(at.0 - index.at(told).0));
                return Err(self.violation("is closed when its session ends", &observed, None, entry));
            }
        }
        Ok(())
    }

    fn violation(&self, expected: &str, observed: &str, link: Option<usize>, breaks: usize) -> Violation {
        let opened = self.index.sessions.get(&self.session).map(|device| format!(", which {device} had opened"));
        Violation {
            expected: format!("a connection of {} {expected}{}", self.connection.device, opened.unwrap_or_default()),
            observed: observed.to_owned(),
            evidence: Story::new(self.index)
                .link(self.connection.welcome().map(|(entry, _)| entry))
                .commit(self.ended.stream, self.ended.seq)
                .link(link)
                .breaks(breaks)
                .tell(),
        }
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{CloseCode, ErrorCode, Event, EventBody, SessionRevoked, StreamId};
    use uuid::Uuid;

    use super::*;
    use crate::scene::{Scene, held, vacuous, violated};

    /// The session of a scene's connections.
    fn ends(scene: &mut Scene, session: SessionId) -> Event {
        let stream = StreamId::User(scene.user("ana"));
        scene.commit("ana", vec![(stream, EventBody::SessionRevoked(SessionRevoked { session }))]).remove(0)
    }

    /// Ana's phone is connected by this session, and it ends.
    fn ended() -> Scene {
        let mut scene = Scene::company();
        let event = ends(&mut scene, SessionId(Uuid::from_u128(9)));
        scene.gets("ana/phone", &event);
        // All connections of a scene have one session.
        scene.is_closed("ben/phone", CloseCode::Unauthorized.number());
        scene
    }

    #[test]
    fn a_refresh_after_the_end_that_is_answered_is_a_violation() {
        let mut scene = Scene::company();
        let session = scene.opens_session("ana/phone", "r0");
        ends(&mut scene, session);
        scene.refreshes("ana/phone", "r0", "r1");
        let violation = violated(&EndedSessions, &scene.ends());
        assert_eq!(violation.expected, "ana's phone gets no token of a session that was ended");
    }

    #[test]
    fn a_connection_that_the_ended_session_opens_is_a_violation() {
        let mut scene = ended();
        scene.is_closed("ana/phone", CloseCode::Unauthorized.number());
        scene.opens("ana/phone");
        let violation = violated(&EndedSessions, &scene.ends());
        assert!(violation.expected.contains("is not welcomed"), "{violation:#?}");
    }

    #[test]
    fn an_event_after_the_end_is_a_violation() {
        let mut scene = ended();
        let event = scene.says("ana/phone", "general", "m1");
        scene.gets("ana/phone", &event);
        let violation = violated(&EndedSessions, &scene.ends());
        assert_eq!(violation.observed, "it receives general#5 message.created \"m1\"");
    }

    #[test]
    fn a_connection_that_stays_open_is_a_violation() {
        let mut scene = ended();
        scene.wait_ms(10_000);
        scene.receives("ana/phone", ServerFrame::Ping);
        let violation = violated(&EndedSessions, &scene.ends());
        assert!(violation.observed.starts_with("it is open still, 10."), "{violation:#?}");
    }

    #[test]
    fn a_session_that_ends_with_all_that_it_opened_holds() {
        let mut scene = ended();
        scene.receives("ana/phone", ServerFrame::Ping);
        scene.is_closed("ana/phone", CloseCode::Unauthorized.number());
        let session = scene.opens_session("ana/phone", "r0");
        ends(&mut scene, session);
        scene.refused_refresh("ana/phone", "r0", ErrorCode::SessionRevoked, |_| {});
        held(&EndedSessions, &scene.ends());
    }

    #[test]
    fn where_no_session_ends_there_is_nothing_to_check() {
        vacuous(&EndedSessions, &Scene::company().ends());
    }
}
