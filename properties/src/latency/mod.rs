//! How long answers and deliveries take when nothing holds them up.

mod answer;
mod delivery;

pub(crate) use answer::Answers;
pub(crate) use delivery::Delivery;

/// The longest that the network of a history takes for one way: its greatest latency, and the ticks of the world's clock at
/// which the one host's bytes reach the other.
const ONE_WAY_MS: u64 = 150 + 2 * 40;

/// How long ago what held something up must have ended: what was lost six times has come by then.
const AFTERMATH_MS: u64 = 15_000;
