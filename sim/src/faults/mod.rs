//! Faults: one file each. A fault is data (drawn, shrunk and saved with the history) and what it does to the world.

mod clock_jump;
mod cut;
mod hazard;
mod kill;
mod power_loss;
mod reset;
mod restart;
mod scope;
mod stall;
mod target;

use serde::{Deserialize, Serialize};

pub use clock_jump::ClockJump;
pub use cut::{Cut, Direction};
pub use hazard::{Hazard, Kind};
pub use kill::Kill;
pub use power_loss::PowerLoss;
pub use reset::Reset;
pub use restart::Restart;
pub use scope::{Population, Scope};
pub use stall::Stall;
pub use target::Target;

/// Every kind of fault, with its name and one line about it.
pub const KINDS: &[Kind] =
    &[cut::KIND, stall::KIND, reset::KIND, kill::KIND, power_loss::KIND, restart::KIND, clock_jump::KIND];

/// What can go wrong. On disk: `{"do": "fault", "fault": "cut", …}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// Bytes between some devices and the server stop, as if a cable were pulled.
    Cut(Cut),
    /// Bytes between some devices and the server wait, without a loss: they all come at the end.
    Stall(Stall),
    /// Every connection of some devices breaks with a reset.
    Reset(Reset),
    /// The server's process is killed; its disk keeps what it wrote.
    Kill(Kill),
    /// The power fails; the disk keeps what was synced and an arbitrary part of the rest.
    PowerLoss(PowerLoss),
    /// The server is told to stop, and started again.
    Restart(Restart),
    /// The server's wall clock jumps.
    ClockJump(ClockJump),
}
