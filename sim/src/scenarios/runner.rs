//! Runs one scenario (SC-7): begins it, again if it failed and may be retried, and makes a result of what was observed.

use std::sync::Arc;

use system::protocol::Timestamp;

use super::against::{self, AgainstError, OwnServer, OwnServers};
use super::attempt::{Attempt, in_simulation, on_server, reproduce};
use super::coverage::Exercised;
use super::model::{Ended, ErrorDetails, ErrorKind, Needs, Scenario, ScenarioResult, Validation};
use super::scene::RealGround;
use super::{digest, pairing};

/// Where scenarios run.
#[derive(Debug)]
pub enum Place {
    /// Each in a simulated world of its own.
    Simulation,
    /// All on one real server.
    Server(RealPlace),
}

/// A real server.
#[derive(Debug)]
pub struct RealPlace(Real);

#[derive(Debug)]
enum Real {
    SomebodyElses(Arc<RealGround>),
    Own(OwnServers),
}

impl RealPlace {
    /// The server at `http://HOST:PORT`, of which it is known then that it is of this version, ready and empty.
    ///
    /// # Errors
    /// It is not, or nobody can see whether it is.
    ///
    /// # Panics
    /// There is no runtime for real sockets.
    pub fn at(address: &str, operator_token: Option<String>) -> Result<Self, AgainstError> {
        let ground = runtime().block_on(against::somebody_elses(address, operator_token))?;
        Ok(Self(Real::SomebodyElses(Arc::new(ground))))
    }

    /// A server of our own, in a process that ends with this.
    ///
    /// # Errors
    /// It cannot be built or started.
    pub fn own() -> Result<Self, AgainstError> {
        OwnServers::start().map(|servers| Self(Real::Own(servers)))
    }
}

impl Place {
    /// As reports write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::Server(RealPlace(Real::SomebodyElses(_))) => "server",
            Self::Server(RealPlace(Real::Own(_))) => "own server",
        }
    }

    /// Why a scenario cannot run here, if it cannot.
    fn lacks(&self, scenario: &Scenario) -> Option<String> {
        let Self::Server(RealPlace(real)) = self else { return None };
        let needs = |need| scenario.needed().contains(&need);
        let lacking = match real {
            _ if needs(Needs::Faults) => "it needs faults, and only the simulation has them",
            Real::Own(_) => return None,
            Real::SomebodyElses(_) if scenario.setting().is_some() => {
                "it needs settings of its own, which a server that runs cannot be given"
            }
            Real::SomebodyElses(ground) if needs(Needs::Operator) && ground.operator_token.is_none() => {
                "it needs the operator's token: give it with --operator-token-file"
            }
            Real::SomebodyElses(ground) if needs(Needs::Feed) && ground.feed_directory.is_none() => {
                "it needs the directory of conversation files, and nobody knows where that server has it"
            }
            Real::SomebodyElses(_) => return None,
        };
        Some(lacking.to_owned())
    }

    fn attempt(&self, scenario: &'static Scenario, number: u32) -> Result<Attempt, AgainstError> {
        match self {
            Self::Simulation => Ok(in_simulation(scenario, number)),
            Self::Server(RealPlace(Real::SomebodyElses(ground))) => Ok(runtime().block_on(on_server(scenario, ground))),
            Self::Server(RealPlace(Real::Own(servers))) => match scenario.setting() {
                None => Ok(on_own(scenario, servers.main())),
                Some(setting) => Ok(on_own(scenario, &servers.with(setting)?)),
            },
        }
    }
}

fn on_own(scenario: &'static Scenario, server: &OwnServer) -> Attempt {
    let used_before = server.processor_time();
    let mut attempt = runtime().block_on(on_server(scenario, &server.ground));
    attempt.figures = server.figures(used_before, attempt.elapsed);
    attempt
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
        let attempt = match place.attempt(scenario, number) {
            Ok(attempt) => attempt,
            Err(error) => {
                let details = ErrorDetails {
                    kind: ErrorKind::NoServer,
                    what: error.to_string(),
                    place: None,
                    at_ms: 0,
                    correlation_id: None,
                    reproduce: reproduce(scenario),
                };
                result.end(Ended::Failed(details), number).expect("it was begun, and ends once");
                return (result, exercised);
            }
        };
        let of_this = Exercised::read(&attempt.trace);
        let ended = judge(scenario, attempt, &of_this, &mut result);
        exercised.merge(of_this);
        // What broke by itself would break again: only what failed is retried.
        let may_retry = matches!(&ended, Ended::Failed(details) if !details.kind.is_our_own());
        if number > scenario.retry_limit() || !may_retry {
            result.end(ended, number).expect("it was begun, and ends once");
            return (result, exercised);
        }
    }
    unreachable!("a scenario is retried five times at most")
}

