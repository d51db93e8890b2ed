//! What one scenario left behind (SC-3). JSON, JUnit and pages are made of it and of nothing else.

use std::sync::Arc;

use properties::trace::Trace;
use schemars::JsonSchema;
use serde::Serialize;
use system::protocol::Timestamp;

use super::{
    Category, IntegrationEvent, Kind, Metric, MoveRefused, Priority, Progress, Scenario, ScenarioState, SeenEvent,
    SeenResponse, Status, User, Validation,
};

/// What one scenario left behind.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScenarioResult {
    /// Which: `auth/one-login-serves-both`.
    pub scenario: &'static str,
    /// Its name, unique in its category.
    pub name: &'static str,
    /// What it shows.
    pub description: &'static str,
    /// Its category.
    pub category: Category,
    /// Its kind.
    pub kind: Kind,
    /// Its priority.
    pub priority: Priority,
    /// What it proves.
    pub requirements: &'static [&'static str],
    /// Its users, the first of whom is the one that it is about.
    pub users: Vec<User>,
    /// How it stands.
    status: Progress,
    /// How far the scenario came in its life.
    state: ScenarioState,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_because: Option<String>,
    /// How often it was begun: more than once only if it failed before.
    pub attempts: u32,
    /// It passed, and had failed before: a pass on a retry.
    pub passed_on_retry: bool,
    /// When the last attempt began, by the clock of the machine that it ran on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended, by that clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long it took: simulated time in the simulation, and real time against a real server.
    pub duration_ms: u64,
    /// Every answer.
    pub responses: Vec<SeenResponse>,
    /// Every push and every answer to a command.
    pub events: Vec<SeenEvent>,
    /// Every REST call that changed something, with the pushes that it caused.
    pub integration_events: Vec<IntegrationEvent>,
    /// Its figures.
    pub metrics: Vec<Metric>,
    /// What it looked at, one by one.
    pub validations: Vec<Validation>,
    /// What went wrong, if it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetails>,
    /// What the server logged; nothing of a server whose log is not ours to read.
    pub logs: Vec<LogLine>,
    /// Everything that was observed, for timelines and stories.
    #[serde(skip)]
    pub trace: Arc<Trace>,
}

/// What went wrong (IT-10): what, where, when, under which name, and how to see it again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ErrorDetails {
    /// Of what kind.
    pub kind: ErrorKind,
    /// What.
    pub what: String,
    /// Where in the scenario's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When, in milliseconds since the scenario began.
    pub at_ms: u64,
    /// The name of the call in the server's log, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The command that runs this scenario again.
    pub reproduce: String,
}

/// Why a scenario did not pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Something was not as expected.
    Expectation,
    /// A call that was to succeed did not.
    Call,
    /// It took longer than it may.
    Timeout,
    /// The server panicked.
    ServerPanic,
    /// The scenario itself panicked.
    Panic,
    /// The server that it was to run on did not start.
    NoServer,
}

impl ErrorKind {
    /// Whether it says nothing about the server: such an error would come again.
    pub fn is_our_own(self) -> bool {
        matches!(self, Self::Panic | Self::NoServer)
    }
}

/// One line of the server's log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LogLine {
    /// When, in milliseconds since the scenario began.
    pub at_ms: u64,
    /// How grave.
    pub level: String,
    /// What it says, with its fields.
    pub text: String,
}

/// How a body ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It ran to its end, and everything was as expected.
    Passed,
    /// It did not.
    Failed(ErrorDetails),
}

impl ScenarioResult {
    /// Of a scenario that has not begun.
    pub fn pending(scenario: &'static Scenario) -> Self {
        Self {
            scenario: scenario.id(),
            name: scenario.name(),
            description: scenario.description(),
            category: scenario.category(),
            kind: scenario.kind(),
            priority: scenario.priority(),
            requirements: scenario.requirements(),
            users: Vec::new(),
            status: Progress::pending(),
            state: ScenarioState::Draft,
            skipped_because: None,
            attempts: 0,
            passed_on_retry: false,
            started_at: None,
            ended_at: None,
            duration_ms: 0,
            responses: Vec::new(),
            events: Vec::new(),
            integration_events: Vec::new(),
            metrics: Vec::new(),
            validations: Vec::new(),
            error: None,
            logs: Vec::new(),
            trace: Arc::default(),
        }
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.status.status()
    }

    /// How far the scenario came in its life.
    pub fn state(&self) -> ScenarioState {
        self.state
    }

    /// The scenario is begun.
    ///
    /// # Errors
    /// It was before.
    pub fn begin(&mut self) -> Result<(), MoveRefused> {
        self.state.advance(ScenarioState::Active)?;
        self.state.advance(ScenarioState::Executing)?;
        self.status.advance(Status::Running)
    }

    /// The scenario is not begun at all.
    ///
    /// # Errors
    /// It was.
    pub fn skip(&mut self, because: String) -> Result<(), MoveRefused> {
        self.status.advance(Status::Skipped)?;
        self.skipped_because = Some(because);
        Ok(())
    }

    /// The scenario's last attempt is over.
    ///
    /// # Errors
    /// It was not begun, or was over before.
    pub fn end(&mut self, ended: Ended, attempts: u32) -> Result<(), MoveRefused> {
        let (status, state, error) = match ended {
            Ended::Passed => (Status::Passed, ScenarioState::Completed, None),
            Ended::Failed(details) => {
                let (status, state) = match details.kind {
                    ErrorKind::Expectation | ErrorKind::Call | ErrorKind::ServerPanic => {
                        (Status::Failed, ScenarioState::Failed)
                    }
                    ErrorKind::Timeout => (Status::Failed, ScenarioState::Timeout),
                    ErrorKind::Panic | ErrorKind::NoServer => (Status::Error, ScenarioState::Error),
                };
                (status, state, Some(details))
            }
        };
        self.status.advance(status)?;
        self.state.advance(state)?;
        self.error = error;
        self.attempts = attempts;
        self.passed_on_retry = status == Status::Passed && attempts > 1;
        Ok(())
    }
}
