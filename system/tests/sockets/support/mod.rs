//! What the tests share: servers, programs, companies, and the plainest possible clients.

mod company;
mod contract;
mod live_server;
mod program;
mod raw_http;
mod settings;
mod socket;
mod whole_state;

pub use company::{Company, Person, password, rest_at};
pub use contract::{Schemas, answer_mistake, body_mistake, frame_mistake};
pub use live_server::LiveServer;
pub use program::{Program, Refused, refused};
pub use raw_http::{RawAnswer, RawRequest, read_until_closed};
pub use settings::quick;
pub use socket::{Socket, StateOf, handshake, handshake_at};
pub use whole_state::whole_state;