/// Makes the result say what an attempt has shown; how it ended.
fn judge(scenario: &Scenario, attempt: Attempt, exercised: &Exercised, result: &mut ScenarioResult) -> Ended {
    let Attempt { trace, leavings, elapsed, started_at, tag, figures, broken_off } = attempt;
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
    result.metrics.extend(figures);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::body;
    use crate::scenarios::model::{Category, Played, ScenarioState, Status};
    use crate::scenarios::scene::{Scene, Stop};

    async fn expects_too_much(scene: &Scene) -> Played {
        scene.expect("one is two", 1, 2);
        scene.expect("one is one", 1, 1);
        Ok(())
    }

    async fn stops(_: &Scene) -> Played {
        Err(Stop::because("nothing goes on"))
    }

    async fn panics(_: &Scene) -> Played {
        panic!("a mistake in the body")
    }

    async fn waits(scene: &Scene) -> Played {
        scene.pause(Duration::from_secs(5)).await;
        Ok(())
    }

    async fn passes_the_second_time(scene: &Scene) -> Played {
        static BEGUN: AtomicU32 = AtomicU32::new(0);
        scene.expect("it was begun before", BEGUN.fetch_add(1, Ordering::Relaxed), 1);
        Ok(())
    }

    const fn scenario(name: &'static str, body: crate::scenarios::model::Body) -> Scenario {
        Scenario::new(Category::Auth, "auth/test", name, body).proves(&["SC-7"])
    }

    static EXPECTS_TOO_MUCH: Scenario = scenario("expects too much", body!(expects_too_much)).retries(1);
    static STOPS: Scenario = scenario("stops", body!(stops));
    static PANICS: Scenario = scenario("panics", body!(panics)).retries(5);
    static WAITS: Scenario = scenario("waits", body!(waits)).timeout_s(1);
    static PASSES_LATER: Scenario = scenario("passes later", body!(passes_the_second_time)).retries(2);
    static INACTIVE: Scenario = scenario("inactive", body!(panics)).inactive();
    static BOASTS: Scenario = scenario("boasts", body!(waits)).uses(&["GET /ready"]).expects(&["typing"]);

    fn check(scenario: &'static Scenario, status: Status, state: ScenarioState, attempts: u32) -> ScenarioResult {
        let (result, _) = run(scenario, &Place::Simulation);
        let name = scenario.name();
        assert_eq!((result.status(), result.state(), result.attempts), (status, state, attempts), "{name}: {result:?}");
        result
    }

    #[test]
    fn what_is_not_as_expected_fails_and_all_is_looked_at() {
        let result = check(&EXPECTS_TOO_MUCH, Status::Failed, ScenarioState::Failed, 2);
        let passed: Vec<_> = result.validations.iter().map(|validation| validation.passed).collect();
        assert_eq!(passed, [false, true]);
        let error = result.error.expect("it failed");
        assert_eq!(error.what, "one is two: expected 2, observed 1");
        assert!(error.place.is_some_and(|place| place.starts_with("sim/src/scenarios/runner.rs:")));
        assert_eq!(error.reproduce, "cargo sim scenarios --filter auth/test");
    }

    #[test]
    fn what_cannot_go_on_fails_and_what_panics_is_an_error_that_is_not_retried() {
        let error = check(&STOPS, Status::Failed, ScenarioState::Failed, 1).error.expect("it failed");
        assert_eq!(error.what, "nothing goes on");
        let error = check(&PANICS, Status::Error, ScenarioState::Error, 1).error.expect("it broke");
        assert!(error.what.contains("a mistake in the body"), "{error:?}");
    }

    #[test]
    fn what_takes_too_long_fails() {
        let result = check(&WAITS, Status::Failed, ScenarioState::Timeout, 1);
        let error = result.error.expect("it failed");
        assert_eq!((error.kind, error.what.as_str()), (ErrorKind::Timeout, "it was not over within 1 s"));
    }

    #[test]
    fn a_pass_on_a_retry_is_shown_as_such_and_what_is_not_active_is_skipped() {
        assert!(check(&PASSES_LATER, Status::Passed, ScenarioState::Completed, 2).passed_on_retry);
        let skipped = check(&INACTIVE, Status::Skipped, ScenarioState::Draft, 0);
        assert_eq!(skipped.skipped_because.as_deref(), Some("it is not active"));
    }

    #[test]
    fn what_a_scenario_says_of_itself_must_be_seen() {
        let result = check(&BOASTS, Status::Failed, ScenarioState::Failed, 1);
        let what: Vec<_> = result.validations.iter().map(|validation| validation.what.as_str()).collect();
        assert_eq!(what, ["somebody asks GET /ready", "somebody hears `typing`"]);
    }
}
