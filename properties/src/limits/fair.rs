//! `limits/fair`: who keeps within the limits is never warned, slowed down or turned away, whatever others do.
//!
//! The limits are those of the default configuration, which no history changes; what a limit allows at once is enough for the
//! accusation, since an average only adds to it.

use std::collections::BTreeMap;

use system::protocol::{ErrorCode, Login, Problem, ServerFrame, UserId};

use crate::index::{Connection, Index, Operation, Request, Seen};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;

/// See the module.
pub(crate) struct Fair;

/// `limits.frames_burst` by default.
const FRAMES: usize = 1_000;

/// `limits.requests_burst` by default.
const REQUESTS: usize = 1_000;

/// `limits.login_failures_per_minute` by default.
const FAILED_LOGINS: usize = 10;

/// `limits.connections_per_user` by default.
const CONNECTIONS: usize = 64;

impl Property for Fair {
    fn id(&self) -> &'static str {
        "limits/fair"
    }

    fn statement(&self) -> &'static str {
        "who sends no more than the limits allow at once is neither warned nor refused for too much, whatever others do"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-10", "WS-11", "IT-E4"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that who exceeds a limit is warned, throttled and refused: no history exceeds one"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "nobody was connected or asked anything")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for connection in &index.connections {
        check_connection(index, connection)?;
        checked += 1;
    }
    let (mut asked, mut failed): (BTreeMap<Option<UserId>, usize>, BTreeMap<String, usize>) = Default::default();
    for request in &index.requests {
        let asked = asked.entry(request.user).or_default();
        *asked += 1;
        let Some(answer) = request.answer else { continue };
        let login = || serde_json::from_str::<Login>(request.body).ok().map(|login| login.email);
        let code = if answer.status < 400 { None } else { answer.object::<Problem>().map(|problem| problem.code) };
        let is_fair = match code {
            Some(ErrorCode::WrongCredentials) => {
                *failed.entry(login().unwrap_or_default()).or_default() += 1;
                true
            }
            Some(ErrorCode::RateLimited) => {
                let logins = || failed.values().copied().max().unwrap_or(0) >= FAILED_LOGINS;
                *asked > REQUESTS || (request.operation == Operation::Tokens && logins())
            }
            Some(ErrorCode::LimitReached) => connections_of(index, request) >= CONNECTIONS,
            _ => true,
        };
        if !is_fair {
            let asked = *asked;
            return Err(Violation {
                expected: format!(
                    "{} is refused for too much only when it asks for too much",
                    possessive(request.device)
                ),
                observed: format!("it is, with the {asked}. request of its user"),
                evidence: Story::new(index).link(request.entry).breaks(answer.entry).tell(),
            });
        }
        checked += 1;
    }
    Ok(checked)
}

fn check_connection(index: &Index<'_>, connection: &Connection<'_>) -> Result<(), Violation> {
    let mut sent = 0;
    for frame in &connection.frames {
        let warned = match frame.seen {
            Seen::Sent(_) | Seen::Chunk(_) => {
                sent += 1;
                false
            }
            Seen::Received(ServerFrame::Warning(_)) => true,
            Seen::Received(ServerFrame::Error(_, error)) => error.code == ErrorCode::RateLimited,
            _ => false,
        };
        if warned && sent <= FRAMES {
            return Err(Violation {
                expected: format!("{} is warned of sending too fast only when it does", possessive(connection.device)),
                observed: format!("it is, after {sent} frames"),
                evidence: Story::new(index).breaks(frame.entry).tell(),
            });
        }
    }
    Ok(())
}

/// How many connections the user of a request ever had.
fn connections_of(index: &Index<'_>, request: &Request<'_>) -> usize {
    index.connections.iter().filter(|connection| connection.user == request.user).count()
}

#[cfg(test)]
mod tests {
    use system::protocol::Warning;

    use super::*;
    use crate::scene::{Scene, held, problem, vacuous, violated};
    use crate::trace::Trace;

    fn refused(scene: &mut Scene, code: ErrorCode) {
        let request = scene.asks("ana/phone", "GET", "/api/v1/rooms", None, "");
        scene.answers("ana/phone", request, code.status(), &problem(code));
    }

    #[test]
    fn who_asks_little_and_is_refused_for_too_much_is_wronged() {
        for code in [ErrorCode::RateLimited, ErrorCode::LimitReached] {
            let mut scene = Scene::company();
            refused(&mut scene, code);
            let violation = violated(&Fair, &scene.ends());
            assert_eq!(violation.observed, "it is, with the 1. request of its user");
        }
    }

    #[test]
    fn who_says_little_and_is_warned_is_wronged() {
        let mut scene = Scene::company();
        let warning = Warning { code: ErrorCode::RateLimited, message: "slower".into(), retry_after_ms: 5 };
        scene.receives("ana/phone", ServerFrame::Warning(warning));
        assert_eq!(violated(&Fair, &scene.ends()).observed, "it is, after 1 frames");
    }

    #[test]
    fn a_login_after_many_that_failed_and_other_refusals_hold() {
        let mut scene = Scene::company();
        let body = "{\"email\":\"ana@acme.example\",\"password\":\"wrong-1\",\"device\":\"phone\"}";
        let codes = [ErrorCode::WrongCredentials; 10].into_iter().chain([ErrorCode::RateLimited]);
        for code in codes {
            let request = scene.asks("ana/phone", "POST", "/api/v1/auth/login", None, body);
            scene.answers("ana/phone", request, code.status(), &problem(code));
        }
        refused(&mut scene, ErrorCode::Forbidden);
        held(&Fair, &scene.ends());
    }

    #[test]
    fn where_nobody_asks_there_is_nothing_to_check() {
        vacuous(&Fair, &Trace::default());
    }
}
