//! `server/healthy`: no fault that a real network, disk or clock can bring makes the server fail by itself.

use system::protocol::{ErrorCode, ServerFrame};

use super::excuse::Excuse;
use crate::index::Index;
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::{Entry, Observation, ServerChange};

/// See the module.
pub(crate) struct Healthy;

impl Property for Healthy {
    fn id(&self) -> &'static str {
        "server/healthy"
    }

    fn statement(&self) -> &'static str {
        "the server starts each time, never panics, logs no error, makes no mistake of its own, and says nothing that \
         is not of the protocol"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["WS-12", "WS-13", "CG-7", "IT-9"]
    }

    fn does_not_verify(&self) -> &'static str {
        "that the server answers soon, nor what it logs while its power or its disk fails"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "the server never started and nobody asked it anything")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    // What a panic leads to is often seen before the panic itself, and says less: no place, and nobody who called.
    let panics = |entry: &Entry| is_panic(&entry.what);
    if let Some(entry) = index.trace.entries.iter().position(panics)
        && let Some((expected, observed)) = mistake(index.what(entry), false)
    {
        let evidence = Story::new(index).breaks(entry).tell();
        return Err(Violation { expected, observed, evidence });
    }
    let mut checked = 0;
    let mut excuse = Excuse::default();
    for (entry, observed) in index.trace.entries.iter().enumerate() {
        excuse.observe(observed.at, &observed.what);
        match mistake(&observed.what, excuse.holds(observed.at)) {
            Some((expected, observed)) => {
                let evidence = Story::new(index).link(cause(index, entry)).breaks(entry).tell();
                return Err(Violation { expected, observed, evidence });
            }
            None => checked += u64::from(says_something(&observed.what)),
        }
    }
    Ok(checked)
}

fn is_panic(what: &Observation) -> bool {
    matches!(what, Observation::Server { change: ServerChange::Panicked { .. }, .. })
}

/// What should have been, and what was, where an observation shows that the server failed.
fn mistake(what: &Observation, is_excused: bool) -> Option<(String, String)> {
    let (expected, observed) = match what {
        Observation::Server { change: ServerChange::Panicked { message, backtrace }, .. } => {
            let frames: String = backtrace.iter().map(|frame| format!("\n  in {frame}")).collect();
            ("the server never panics".to_owned(), format!("it panicked: {message}{frames}"))
        }
        Observation::Server { change: ServerChange::Failed { reason }, .. } if !is_excused => {
            ("the server starts, and goes on".to_owned(), format!("it gave up: {reason}"))
        }
        Observation::Logged { level, message, fields } if level == "ERROR" && !is_excused => {
            let fields = fields.iter().map(|(name, value)| format!(", {name} {value}")).collect::<String>();
            ("the server logs no error".to_owned(), format!("it logged: {message}{fields}"))
        }
        Observation::FrameUnreadable { device, text, error, .. } => (
            format!("{} can read every frame of the server's", possessive(device)),
            format!("it cannot read {text}: {error}"),
        ),
        Observation::ReplicaBroken { device, error, .. } => {
            (format!("{} can follow what the server pushes", possessive(device)), format!("it cannot: {error}"))
        }
        Observation::Answered { device, status: 500, body, .. } => {
            (format!("{} is never answered 500", possessive(device)), format!("it is, with {body}"))
        }
        Observation::FrameReceived { device, frame, .. } => match &**frame {
            ServerFrame::Error(_, error) if error.code == ErrorCode::Internal => (
                format!("{} is never told of a mistake of the server's", possessive(device)),
                format!("it is: {}", error.message),
            ),
            _ => return None,
        },
        Observation::FinalReadFailed { what_was_read, reason } => {
            (format!("the auditor can read {what_was_read} when all is quiet"), format!("it cannot: {reason}"))
        }
        _ => return None,
    };
    Some((expected, observed))
}

/// The request that a bad answer answers.
fn cause(index: &Index<'_>, entry: usize) -> Option<usize> {
    let answered = index.requests.iter().find(|request| request.answer.is_some_and(|answer| answer.entry == entry));
    answered.map(|request| request.entry)
}

