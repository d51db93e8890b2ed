//! A scenario: data and a short body (SC-1). A field out of its bounds does not compile.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use system::Config;

use super::{Category, Kind, Needs, Priority};
use crate::scenarios::scene::{Scene, Stop};

/// How a body ends: all was looked at, or it cannot go on.
pub type Played = Result<(), Stop>;

/// A scenario's body. The macro [`body`](crate::body) makes one of an `async fn(&Scene) -> Played`.
pub type Body = for<'a> fn(&'a Scene) -> Pin<Box<dyn Future<Output = Played> + 'a>>;

/// Changes the settings of the server that a scenario needs.
pub type Setting = fn(&mut Config);

/// Makes the body of a scenario of an `async fn(&Scene) -> Played`.
#[macro_export]
macro_rules! body {
    ($function:path) => {
        |scene| ::std::boxed::Box::pin($function(scene))
    };
}

/// A named run of a few users against the server, with what is to be seen.
///
/// It is written as a constant, field by field. What breaks a bound of SC-1 does not compile:
///
/// ```compile_fail,E0080
/// use sim::body;
/// use sim::scenarios::model::{Category, Played, Scenario};
/// use sim::scenarios::scene::Scene;
///
/// async fn nothing(_: &Scene) -> Played {
///     Ok(())
/// }
///
/// static TOO_PATIENT: Scenario = Scenario::new(Category::Auth, "auth/patient", "somebody waits", body!(nothing))
///     .timeout_s(301); // timeout_s must be between 1 and 300
/// ```
#[derive(Clone, Copy)]
pub struct Scenario {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    category: Category,
    kind: Kind,
    priority: Priority,
    requirements: &'static [&'static str],
    endpoints: &'static [&'static str],
    events: &'static [&'static str],
    timeout_s: u64,
    retries: u32,
    active: bool,
    needs: &'static [Needs],
    setting: Option<Setting>,
    body: Body,
}

impl Scenario {
    /// A scenario of `category`, whose `id` is the category's name, a slash, and words of lower-case letters, digits and
    /// hyphens: `auth/one-login-serves-both`. `name` says what it shows in a sentence, and is unique in its category.
    ///
    /// Without a further word it is of medium priority, about both sides, has 60 s, and is not retried.
    pub const fn new(category: Category, id: &'static str, name: &'static str, body: Body) -> Self {
        assert!(
            is_id_of(id, category.name()),
            "id must be the category's name, a slash, and lower-case words with hyphens"
        );
        assert!(id.len() <= 100, "id must have at most 100 characters");
        assert!(!name.is_empty(), "name must not be empty");
        assert!(name.len() <= 200, "name must have at most 200 characters");
        Self {
            id,
            name,
            description: name,
            category,
            kind: Kind::Integration,
            priority: Priority::Medium,
            requirements: &[],
            endpoints: &[],
            events: &[],
            timeout_s: 60,
            retries: 0,
            active: true,
            needs: &[],
            setting: None,
            body,
        }
    }

    /// What it shows at length, where the name does not say all.
    #[must_use]
    pub const fn description_is(mut self, description: &'static str) -> Self {
        assert!(!description.is_empty(), "description must not be empty");
        self.description = description;
        self
    }

    /// Which side it is about.
    #[must_use]
    pub const fn about(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// How much it matters.
    #[must_use]
    pub const fn of_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// The rows of REQUIREMENTS.md that it proves.
    #[must_use]
    pub const fn proves(mut self, requirements: &'static [&'static str]) -> Self {
        assert!(!requirements.is_empty(), "requirements must name at least one row");
        self.requirements = requirements;
        self
    }

    /// The endpoints that it uses, each as `POST /api/v1/rooms`: looked up in the published document when the suite
    /// starts, and among what was asked when it ends.
    #[must_use]
    pub const fn uses(mut self, endpoints: &'static [&'static str]) -> Self {
        assert!(!endpoints.is_empty(), "endpoints must name at least one");
        self.endpoints = endpoints;
        self
    }

    /// The types of frames that somebody must hear, each as `message.created`: looked up in the published document when
    /// the suite starts, and among what was heard when it ends.
    #[must_use]
    pub const fn expects(mut self, events: &'static [&'static str]) -> Self {
        assert!(!events.is_empty(), "events must name at least one");
        self.events = events;
        self
    }

    /// How long it may take, cleaning up apart: 1 to 300 seconds, simulated or real.
    #[must_use]
    pub const fn timeout_s(mut self, timeout_s: u64) -> Self {
        assert!(timeout_s >= 1 && timeout_s <= 300, "timeout_s must be between 1 and 300");
        self.timeout_s = timeout_s;
        self
    }

    /// How often it is begun again after it failed: 0 to 5 times.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> Self {
        assert!(retries <= 5, "retries must be between 0 and 5");
        self.retries = retries;
        self
    }

    /// It is kept and listed, and not run.
    #[must_use]
    pub const fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    /// What it needs beyond a server that answers. What cannot be had is a reason to skip it.
    #[must_use]
    pub const fn needs(mut self, needs: &'static [Needs]) -> Self {
        assert!(!needs.is_empty(), "needs must name at least one");
        self.needs = needs;
        self
    }

    /// The settings that the server must have, on top of the suite's own. A server of somebody else cannot be given any.
    #[must_use]
    pub const fn with_settings(mut self, setting: Setting) -> Self {
        self.setting = Some(setting);
        self
    }

    /// Its permanent name.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// What it shows, as a sentence.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The same at length.
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// Its category.
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Which side it is about.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How much it matters.
    pub const fn priority(&self) -> Priority {
        self.priority
    }

    /// The rows of REQUIREMENTS.md that it proves.
    pub const fn requirements(&self) -> &'static [&'static str] {
        self.requirements
    }

    /// The endpoints that it uses.
    pub const fn endpoints(&self) -> &'static [&'static str] {
        self.endpoints
    }

    /// The types of frames that somebody must hear.
    pub const fn events(&self) -> &'static [&'static str] {
        self.events
    }

    /// How long it may take.
    pub const fn timeout(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.timeout_s)
    }

    /// How often it may be begun again.
    pub const fn retry_limit(&self) -> u32 {
        self.retries
    }

    /// Whether it is run.
    pub const fn is_active(&self) -> bool {
        self.active
    }

    /// What it needs.
    pub const fn needed(&self) -> &'static [Needs] {
        self.needs
    }

    /// The settings that the server must have.
    pub const fn setting(&self) -> Option<Setting> {
        self.setting
    }

    /// What is done.
    pub const fn body(&self) -> Body {
        self.body
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Scenario").field(&self.id).finish()
    }
}

/// Whether `id` is `category`, a slash, and words. Slices cannot be compared in constants, so it is done byte by byte.
const fn is_id_of(id: &str, category: &str) -> bool {
    let (id, category) = (id.as_bytes(), category.as_bytes());
    if id.len() < category.len() + 2 || id[category.len()] != b'/' {
        return false;
    }
    let mut at = 0;
    while at < id.len() {
        let fits = if at < category.len() {
            id[at] == category[at]
        } else {
            at == category.len() || matches!(id[at], b'a'..=b'z' | b'0'..=b'9' | b'-')
        };
        if !fits {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_category_and_words() {
        assert!(is_id_of("auth/one-login", "auth"));
        for wrong in ["", "auth", "auth/", "rooms/one", "auth/One", "auth/one/two", "authx/one", "auth-one"] {
            assert!(!is_id_of(wrong, "auth"), "{wrong}");
        }
    }
}
