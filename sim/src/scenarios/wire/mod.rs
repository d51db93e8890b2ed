//! How a scenario speaks to a server, whichever it is: REST and WebSocket at the level at which mistakes can be made.

mod ask;
mod handshake;
mod inbox;
mod line;
mod socket;

pub use ask::{Ask, AskError, Reply};
pub use handshake::Handshake;
pub use line::{Line, SimulatedLine, Stream};
pub use socket::Socket;
