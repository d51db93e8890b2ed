//! What a scenario is and what it leaves behind: data without behaviour, of which every report is made (REQUIREMENTS.md
//! SC-1 to SC-6). A value that a requirement forbids cannot be written down, or is refused by the function that makes it.

mod category;
mod event;
mod kind;
mod metric;
mod move_refused;
mod result;
mod scenario;
mod seen;
mod state;
mod status;
mod user;
mod validation;

pub use category::Category;
pub use event::{Delivery, EventState, IntegrationEvent, Resource, Side};
pub use kind::{Kind, Needs, Priority};
pub use metric::{Metric, MetricKind, Threshold, Unit};
pub use move_refused::MoveRefused;
pub use result::{Ended, ErrorDetails, ErrorKind, LogLine, ScenarioResult};
pub use scenario::{Body, Played, Scenario, Setting};
pub use seen::{SeenEvent, SeenResponse};
pub use state::ScenarioState;
pub use status::{Progress, Status};
pub use user::{Password, PasswordError, Redacted, User};
pub use validation::Validation;