fn says_something(what: &Observation) -> bool {
    matches!(
        what,
        Observation::Server { change: ServerChange::Listening, .. }
            | Observation::Answered { .. }
            | Observation::FrameReceived { .. }
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scene::{Scene, chain, held, kind_of_fault, vacuous, violated};
    use crate::trace::{FaultChange, Trace};

    fn error() -> Observation {
        let fields = BTreeMap::from([("failure".into(), "no space".to_owned())]);
        Observation::Logged { level: "ERROR".into(), message: "commit failed".into(), fields }
    }

    #[track_caller]
    fn check(what: Observation, expected: &str, observed: &str) {
        let mut scene = Scene::company();
        scene.observe(what);
        let violation = violated(&Healthy, &scene.ends());
        assert_eq!((violation.expected.as_str(), violation.observed.as_str()), (expected, observed));
    }

    #[test]
    fn whatever_shows_that_the_server_failed_is_a_violation() {
        let backtrace = vec!["system::store::view::get at system/src/store/view.rs:12".to_owned()];
        let panicked = ServerChange::Panicked { message: "index out of bounds".into(), backtrace };
        check(
            Observation::Server { incarnation: 1, change: panicked },
            "the server never panics",
            "it panicked: index out of bounds\n  in system::store::view::get at system/src/store/view.rs:12",
        );
        let failed = ServerChange::Failed { reason: "the database is damaged".into() };
        check(
            Observation::Server { incarnation: 2, change: failed },
            "the server starts, and goes on",
            "it gave up: the database is damaged",
        );
        check(error(), "the server logs no error", "it logged: commit failed, failure no space");
        check(
            Observation::FrameUnreadable {
                device: "ana/phone".into(),
                connection: 1,
                text: "{".into(),
                error: "EOF".into(),
            },
            "ana's phone can read every frame of the server's",
            "it cannot read {: EOF",
        );
        let stream = Scene::company().company_stream();
        check(
            Observation::ReplicaBroken { device: "ana/phone".into(), stream, error: "4, then 6".into() },
            "ana's phone can follow what the server pushes",
            "it cannot: 4, then 6",
        );
        check(
            Observation::FinalReadFailed { what_was_read: "room general".into(), reason: "404".into() },
            "the auditor can read room general when all is quiet",
            "it cannot: 404",
        );
    }

    #[test]
    fn a_panic_is_told_rather_than_what_it_led_to() {
        let mut scene = Scene::company();
        scene.observe(error());
        let backtrace = vec!["system::hub::queue::push at system/src/hub/queue.rs:7".to_owned()];
        let change = ServerChange::Panicked { message: "no such luck".into(), backtrace };
        scene.observe(Observation::Server { incarnation: 1, change });
        let violation = violated(&Healthy, &scene.ends());
        assert_eq!(
            violation.observed,
            "it panicked: no such luck\n  in system::hub::queue::push at system/src/hub/queue.rs:7"
        );
    }

    #[test]
    fn an_answer_of_500_is_a_violation_of_its_request() {
        let mut scene = Scene::company();
        let request = scene.asks("ana/phone", "POST", "/api/v1/rooms", Some("k1"), "{}");
        scene.answers("ana/phone", request, 500, &"oh");
        let violation = violated(&Healthy, &scene.ends());
        assert_eq!(violation.expected, "ana's phone is never answered 500");
        assert_eq!(chain(&violation), ["ana/phone: POST /rooms", "ana/phone: is answered 500 <- breaks it"]);
    }

    #[test]
    fn a_server_whose_power_fails_may_say_so_until_it_starts_again() {
        let restarted = || {
            let mut scene = Scene::company();
            scene.fault("power_loss", "the server loses power");
            scene.observe(error());
            scene.server(ServerChange::PowerLost { lost_writes: 1, unsynced_writes: 2 });
            scene.server(ServerChange::Started);
            scene
        };
        held(&Healthy, &restarted().ends());
        let mut scene = restarted();
        scene.observe(error());
        assert_eq!(violated(&Healthy, &scene.ends()).expected, "the server logs no error");
    }

    #[test]
    fn a_server_whose_disk_fails_may_say_so_while_it_does_and_shortly_after() {
        let step = 1;
        let cured = |wait_ms| {
            let mut scene = Scene::company();
            scene.fault("full_disk", "the server's disk is full");
            scene.observe(error());
            let kind = kind_of_fault("full_disk");
            let (change, text) = (FaultChange::Ended, "the full disk is over".to_owned());
            scene.observe(Observation::Fault { kind, step, change, text });
            scene.wait_ms(wait_ms);
            scene.observe(error());
            scene.ends()
        };
        held(&Healthy, &cured(1_000));
        assert_eq!(violated(&Healthy, &cured(3_000)).expected, "the server logs no error");
    }

    #[test]
    fn a_server_that_does_well_holds() {
        held(&Healthy, &Scene::company().ends());
    }

    #[test]
    fn where_no_server_was_there_is_nothing_to_check() {
        vacuous(&Healthy, &Trace::default());
    }
}
