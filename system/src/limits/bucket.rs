//! A token bucket on our own clock: tokio's, which the simulation drives. governor's default clock reads the processor's
//! counter, which nothing can drive.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// The time since a server started.
#[derive(Clone, Copy, Debug)]
pub struct ServerClock(Instant);

impl ServerClock {
    /// Starts to count.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for ServerClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

/// So many at once, and so many in a second (the generic cell rate algorithm).
#[derive(Debug)]
pub struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, ServerClock, StateInformationMiddleware>,
    clock: ServerClock,
}

impl Bucket {
    /// A full bucket; none if there is no limit.
    pub fn new(per_second: u32, burst: u32, clock: ServerClock) -> Option<Self> {
        let quota = Quota::per_second(NonZeroU32::new(per_second)?);
        Some(Self::of(quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)), clock))
    }

    /// A full bucket of so many in a minute; none if there is no limit.
    pub fn per_minute(count: u32, clock: ServerClock) -> Option<Self> {
        Some(Self::of(Quota::per_minute(NonZeroU32::new(count)?), clock))
    }

    fn of(quota: Quota, clock: ServerClock) -> Self {
        Self { limiter: RateLimiter::direct_with_clock(quota, clock).with_middleware(), clock }
    }

    /// Takes one: how many are left.
    ///
    /// # Errors
    /// There is none; how long until there is.
    pub fn take(&self) -> Result<u32, Duration> {
        let taken = self.limiter.check().map(|left| left.remaining_burst_capacity());
        taken.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}
