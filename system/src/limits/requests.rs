//! How fast each user and each address may ask: a token bucket for each that asked lately.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::LimitSettings;
use super::bucket::{Bucket, ServerClock};
use super::connections::host;
use crate::protocol::UserId;

/// When those are forgotten whose buckets are full again, and so as good as new.
const FORGET_AT: usize = 10_000;

/// Who asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Whose {
    User(UserId),
    Address(String),
}

#[derive(Debug)]
struct Asker {
    bucket: Bucket,
    full_at: Instant,
}

/// All who asked lately.
#[derive(Debug)]
pub(super) struct Requests {
    clock: ServerClock,
    askers: Mutex<BTreeMap<Whose, Asker>>,
}

/// What somebody may still ask for, as the `RateLimit` headers tell it (draft-ietf-httpapi-ratelimit-headers).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allowance {
    /// The policy: `user` or `address`.
    pub policy: &'static str,
    /// How many at once.
    pub quota: u32,
    /// In how many seconds so many come again.
    pub window_s: u32,
    /// How many are left.
    pub remaining: u32,
    /// In how many seconds all are there again.
    pub reset_s: u32,
}

/// What one request was told: what is left by each policy that holds, and how long to wait if it was one too many.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// By each policy that holds; none: there is no limit.
    pub allowances: Vec<Allowance>,
    /// How long until the next is taken; none: this one was.
    pub wait: Option<Duration>,
    /// The policy that refused it.
    pub refused_by: Option<&'static str>,
}

impl Requests {
    pub(super) fn new(clock: ServerClock) -> Self {
        Self { clock, askers: Mutex::default() }
    }

    /// Takes one request of an address, and of a user if it is known whose it is. One that the address may not make does
    /// not count towards the user.
    pub(super) fn take(&self, user: Option<UserId>, address: &str, settings: &LimitSettings) -> Verdict {
        let of_address = (settings.requests_per_second_per_address, settings.requests_burst_per_address);
        let of_user = (settings.requests_per_second, settings.requests_burst);
        let askers = [
            Some(("address", Whose::Address(host(address).to_owned()), of_address)),
            user.map(|user| ("user", Whose::User(user), of_user)),
        ];
        let mut verdict = Verdict::default();
        for (policy, whose, (per_second, burst)) in askers.into_iter().flatten() {
            let Some(taken) = self.take_one(whose, per_second, burst) else { continue };
            let (burst, remaining) = (burst.max(1), taken.unwrap_or(0));
            let seconds_for = |count: u32| count.div_ceil(per_second).max(1);
            let reset_s = seconds_for(burst - remaining);
            let window_s = seconds_for(burst);
            verdict.allowances.push(Allowance { policy, quota: burst, window_s, remaining, reset_s });
            if let Err(wait) = taken {
                verdict.wait = Some(wait);
                verdict.refused_by = Some(policy);
                break;
            }
        }
        verdict
    }

    /// Everybody begins anew: other limits hold.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn take_one(&self, whose: Whose, per_second: u32, burst: u32) -> Option<Result<u32, Duration>> {
        let now = Instant::now();
        let mut askers = self.lock();
        if askers.len() >= FORGET_AT && !askers.contains_key(&whose) {
            askers.retain(|_, asker| asker.full_at > now);
        }
        if !askers.contains_key(&whose) {
            let bucket = Bucket::new(per_second, burst, self.clock)?;
            askers.insert(whose.clone(), Asker { bucket, full_at: now });
        }
        let asker = askers.get_mut(&whose)?;
        let taken = asker.bucket.take();
        let missing = burst.max(1) - taken.unwrap_or(0);
        asker.full_at = now + Duration::from_secs_f64(f64::from(missing) / f64::from(per_second));
        Some(taken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Whose, Asker>> {
        self.askers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> Option<UserId> {
        Some(UserId(uuid::Uuid::from_u128(number)))
    }

    #[tokio::test(start_paused = true)]
    async fn each_has_a_bucket_that_fills_again() {
        let requests = Requests::new(ServerClock::start());
        let settings = LimitSettings { requests_per_second: 2, requests_burst: 4, ..LimitSettings::default() };
        let ask = |who| requests.take(user(who), "10.0.0.1:5", &settings);
        let left: Vec<_> = (0..4).map(|_| ask(1).allowances[0].remaining).collect();
        assert_eq!(left, [3, 2, 1, 0]);
        let refused = ask(1);
        let allowance = Allowance { policy: "user", quota: 4, window_s: 2, remaining: 0, reset_s: 2 };
        assert_eq!((refused.allowances, refused.refused_by), (vec![allowance], Some("user")));
        assert_eq!(refused.wait, Some(Duration::from_millis(500)));
        assert_eq!(ask(2).wait, None, "another user has a bucket of their own");
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!((ask(1).wait, ask(1).wait.is_some()), (None, true));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(ask(1).allowances[0].remaining, 3, "it is no fuller than full");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_as_good_as_new_is_forgotten() {
        let requests = Requests::new(ServerClock::start());
        let settings = LimitSettings {
            requests_per_second_per_address: 1,
            requests_burst_per_address: 1,
            ..LimitSettings::default()
        };
        for number in 0..FORGET_AT {
            assert_eq!(requests.take(None, &format!("host-{number}:1"), &settings).wait, None);
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        requests.take(None, "another:1", &settings);
        assert_eq!(requests.lock().len(), 1);
    }
}
