//! What a scenario expects, one by one. An expectation that fails is noted and the body goes on: what else is wrong is to
//! be seen too. Where nothing after it would tell anything, the body stops with [`Stop`].

use std::fmt::Debug;
use std::panic::Location;
use std::time::Duration;

use system::client::CallError;
use system::protocol::ErrorCode;
use tokio::time::{Instant, sleep};

use super::stop::{Stop, told};
use super::whole::Scene;
use crate::scenarios::model::Validation;
use crate::scenarios::wire::Reply;

/// How long something may take that is to come about by itself, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(20);

impl Scene {
    /// `observed` is `expected`. `what` says so in a sentence: "the welcome names mia".
    #[track_caller]
    pub fn expect<T, U>(&self, what: impl Into<String>, observed: T, expected: U)
    where
        T: PartialEq<U> + Debug,
        U: Debug,
    {
        let passed = observed == expected;
        self.note(Location::caller(), what.into(), passed, format!("{expected:?}"), format!("{observed:?}"));
    }

    /// `observed` is as `holds` says.
    #[track_caller]
    pub fn expect_that<T: Debug>(&self, what: impl Into<String>, observed: T, holds: impl FnOnce(&T) -> bool) {
        let (what, passed) = (what.into(), holds(&observed));
        self.note(Location::caller(), what.clone(), passed, what, format!("{observed:?}"));
    }

    /// A typed call was refused with this code.
    #[track_caller]
    pub fn expect_refused<T: Debug>(&self, what: impl Into<String>, called: Result<T, CallError>, code: ErrorCode) {
        let passed = called.as_ref().err().and_then(CallError::code) == Some(code);
        let observed = match called {
            Ok(answer) => format!("it succeeded: {answer:?}"),
            Err(error) => match error.code() {
                Some(code) => format!("{code:?}: {error}"),
                None => error.to_string(),
            },
        };
        self.note(Location::caller(), what.into(), passed, format!("refused with {code:?}"), observed);
    }

    /// A request was answered with this status.
    #[track_caller]
    pub fn expect_status(&self, what: impl Into<String>, reply: &Reply, status: u16) {
        let observed = format!("{} {}", reply.status, reply.text());
        self.note(Location::caller(), what.into(), reply.status == status, format!("{status}"), observed);
    }

    /// A request was refused with this code, and with the status that the code has.
    #[track_caller]
    pub fn expect_code(&self, what: impl Into<String>, reply: &Reply, code: ErrorCode) {
        let passed = reply.code() == Some(code) && reply.status == code.status();
        let observed = format!("{} {}", reply.status, reply.text());
        self.note(Location::caller(), what.into(), passed, format!("{} {code:?}", code.status()), observed);
    }

    /// Something comes about by itself, within 10 s. What is seen while it has not is told when it never does.
    #[track_caller]
    pub fn expect_soon<T: Debug>(
        &self,
        what: impl Into<String>,
        look: impl Fn() -> T,
        holds: impl Fn(&T) -> bool,
    ) -> impl Future<Output = ()> {
        self.expect_within(what, PATIENCE, look, holds)
    }

    /// The same within another time.
    #[track_caller]
    pub fn expect_within<T: Debug>(
        &self,
        what: impl Into<String>,
        time: Duration,
        look: impl Fn() -> T,
        holds: impl Fn(&T) -> bool,
    ) -> impl Future<Output = ()> {
        let (place, what) = (Location::caller(), what.into());
        async move {
            let give_up = Instant::now() + time;
            let mut seen = look();
            while !holds(&seen) && Instant::now() < give_up {
                sleep(GLANCE).await;
                seen = look();
            }
            let expected = format!("{what}, within {} s", time.as_secs_f64());
            self.note(place, what, holds(&seen), expected, format!("{seen:?}"));
        }
    }

    /// There is something, without which the body cannot go on.
    ///
    /// # Errors
    /// There is nothing.
    #[track_caller]
    pub fn require<T>(&self, what: impl Into<String>, found: Option<T>) -> Result<T, Stop> {
        let (place, what) = (Location::caller(), what.into());
        let observed = if found.is_some() { "it is there" } else { "nothing" };
        self.note(place, what.clone(), found.is_some(), what.clone(), observed.to_owned());
        found.ok_or_else(|| Stop::at(place, format!("{what}: there is nothing")))
    }

    pub(super) fn note(&self, place: &Location<'_>, what: String, passed: bool, expected: String, observed: String) {
        let at_ms = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        let correlation_id = self.last_correlation_id();
        let place = told(place);
        self.validate(Validation { what, passed, expected, observed, place, at_ms, correlation_id });
    }
}
