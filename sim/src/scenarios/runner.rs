//! Runs one scenario (SC-7): begins it, again if it failed and may be retried, and makes a result of what was observed.

use std::sync::Arc;

use system::protocol::Timestamp;

use super::attempt::{Attempt, in_simulation, on_server, reproduce};
use super::coverage::Exercised;
use super::model::{Ended, ErrorDetails, ErrorKind, Needs, Scenario, ScenarioResult, Validation};
use super::scene::RealGround;
use super::{digest, pairing};

/// Where scenarios run.
#[derive(Clone, Debug)]
pub enum Place {
    /// Each in a simulated world of its own.
    Simulation,
    /// All on one real server.
    Server(RealPlace),
}

/// A real server, and what may be done on it.
#[derive(Clone, Debug)]
pub struct RealPlace {
    pub(super) ground: Arc<RealGround>,
}

impl Place {
    /// Why a scenario cannot run here, if it cannot.
    fn lacks(&self, scenario: &Scenario) -> Option<String> {
        let Self::Server(RealPlace { ground }) = self else { return None };
        if scenario.setting().is_some() {
            return Some("it needs settings of its own, which a server that runs cannot be given".to_owned());
        }
        scenario.needed().iter().find_map(|need| {
            let lacking = match need {
                Needs::Faults => "it needs faults, and only the simulation has them",
                Needs::Operator if ground.operator_token.is_none() => {
                    "it needs the operator's token: give it with --operator-token-file"
                }
                Needs::Feed if ground.feed_directory.is_none() => {
                    "it needs the directory of conversation files, and nobody knows where that server has it"
                }
                Needs::Operator | Needs::Feed => return None,
            };
            Some(lacking.to_owned())
        })
    }
}

/// Runs a scenario: what it leaves, and what of the documents it exercised.
///
/// # Panics
/// A result moved as it may not: a bug of this file. Or there is no runtime for real sockets.
pub fn run(scenario: &'static Scenario, place: &Place) -> (ScenarioResult, Exercised) {
    let mut result = ScenarioResult::pending(scenario);
    let not_run = match scenario.is_active() {
        true => place.lacks(scenario),
        false => Some("it is not active".to_owned()),
    };
    if let Some(because) = not_run {
        result.skip(because).expect("it has not begun");
        return (result, Exercised::default());
    }
    result.begin().expect("it has not begun");
    let mut exercised = Exercised::default();
    for number in 1.. {
        let attempt = match place {
            Place::Simulation => in_simulation(scenario, number),
            Place::Server(place) => runtime().block_on(on_server(scenario, &place.ground)),
        };
        let of_this = Exercised::read(&attempt.trace);
        let ended = judge(scenario, attempt, &of_this, &mut result);
        exercised.merge(of_this);
        // What broke by itself would break again: only what failed is retried.
        let may_retry = matches!(&ended, Ended::Failed(details) if details.kind != ErrorKind::Panic);
        if number > scenario.retry_limit() || !may_retry {
            result.end(ended, number).expect("it was begun, and ends once");
            return (result, exercised);
        }
    }
    unreachable!("a scenario is retried five times at most")
}

/// Makes the result say what an attempt has shown; how it ended.
fn judge(scenario: &Scenario, attempt: Attempt, exercised: &Exercised, result: &mut ScenarioResult) -> Ended {
    let Attempt { trace, leavings, elapsed, started_at, tag, broken_off } = attempt;
    let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    result.users = leavings.users;
    result.validations = leavings.validations;
    result.started_at = Some(started_at);
    result.ended_at = Some(Timestamp(started_at.0.saturating_add_unsigned(duration_ms)));
    result.duration_ms = duration_ms;
    result.responses = digest::responses(&trace);
    result.events = digest::events(&trace);
    result.integration_events = pairing::integration_events(&trace, &tag).expect("events come about as they may");
    result.metrics = digest::metrics(&result.responses, &result.integration_events, duration_ms);
    result.logs = digest::logs(&trace);
    result.trace = Arc::new(trace);
    if broken_off.is_none() {
        let (unasked, unheard) = digest::unseen((scenario.endpoints(), scenario.events()), exercised);
        let missing = |what: String, expected: &str| Validation {
            what,
            passed: false,
            expected: expected.to_owned(),
            observed: "never".to_owned(),
            place: "the scenario's own list".to_owned(),
            at_ms: duration_ms,
            correlation_id: None,
        };
        let unasked = unasked.iter().map(|endpoint| missing(format!("somebody asks {endpoint}"), "at least once"));
        let unheard = unheard.iter().map(|event| missing(format!("somebody hears `{event}`"), "at least once"));
        result.validations.extend(unasked.chain(unheard));
    }
    match broken_off.or_else(|| first_failure(scenario, &result.validations)) {
        Some(details) => Ended::Failed(details),
        None => Ended::Passed,
    }
}

fn first_failure(scenario: &Scenario, validations: &[Validation]) -> Option<ErrorDetails> {
    let failed = validations.iter().find(|validation| !validation.passed)?;
    Some(ErrorDetails {
        kind: ErrorKind::Expectation,
        what: format!("{}: expected {}, observed {}", failed.what, failed.expected, failed.observed),
        place: Some(failed.place.clone()),
        at_ms: failed.at_ms,
        correlation_id: failed.correlation_id.clone(),
        reproduce: reproduce(scenario),
    })
}

fn runtime() -> tokio::runtime::Runtime {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.expect("the machine has a runtime left")
}
