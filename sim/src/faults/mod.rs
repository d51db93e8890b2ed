//! Faults: one file each. A fault is data (drawn, shrunk and saved with the history) and what it does to the world.

mod at_moment;
mod bandwidth;
mod clock_drift;
mod clock_jump;
mod cut;
mod device_clock;
mod disturbance;
mod duplicate_tab;
mod failing_read;
mod failing_sync;
mod flipped_bit;
mod fragmentation;
mod full_disk;
mod half_open;
mod hang;
mod hazard;
mod idle_drop;
mod key_rotation;
mod kill;
mod loss;
mod moment;
mod overload;
mod power_loss;
mod recovery_crash;
mod refusal;
mod reset;
mod restart;
mod rolling_restart;
mod scope;
mod session_revocation;
mod slow_link;
mod slow_reader;
mod slow_start;
mod slow_sync;
mod stall;
mod stampede;
mod target;
mod token_expiry;

use serde::{Deserialize, Serialize};

pub use at_moment::AtMoment;
pub use bandwidth::Bandwidth;
pub use clock_drift::ClockDrift;
pub use clock_jump::ClockJump;
pub use cut::{Cut, Direction};
pub use device_clock::DeviceClock;
pub use duplicate_tab::DuplicateTab;
pub use failing_read::FailingRead;
pub use failing_sync::FailingSync;
pub use flipped_bit::FlippedBit;
pub use fragmentation::Fragmentation;
pub use full_disk::FullDisk;
pub use half_open::HalfOpen;
pub use hang::Hang;
pub use hazard::{Hazard, Kind};
pub use idle_drop::IdleDrop;
pub use key_rotation::KeyRotation;
pub use kill::Kill;
pub use loss::Loss;
pub use moment::{Lookout, MOMENTS, Matter, Moment, MomentKind};
pub use overload::Overload;
pub use power_loss::PowerLoss;
pub use recovery_crash::RecoveryCrash;
pub use refusal::Refusal;
pub use reset::Reset;
pub use restart::Restart;
pub use rolling_restart::RollingRestart;
pub use scope::{Population, Scope};
pub use session_revocation::SessionRevocation;
pub use slow_link::SlowLink;
pub use slow_reader::SlowReader;
pub use slow_start::SlowStart;
pub use slow_sync::SlowSync;
pub use stall::Stall;
pub use stampede::Stampede;
pub use target::Target;
pub use token_expiry::TokenExpiry;

/// Every kind of fault, with its name and one line about it.
pub const KINDS: &[Kind] = &[
    cut::KIND,
    stall::KIND,
    slow_link::KIND,
    loss::KIND,
    bandwidth::KIND,
    fragmentation::KIND,
    slow_reader::KIND,
    reset::KIND,
    stampede::KIND,
    half_open::KIND,
    idle_drop::KIND,
    refusal::KIND,
    hang::KIND,
    kill::KIND,
    power_loss::KIND,
    restart::KIND,
    rolling_restart::KIND,
    slow_start::KIND,
    recovery_crash::KIND,
    full_disk::KIND,
    failing_sync::KIND,
    slow_sync::KIND,
    failing_read::KIND,
    flipped_bit::KIND,
    overload::KIND,
    clock_jump::KIND,
    clock_drift::KIND,
    device_clock::KIND,
    token_expiry::KIND,
    key_rotation::KIND,
    session_revocation::KIND,
    duplicate_tab::KIND,
];

/// What can go wrong. On disk: `{"do": "fault", "fault": "cut", …}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// Bytes between some devices and the server stop, as if a cable were pulled.
    Cut(Cut),
    /// Bytes between some devices and the server wait, without a loss: they all come at the end.
    Stall(Stall),
    /// Every segment takes longer.
    SlowLink(SlowLink),
    /// Segments get lost, and TCP sends them again.
    Loss(Loss),
    /// No more than some bytes a second pass.
    Bandwidth(Bandwidth),
    /// Segments arrive in pieces.
    Fragmentation(Fragmentation),
    /// Some devices read slowly.
    SlowReader(SlowReader),
    /// Every connection of some devices breaks with a reset.
    Reset(Reset),
    /// Every connection breaks, again and again: everybody comes back at once.
    Stampede(Stampede),
    /// Some devices lose their connections, and the server hears nothing.
    HalfOpen(HalfOpen),
    /// A box on the way forgets idle connections.
    IdleDrop(IdleDrop),
    /// Attempts to connect are refused.
    Refusal(Refusal),
    /// Attempts to connect hear nothing.
    Hang(Hang),
    /// The server's process is killed; its disk keeps what it wrote.
    Kill(Kill),
    /// The power fails; the disk keeps what was synced and an arbitrary part of the rest.
    PowerLoss(PowerLoss),
    /// The server is told to stop, and started again.
    Restart(Restart),
    /// The server is restarted several times in a row.
    RollingRestart(RollingRestart),
    /// The server's process is killed, and its successor takes its time.
    SlowStart(SlowStart),
    /// The power fails, and again while the server recovers.
    RecoveryCrash(RecoveryCrash),
    /// The server's disk is full.
    FullDisk(FullDisk),
    /// Syncs of the server's disk fail.
    FailingSync(FailingSync),
    /// Each sync of the server's disk takes longer.
    SlowSync(SlowSync),
    /// Reads of the server's disk fail.
    FailingRead(FailingRead),
    /// A bit of the server's disk flips while its process is down.
    FlippedBit(FlippedBit),
    /// All work of the server that may block takes longer.
    Overload(Overload),
    /// The server's wall clock jumps.
    ClockJump(ClockJump),
    /// The server's wall clock runs too fast or too slow.
    ClockDrift(ClockDrift),
    /// A device's wall clock is wrong.
    DeviceClock(DeviceClock),
    /// The server's wall clock jumps to the end of a token.
    TokenExpiry(TokenExpiry),
    /// Another key signs tokens.
    KeyRotation(KeyRotation),
    /// The sessions of some devices are ended from elsewhere.
    SessionRevocation(SessionRevocation),
    /// Some devices have a double with their session.
    DuplicateTab(DuplicateTab),
    /// Any of these, at the first moment of some kind.
    AtMoment(AtMoment),
}
