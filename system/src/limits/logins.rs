//! Failed logins, by email and by address. Only failures count, so nobody who knows their password is slowed down by
//! their own logins; attempts under way count as failures until they have succeeded, so that guesses made at once gain
//! nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::LimitSettings;
use super::bucket::{Bucket, ServerClock};
use super::connections::host;
use crate::domain::bounds::normal_email;
use crate::metrics::{Limit, LoginOutcome, Metrics};
use crate::protocol::ErrorCode;
use crate::refusal::Refusal;

/// How many failures an address may have for each of an email: several people share it.
const ADDRESS_FACTOR: u32 = 10;

/// When those are forgotten that have not failed for long enough to be as good as new.
const FORGET_AT: usize = 10_000;

/// Whom failures are counted of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Whose {
    Email(String),
    Address(String),
}

#[derive(Debug)]
struct Failures {
    bucket: Bucket,
    under_way: u32,
    blocked_until: Instant,
    last: Instant,
}

/// All failures that still count.
#[derive(Debug)]
pub(super) struct Logins {
    clock: ServerClock,
    failures: Mutex<BTreeMap<Whose, Failures>>,
}

/// One check of a password. Dropped without having succeeded, it counts as a failure.
#[derive(Debug)]
pub struct Attempt {
    logins: Arc<Logins>,
    metrics: Arc<Metrics>,
    whose: [Whose; 2],
    succeeded: bool,
}

impl Logins {
    pub(super) fn new(clock: ServerClock) -> Self {
        Self { clock, failures: Mutex::default() }
    }

    pub(super) fn attempt(
        self: &Arc<Self>,
        email: &str,
        address: &str,
        settings: &LimitSettings,
        metrics: &Arc<Metrics>,
    ) -> Result<Attempt, Refusal> {
        let most = settings.login_failures_per_minute;
        let email = Whose::Email(normal_email(email).chars().take(254).collect());
        let whose = [email, Whose::Address(host(address).to_owned())];
        let now = Instant::now();
        let mut failures = self.lock();
        if failures.len() >= FORGET_AT {
            failures.retain(|_, failed| failed.under_way > 0 || failed.last + Duration::from_secs(60) > now);
        }
        for (one, most) in whose.iter().zip([most, most.saturating_mul(ADDRESS_FACTOR)]) {
            let Some(failed) = failures.get(one).filter(|_| most > 0) else { continue };
            if failed.blocked_until > now || failed.under_way >= most {
                let wait = failed.blocked_until.saturating_duration_since(now).max(Duration::from_secs(1));
                metrics.limits.hit(Limit::LoginFailures);
                metrics.limits.login(LoginOutcome::Refused);
                let seconds = wait.as_secs_f64().ceil();
                let detail = format!("too many logins have failed: try again in {seconds} s");
                return Err(Refusal::new(ErrorCode::RateLimited, detail).after(wait));
            }
        }
        for (one, most) in whose.iter().zip([most, most.saturating_mul(ADDRESS_FACTOR)]) {
            let Some(bucket) = Bucket::per_minute(most, self.clock) else { continue };
            let new = Failures { bucket, under_way: 0, blocked_until: now, last: now };
            failures.entry(one.clone()).or_insert(new).under_way += 1;
        }
        drop(failures);
        Ok(Attempt { logins: self.clone(), metrics: metrics.clone(), whose, succeeded: false })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Whose, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// The password was right.
    pub fn succeed(mut self) {
        self.succeeded = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let outcome = if self.succeeded { LoginOutcome::Succeeded } else { LoginOutcome::Failed };
        self.metrics.limits.login(outcome);
        let now = Instant::now();
        let mut failures = self.logins.lock();
        for one in &self.whose {
            let Some(failed) = failures.get_mut(one) else { continue };
            failed.under_way = failed.under_way.saturating_sub(1);
            if !self.succeeded {
                failed.last = now;
                if let Err(wait) = failed.bucket.take() {
                    failed.blocked_until = now + wait;
                }
            }
        }
    }
}
