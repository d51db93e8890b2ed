//! What a body has in its hands: people, companies, requests, sockets, devices, faults, and what it expects of them.

mod company;
mod expect;
mod faults;
mod feed;
mod ground;
mod person;
mod person_talks;
mod stop;
mod whole;

pub use company::{Company, Team};
pub use faults::Faults;
pub use feed::Feed;
pub(in crate::scenarios) use ground::{Ground, RealGround, SIMULATED_OPERATOR_TOKEN};
pub use person::{Device, Person};
pub use stop::Stop;
pub use whole::Scene;
pub(in crate::scenarios) use whole::{Leavings, correlation_name};
